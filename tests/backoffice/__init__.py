"""The practice back office: six programs a returns clerk re-types between, with a truth they never show."""
