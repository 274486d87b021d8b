"""Histories: what clients have asked of a server at once, and whether one order of it all explains what they were answered."""
