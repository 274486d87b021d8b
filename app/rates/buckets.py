"""Buckets of tokens in a piece of memory that several processes share: one for each client, as many as there is room for.

The memory holds, of each place, who has it, how many tokens are left, and since when. Each is a number of eight bytes that is
written at once, and nobody holds a lock: a process that is killed keeps nobody waiting. Two that take a token of one client in
the same microsecond may take the same one.
"""

import time
from collections.abc import Callable
from functools import lru_cache, partial
from hashlib import blake2b
from multiprocessing import get_context
from secrets import token_bytes
from typing import Any

from token_bucket import StorageBase

PLACES = 4096
"""So many clients are counted at a time; of more, one that has been silent for long begins anew."""
TRIED_PLACES = 8
"""A client may have one of so many places."""
KEYS = "client key "
"""What the names of known keys begin with. They have half of the places: no address takes the place of a key."""
_BYTES = 8
_SALT_BYTES = 16
"""Nobody else knows them, so nobody can choose addresses that have the places of another client."""
_END = 3 * PLACES * _BYTES


def make_buckets_memory() -> Any:
    """Return memory for buckets, without any, for processes that are started with it."""
    return get_context("spawn").RawArray("B", _new_memory())


class SharedBuckets(StorageBase):
    """A storage of buckets for `token_bucket.Limiter`."""

    def __init__(self, memory: memoryview | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        """Without memory no other process shares them. The clock has to be the same in all processes, as the default is."""
        self._clock = clock
        memory = memoryview(_new_memory()) if memory is None else memory
        end = PLACES * _BYTES
        self._number = lru_cache(maxsize=PLACES)(partial(_number, memory[_END:].tobytes()))
        self._clients = memory[:end].cast("Q")
        self._tokens, self._times = memory[end : 2 * end].cast("d"), memory[2 * end : _END].cast("d")

    def get_token_count(self, key: str | bytes) -> float:
        """Return how many tokens were left when they were counted last."""
        return self._tokens[self._find(self._number(key))]

    def replenish(self, key: str | bytes, rate: float, capacity: int) -> None:
        """Add the tokens of the time since they were counted last; a bucket that is new is full."""
        number, now = self._number(key), self._clock()
        place = self._find(number)
        if self._clients[place] != number:
            self._clients[place], self._tokens[place] = number, capacity
        else:
            gained = rate * max(0.0, now - self._times[place])
            self._tokens[place] = min(capacity, self._tokens[place] + gained)
        self._times[place] = now

    def consume(self, key: str | bytes, num_tokens: int) -> bool:
        """Take tokens, if there are so many."""
        place = self._find(self._number(key))
        if self._tokens[place] < num_tokens:
            return False
        self._tokens[place] -= num_tokens
        return True

    def _find(self, number: int) -> int:
        """Return the place of a client, or the one that has been left alone for longest of those that it may have."""
        half = PLACES // 2
        first = number % 2 * half
        places = [first + (number // 2 + step) % half for step in range(TRIED_PLACES)]
        for place in places:
            if self._clients[place] == number:
                return place
        return min(places, key=self._times.__getitem__)


def _new_memory() -> bytearray:
    """Return memory without buckets, with a salt of its own at the end."""
    return bytearray(_END) + token_bytes(_SALT_BYTES)


def _number(salt: bytes, key: str | bytes) -> int:
    """Return the number of a client: the same in all processes, odd for a key, and never 0, which stands for nobody."""
    name = key if isinstance(key, bytes) else key.encode()
    digest = int.from_bytes(blake2b(name, key=salt, digest_size=_BYTES).digest())
    return (digest | 1) if name.startswith(KEYS.encode()) else (digest & ~1) or 2
