"""Power cuts: what a service does to its store is recorded, and what a crash may leave of it is made again."""
