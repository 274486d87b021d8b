"""Whether what is being computed is still wanted: its client may have gone.

The edge says so, and long work asks between two pieces. It is a context variable, so that it reaches the thread in
which the work is done, and no function on the way needs to know of it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Event

from app.errors import NotWanted

_is_unwanted: ContextVar[Event | None] = ContextVar("is_unwanted", default=None)


@contextmanager
def cancelled_by(event: Event) -> Iterator[None]:
    """Have the work that is begun meanwhile stop once an event is set."""
    token = _is_unwanted.set(event)
    try:
        yield
    finally:
        _is_unwanted.reset(token)


def stop_if_unwanted() -> None:
    """Raise `NotWanted` if no one waits for the result any more."""
    event = _is_unwanted.get()
    if event is not None and event.is_set():
        raise NotWanted("the client has gone")
