"""A rate of requests, and the limit that it is for each client: a bucket of tokens, of which each request takes one."""

import time
from collections.abc import Callable
from math import ceil
from typing import NamedTuple

from token_bucket import Limiter

from app.rates.buckets import SharedBuckets

SECONDS = {"second": 1, "minute": 60, "hour": 3600}


class Rate(NamedTuple):
    """So many requests in so many seconds."""

    requests: int
    seconds: int

    @staticmethod
    def read(text: str) -> "Rate":
        """Return what `100/second` says, as settings have checked it."""
        requests, _, unit = text.partition("/")
        return Rate(int(requests), SECONDS[unit])

    def __str__(self) -> str:
        unit = next(unit for unit, seconds in SECONDS.items() if seconds == self.seconds)
        return f"{self.requests} {'request' if self.requests == 1 else 'requests'} {'an' if unit == 'hour' else 'a'} {unit}"


def limit_rate(text: str | None, memory: memoryview | None) -> "RateLimit | None":
    """Return the limit that a setting says; None: none is set."""
    return None if text is None else RateLimit(Rate.read(text), memory)


class Standing(NamedTuple):
    """How a client stands after a request."""

    is_allowed: bool
    left: int
    """How many more it may send at once."""
    seconds: int
    """After so many it may send one more than that."""


class RateLimit:
    """Clients may send so many requests in a time, and as many at once if they have sent none for so long."""

    def __init__(
        self, rate: Rate, memory: memoryview | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """The memory is what processes share that count together; None: this one counts alone."""
        self.rate = rate
        self._buckets = SharedBuckets(memory, clock)
        self._limiter = Limiter(rate.requests / rate.seconds, rate.requests, self._buckets)

    def take(self, client: str) -> Standing:
        """Count a request of a client, if it may send one."""
        is_allowed = self._limiter.consume(f"client {client}")
        tokens = self._buckets.get_token_count(f"client {client}")
        left = max(0, int(tokens))
        seconds = ceil((left + 1 - tokens) * self.rate.seconds / self.rate.requests)
        return Standing(is_allowed, left, max(1, seconds))
