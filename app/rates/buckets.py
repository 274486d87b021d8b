"""Buckets of tokens in a piece of memory that several processes share: one for each client, as many as there is room for.

The memory holds, of each place, who has it, how many tokens are left, and since when. Each is a number of eight bytes that is
written at once, and nobody holds a lock: a process that is killed keeps nobody waiting. Two that take a token of one client in
the same microsecond may take the same one.
"""

import time
from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from multiprocessing import get_context
from typing import Any

from token_bucket import StorageBase

PLACES = 4096
"""So many clients are counted at a time; of more, one that has been silent for long begins anew."""
TRIED_PLACES = 8
"""A client may have one of so many places."""
_BYTES = 8


def make_buckets_memory() -> Any:
    """Return memory for buckets, without any, for processes that are started with it."""
    return get_context("spawn").RawArray("b", 3 * PLACES * _BYTES)


class SharedBuckets(StorageBase):
    """A storage of buckets for `token_bucket.Limiter`."""

    def __init__(self, memory: memoryview | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        """Without memory no other process shares them. The clock has to be the same in all processes, as the default is."""
        self._clock = clock
        memory = memoryview(bytearray(3 * PLACES * _BYTES)) if memory is None else memory
        end = PLACES * _BYTES
        self._clients = memory[:end].cast("Q")
        self._tokens, self._times = memory[end : 2 * end].cast("d"), memory[2 * end :].cast("d")

    def get_token_count(self, key: str | bytes) -> float:
        """Return how many tokens were left when they were counted last."""
        return self._tokens[self._find(_number(key))]

    def replenish(self, key: str | bytes, rate: float, capacity: int) -> None:
        """Add the tokens of the time since they were counted last; a bucket that is new is full."""
        number, now = _number(key), self._clock()
        place = self._find(number)
        if self._clients[place] != number:
            self._clients[place], self._tokens[place] = number, capacity
        else:
            gained = rate * max(0.0, now - self._times[place])
            self._tokens[place] = min(capacity, self._tokens[place] + gained)
        self._times[place] = now

    def consume(self, key: str | bytes, num_tokens: int) -> bool:
        """Take tokens, if there are so many."""
        place = self._find(_number(key))
        if self._tokens[place] < num_tokens:
            return False
        self._tokens[place] -= num_tokens
        return True

    def _find(self, number: int) -> int:
        """Return the place of a client, or the one that has been left alone for longest of those that it may have."""
        places = [(number + step) % PLACES for step in range(TRIED_PLACES)]
        for place in places:
            if self._clients[place] == number:
                return place
        return min(places, key=self._times.__getitem__)


@lru_cache(maxsize=PLACES)
def _number(key: str | bytes) -> int:
    """Return the number of a client: the same in all processes, and never 0, which stands for nobody."""
    return int.from_bytes(blake2b(key.encode() if isinstance(key, str) else key, digest_size=_BYTES).digest()) or 1
