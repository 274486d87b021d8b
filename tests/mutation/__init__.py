"""Seeded bugs that the suite must find: `make mutants`."""
