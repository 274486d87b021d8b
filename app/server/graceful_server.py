"""The server: uvicorn, stopping in such a way that everyone who has connected is answered.

uvicorn closes its listener at once, and with it the connections that the system has accepted and uvicorn has not; it also
closes connections whose request is on its way. Here the listener first takes no new connections, then those that wait
are accepted and answered, with `Connection: close`, and only then it is closed.
"""

import asyncio
import logging
import select
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

from uvicorn import Server

from app.server.listener import take_no_new_connections

log = logging.getLogger("scorecast.server")

SETTLE_SECONDS = 0.2
"""How long connections that are being made have to be there, and requests on their way to arrive."""
FIRST_REQUEST_SECONDS = 1.0
"""How long a connection without a request is waited for."""
GIVING_UP_SECONDS = 0.5
"""How long requests that are given up have to notice it."""
LOOK_SECONDS = 0.01
"""Between two looks at what is waiting."""


class GracefulServer(Server):
    """A server that loses no one when it stops; its exit code is 0 then."""

    _stop_by = 0.0
    """When requests have to be done, as the server was told to stop."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - as uvicorn calls it
        """Stop, as a signal asks for; the application is told at once."""
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        self.should_exit = True
        self._stop_by = self._stop_by or time.monotonic() + self._grace
        if hasattr(self, "lifespan"):
            stop: Callable[[], None] = self.lifespan.state.get("stop", bool)
            stop()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer those who have connected, then stop as uvicorn does."""
        self.server_state.default_headers = [*self.server_state.default_headers, (b"connection", b"close")]
        for connection in list(self.server_state.connections):
            if not _is_idle(connection):
                connection.shutdown()  # it is closed after its answer
        listeners = [listener.fileno() for server in self.servers for listener in server.sockets]
        if sockets is None:  # the supervisor does it for several workers: one of them may stop alone
            take_no_new_connections(listeners)
        await self._until(lambda: not select.select(listeners, [], [], 0)[0], SETTLE_SECONDS, FIRST_REQUEST_SECONDS)
        for server in self.servers:
            server.close()
        await self._until(lambda: not any(map(_is_awaited, self.server_state.connections)), 0, FIRST_REQUEST_SECONDS)
        self._stop_by = self._stop_by or time.monotonic() + self._grace
        self.config.timeout_graceful_shutdown = None  # which would be counted from now on
        await super().shutdown(sockets)

    @property
    def _grace(self) -> int:
        return self.config.timeout_graceful_shutdown or 0

    async def _wait_tasks_to_complete(self) -> None:
        """Wait for requests until the time that they have from the signal on is up; those that are left are answered 503."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._stop_by - time.monotonic()):
                await super()._wait_tasks_to_complete()
                return
        log.warning("the time to stop is up: %d requests are given up", len(self.server_state.tasks))
        for connection in list(self.server_state.connections):
            connection.give_up()  # type: ignore[union-attr]  # it is of our protocol
        await self._until(lambda: not self.server_state.tasks, 0, GIVING_UP_SECONDS)
        for task in self.server_state.tasks:
            task.cancel("the time to stop is up")

    async def _until(self, is_done: Callable[[], bool], least: float, most: float) -> None:
        """Wait until something is so, for `least` to `most` seconds."""
        began = time.monotonic()
        while not self.force_exit and (seconds := time.monotonic() - began) < most:
            if seconds >= least and is_done():
                return
            await asyncio.sleep(LOOK_SECONDS)


def _is_new(connection: object) -> bool:
    """Whether a connection has not had a request yet."""
    return getattr(connection, "cycle", None) is None


def _is_idle(connection: object) -> bool:
    """Whether a connection has no request that is being answered."""
    return _is_new(connection) or bool(connection.cycle.response_complete)  # type: ignore[attr-defined]


def _is_awaited(connection: object) -> bool:
    """Whether a request may be on its way over a connection: its first one, or one of which a part has come."""
    return _is_new(connection) or (_is_idle(connection) and not connection.is_idle)  # type: ignore[attr-defined]
