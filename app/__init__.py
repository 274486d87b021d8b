"""The service: HTTP, store, registry, jobs, command line."""
