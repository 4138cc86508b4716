"""KontoDirekt, the practice bank program: a desktop window made with the standard library only."""
