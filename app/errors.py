"""What can go wrong in the service."""
