"""The log of a server as the tests read it: JSON, a line an event."""

import json
from typing import Any

from tests.support.server import Server


def events(server: Server) -> list[dict[str, Any]]:
    """Return what a server has logged since it was last started; each line has to be one whole JSON object."""
    return [json.loads(line) for line in server.log.splitlines()]


def requests(server: Server) -> list[dict[str, Any]]:
    """Return the lines of its access log."""
    return [event for event in events(server) if event["logger"] == "scorecast.access"]


def complaints(server: Server) -> list[dict[str, Any]]:
    """Return what it has complained of."""
    return [event for event in events(server) if event["level"] in {"warning", "error", "critical"}]
