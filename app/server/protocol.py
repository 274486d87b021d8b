"""HTTP as the server speaks it: uvicorn's, with limits to heads and to slowness, and with errors in the shape of all others.

The parser joins the pieces of a head again and again, which takes the square of its length: 300 MB held the server up for
minutes. What cannot be parsed reaches no application, so that it is answered here. A request has a bounded time to come, or
clients that send nothing more would hold their connections for ever.
"""

import asyncio
import select
from http import HTTPStatus
from typing import Any

from pydantic_core import to_json
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.rest import make_problem

MAX_HEAD_BYTES = 64 * 1024
"""Of a request's head, or of what follows its body (trailers): so many are read, twice as many are refused."""

TOO_LONG = (
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    f"the request's head is longer than the {MAX_HEAD_BYTES:,} bytes that are allowed: send a shorter path or fewer headers",
)
MALFORMED = HTTPStatus.BAD_REQUEST, "the request is not valid HTTP/1.1: use an HTTP client"

STOPPING = HTTPStatus.SERVICE_UNAVAILABLE, "the server is stopping and had no time left for this request: send it again"

RECEIVE_SECONDS = 30.0
"""How long a request may take to come unless the application's state says otherwise (`receive_seconds`)."""
MIN_BYTES_A_SECOND = 1000
"""Of a request that takes longer: it has one second more for so many bytes that have come."""
TOO_SLOW = (
    "the request had not arrived whole after {:g} seconds and one more for each {:,} bytes that had arrived "
    "(SCORECAST_RECEIVE_SECONDS): send it faster, or send a large table in parts"
)
UNREAD_SECONDS = 0.5
"""How long what has come and has not been read, since something held the server up, may take to be read."""
LAST_REQUEST_SECONDS = 1.0
"""How long a request that comes in the moment in which the server stops is waited for."""


class LimitedHttpProtocol(HttpToolsProtocol):
    """One connection."""

    _since_parsed = 0
    """Bytes that have come since a head was complete, or a piece of a body."""
    _is_coming = False
    """Whether a request has begun to come, and is not whole."""
    _watch: asyncio.TimerHandle | None = None
    """Looks whether what is coming comes in time."""
    _watched_since, _come = 0.0, 0

    @property
    def is_idle(self) -> bool:
        """Whether there is no request, neither one that is coming nor one that is being answered."""
        return not self._is_coming and (self.cycle is None or self.cycle.response_complete)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Take a connection; one on which nothing comes is closed as an idle one is."""
        super().connection_made(transport)
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._unset_keepalive_if_required()
        self._stop_watching()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what has come."""
        if len(data) > MAX_HEAD_BYTES:
            for start in range(0, len(data), MAX_HEAD_BYTES):
                self.data_received(data[start : start + MAX_HEAD_BYTES])
            return
        if self.parser is None or self.transport.is_closing():
            return
        self._since_parsed += len(data)
        super().data_received(data)
        if self._since_parsed > MAX_HEAD_BYTES and not self.transport.is_closing():
            self._refuse(*TOO_LONG)
        self._note_arrival(len(data))

    def on_message_begin(self) -> None:
        """Begin to take a request."""
        self._is_coming = True
        super().on_message_begin()

    def on_message_complete(self) -> None:
        """Note that a request is whole."""
        self._is_coming = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Go on to the next request; the rest of a body that was answered before it was whole is not waited for so long."""
        super().on_response_complete()
        if self._watch is not None:
            self._watched_since, self._come = self.loop.time(), 0

    def shutdown(self) -> None:
        """Close an idle connection as the server stops, unless a request has come that has not been read: it is answered."""
        if self.is_idle and not self.transport.is_closing() and _has_unread(self.transport):
            self.loop.call_later(LAST_REQUEST_SECONDS, super().shutdown)
        elif self._is_coming and (self.cycle is None or self.cycle.response_complete):
            self._refuse(*STOPPING)  # its head is not whole
        else:
            super().shutdown()

    def give_up(self) -> None:
        """Close the connection, as the server has to end now; a request that has no answer yet is answered 503."""
        if self.is_idle:
            self.transport.close()
        elif not self.transport.is_closing():
            self._end(*STOPPING)

    def on_headers_complete(self) -> None:
        """Begin to answer a request whose head is complete."""
        self._since_parsed = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a piece of a body."""
        self._since_parsed = 0
        super().on_body(body)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - what uvicorn would say
        """Answer what cannot be parsed."""
        self._refuse(*MALFORMED)

    def _note_arrival(self, count: int) -> None:
        """Have what is coming looked after; a request that comes at once needs no timer."""
        if not (self._is_coming or self._since_parsed) or self.transport.is_closing():
            self._stop_watching()
        elif self._watch is None:
            self._watched_since, self._come = self.loop.time(), count
            self._watch = self.loop.call_later(self._receive_seconds, self._look)
        else:
            self._come += count

    def _stop_watching(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    @property
    def _receive_seconds(self) -> float:
        return float(self.app_state.get("receive_seconds", RECEIVE_SECONDS))

    def _look(self) -> None:
        """Refuse what is not whole when its time is up, unless it has come fast enough."""
        now, cycle = self.loop.time(), self.cycle
        is_body = cycle is not None and cycle.scope is self.scope
        is_answered = cycle is None or cycle.response_complete
        if self.flow.read_paused or (not is_answered and (not is_body or cycle.waiting_for_100_continue)):
            self._watched_since, self._come = now, 0  # we are what it waits for
        is_over = is_body and is_answered
        left = self._watched_since + self._receive_seconds - now
        if not is_over:
            left += self._come / MIN_BYTES_A_SECOND
            left = max(left, UNREAD_SECONDS) if _has_unread(self.transport) else left
        if left > 0:
            self._watch = self.loop.call_later(left, self._look)
        else:
            self._watch = None
            self._end(HTTPStatus.REQUEST_TIMEOUT, TOO_SLOW.format(self._receive_seconds, MIN_BYTES_A_SECOND))

    def _end(self, status: HTTPStatus, detail: str) -> None:
        """Refuse a request, unless its answer has begun, and close the connection; the application is told that its client has gone."""
        cycle = self.cycle
        is_answered = cycle is None or cycle.response_complete
        if not is_answered:
            cycle.disconnected = True
            cycle.message_event.set()
        if cycle is not None and cycle.response_started and (not is_answered or cycle.scope is self.scope):
            self.transport.close()
        else:
            self._refuse(status, detail)

    def _refuse(self, status: HTTPStatus, detail: str) -> None:
        document = make_problem(status, detail, "")
        body = to_json(document)
        headers = [
            *(each for each in self.server_state.default_headers if each[0] != b"connection"),
            (b"content-type", b"application/problem+json"),
            (b"content-length", b"%d" % len(body)),
            (b"x-request-id", document["request_id"].encode()),
            *([(b"retry-after", b"1")] if status is HTTPStatus.SERVICE_UNAVAILABLE else []),
            (b"connection", b"close"),
        ]
        head = b"".join(b"%b: %b\r\n" % header for header in headers)
        self.transport.write(b"HTTP/1.1 %d %b\r\n%b\r\n%b" % (status, status.phrase.encode(), head, body))
        self.transport.close()


def _has_unread(transport: asyncio.Transport) -> bool:
    """Whether something has come over a connection that has not been read."""
    connection: Any = transport.get_extra_info("socket")
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))
