"""The neural network: NumPy and the standard library; no disk, no clock, no HTTP, no settings."""
