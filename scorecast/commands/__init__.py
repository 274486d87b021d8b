"""The commands of the shell that ask a service; they need `pip install 'scorecast[cli]'`."""

from scorecast.commands.main import main

__all__ = ["main"]
