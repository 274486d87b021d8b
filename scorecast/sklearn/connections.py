"""Connections to services, one for each address and process, and the models that go with their estimators.

A model that nobody has named is its estimator's own. Once the estimator is garbage, a thread has the service remove the model:
collecting garbage must not wait for a service. What is left when the process ends is removed then.
"""

import atexit
import os
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from queue import SimpleQueue
from threading import Thread
from weakref import finalize

from scorecast.client import Client, Refused, ScorecastError

LAST_SECONDS = 5.0
"""How long the end of a process waits for an answer of a service."""


@dataclass(frozen=True)
class OwnModel:
    """A model that is to go with its estimator, and the process that has trained it."""

    url: str
    name: str
    process: int


_held: set[OwnModel] = set()
"""Those that have not been removed yet."""
_left: "SimpleQueue[OwnModel]" = SimpleQueue()  # whose `put` may be called while garbage is collected
_removers: list[Thread] = []


def connect(url: str | None) -> Client:
    """Return a client for a service: by its `url`, or SCORECAST_URL, or this machine's."""
    chosen = url or os.environ.get("SCORECAST_URL")
    return _client(chosen, os.environ.get("SCORECAST_KEY"), os.getpid())


@cache
def _client(url: str | None, key: str | None, _process: int) -> Client:
    """Return the client of this process: a connection does not survive a fork."""
    client = Client(url, key)
    atexit.register(client.close)
    return client


def hold(estimator: object, url: str, name: str) -> finalize:  # type: ignore[type-arg]
    """Have a model removed with its estimator; calling what is returned does so now, and its `detach` never."""
    own = OwnModel(url, name, os.getpid())
    _held.add(own)
    if not any(each.is_alive() for each in _removers):
        _removers[:] = [Thread(target=_remove_what_is_left, name="scorecast-remover", daemon=True)]
        _removers[0].start()
    holder = finalize(estimator, _let_go, own)
    holder.atexit = False  # `_remove_all` does it
    return holder


def keep(holder: finalize | None) -> None:  # type: ignore[type-arg]
    """Have a model stay when its estimator goes."""
    if holder is not None and (found := holder.detach()) is not None:
        _held.discard(found[2][0])


def _let_go(own: OwnModel) -> None:
    if own.process == os.getpid():  # a fork's copies are not its own
        _left.put(own)


def _remove_what_is_left() -> None:
    while True:
        own = _left.get()
        with suppress(ScorecastError, RuntimeError):  # the second: the process ends, and its clients are closed
            _delete(connect(own.url), own.name)
            _held.discard(own)  # what cannot be removed now is tried again at the end


@atexit.register
def _remove_all() -> None:
    """Remove what is held at the end of the process, unless its service has gone."""
    mine = [own for own in [*_held] if own.process == os.getpid()]
    for url in {own.url for own in mine}:
        with suppress(ScorecastError), Client(url, timeout=LAST_SECONDS, retries=0) as client:
            for own in mine:
                if own.url == url:
                    _delete(client, own.name)


def _delete(client: Client, name: str) -> None:
    """Remove a model, which may have gone."""
    with suppress(Refused):
        client.delete(name)
