"""Real programs of other makers that the portals are tested on: each is installed once a machine and copied for a test."""
