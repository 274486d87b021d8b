"""What is held of requests that are worked on in threads, or wait for that: how much, and how much may be."""

from typing import Protocol

from app.errors import TooBusy

MAX_REQUESTS = 200
"""Unless settings say otherwise."""


class _Arriving(Protocol):
    """A body that is arriving."""

    def is_slow(self) -> bool:
        """Return whether too little has come of late."""
        ...

    def end(self) -> None:
        """Stop waiting for the rest."""
        ...


class HeldBytes:
    """How many bytes of large bodies are in memory, and how many requests: those that arrive, are worked on, or wait for that."""

    def __init__(self) -> None:
        self.bytes = self.requests = 0
        self.max_requests = MAX_REQUESTS
        self.arrivals: set[_Arriving] = set()

    def check_requests(self) -> None:
        """Raise `TooBusy` if there is no room for one more."""
        if self.requests >= self.max_requests:
            raise TooBusy(
                f"{self.requests} predictions of tables are being worked on or waiting, as many as are allowed "
                "(SCORECAST_MAX_CONCURRENT_PREDICTIONS): try again later"
            )
