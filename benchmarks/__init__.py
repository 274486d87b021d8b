"""One script per claim; each prints a ratio taken in one run."""
