"""Which request this is: its id, the trace that it is part of, and the model that it is for.

Lines of the log and problem documents have it. It is known wherever a request's context is: in its task, and in the
threads that work for it.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count
from secrets import token_hex
from typing import NamedTuple

_REQUEST_ID = re.compile(rb"[A-Za-z0-9_.:@+/=-]{1,128}")
_TRACEPARENT = re.compile(rb"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?")
_FIRST_VERSION_BYTES = 55
"""Of a traceparent of version 00; only later versions may have more members."""

_SAYING = frozenset({b"x-request-id", b"traceparent"})

_process, _numbers = token_hex(6), count(1)


class RequestIdentity(NamedTuple):
    """Which request it is, as far as that is known."""

    request_id: str
    trace_id: str = ""
    """Of the trace that it is part of (Trace Context, W3C); nothing if it is part of none."""
    model_name: str = ""
    model_version: int | None = None


_current: ContextVar[RequestIdentity | None] = ContextVar("request", default=None)


def current() -> RequestIdentity | None:
    """Return which request this is; None outside of any."""
    return _current.get()


def note_request(identity: RequestIdentity) -> None:
    """Have this be the request, until its task ends."""
    _current.set(identity)


@contextmanager
def within_request(identity: RequestIdentity) -> Iterator[None]:
    """Have this be the request for the time of the block."""
    token = _current.set(identity)
    try:
        yield
    finally:
        _current.reset(token)


def note_model(name: str, version: int | None = None) -> None:
    """Note which model this request is for."""
    if (known := _current.get()) is not None:
        _current.set(known._replace(model_name=name, model_version=version))


def identify(headers: Iterable[tuple[bytes, bytes]]) -> RequestIdentity:
    """Return which request a head begins.

    Its id is what `X-Request-ID` says, if that is well formed; else the id of the trace that a valid `traceparent` says
    that it is part of; else a new one.
    """
    found = dict(headers)
    if _SAYING.isdisjoint(found):
        return RequestIdentity(new_request_id())
    trace_id = _find_trace(found[b"traceparent"]) if b"traceparent" in found else ""
    asked = found.get(b"x-request-id")
    if asked is not None and _REQUEST_ID.fullmatch(asked):
        return RequestIdentity(asked.decode(), trace_id)
    return RequestIdentity(trace_id or new_request_id(), trace_id)


def new_request_id() -> str:
    """Return an id that no other request has had: one of this process, and a number."""
    return f"{_process}-{next(_numbers):x}"


def _find_trace(traceparent: bytes) -> str:
    """Return the trace id of a traceparent; nothing if it is not valid."""
    found = _TRACEPARENT.fullmatch(traceparent)
    if found is None or (traceparent.startswith(b"00") and len(traceparent) != _FIRST_VERSION_BYTES):
        return ""
    return found[1].decode()
