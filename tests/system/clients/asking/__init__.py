"""What runs in the clients' environments: each asks a server by its client, and writes what it was told as JSON."""
