"""Running: one process that serves, or several, until a signal says to stop."""

import sys
from typing import Any

from uvicorn import Config
from uvicorn.config import STARTUP_FAILURE

from app.counts import SharedCounts
from app.logs import set_up
from app.server.graceful_server import GracefulServer
from app.server.supervisor import Supervisor
from app.store import StoreIdentity


def make_application(
    identity: StoreIdentity, logs: dict[str, Any], counts: Any = None, place: int | None = None, buckets: Any = None
) -> object:
    """Return the application over the store that was there at the start, for a process that serves and logs so.

    `counts` is the memory in which all processes count, and `place` where this one does; None: it counts for itself. In
    `buckets` all of them count the requests of each client.
    """
    set_up(logs)
    from app.main import create_app  # noqa: PLC0415 - a process that only supervises others does not load it

    shared = None
    if counts is not None:
        shared = SharedCounts.of_several(memoryview(counts).cast("B"), place, memoryview(buckets).cast("B"))
    return create_app(identity=identity, counts=shared)


def run(config: Config) -> None:
    """Serve until a signal says to stop."""
    if config.workers > 1:
        Supervisor(config, [config.bind_socket()]).run()
        return
    server = GracefulServer(config)
    server.run()
    if not server.started:
        sys.exit(STARTUP_FAILURE)
