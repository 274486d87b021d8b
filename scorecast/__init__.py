"""Scorecast from outside: a client for Python, and the commands of the shell. Neither needs NumPy or the web framework."""
