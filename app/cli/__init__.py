"""The command line of the service itself, and what has to be so before it serves."""

from app.cli.commands import main, run_here, serve

__all__ = ["main", "run_here", "serve"]
