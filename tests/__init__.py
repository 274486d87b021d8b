"""The tests mirror the source, file by file."""
