"""Requests over HTTP: sent again where the service says that it may be, or did not answer; refused ones as exceptions."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from scorecast.client.errors import Refused, Unreachable

try:
    import httpx
except ImportError as error:
    raise ImportError("the client needs httpx: pip install 'scorecast[client]'") from error

DEFAULT_URL = "http://127.0.0.1:8000"
AGAIN = frozenset({429, 503})
"""Statuses of requests that may be sent again as they are."""
ATTEMPTS = 5
FIRST_PAUSE_SECONDS, MAX_PAUSE_SECONDS = 0.2, 30.0


class Transport:
    """A connection to a service."""

    def __init__(self, url: str | None, key: str | None, timeout: float) -> None:
        address = url or os.environ.get("SCORECAST_URL") or DEFAULT_URL
        secret = key or os.environ.get("SCORECAST_KEY")
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        self.url = address.rstrip("/")
        self._http = httpx.Client(base_url=self.url, headers=headers, timeout=timeout)

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def get(self, path: str, **query: Any) -> Any:
        """Return the JSON at a path. Raises `Refused`, `Unreachable`."""
        return self.send("GET", path, query=query).json()

    def send(self, method: str, path: str, *, query: Mapping[str, Any] | None = None, **request: Any) -> httpx.Response:
        """Send a request that may be sent again. Raises `Refused`, `Unreachable`."""
        known = {name: value for name, value in (query or {}).items() if value is not None}
        pause = FIRST_PAUSE_SECONDS
        for attempt in range(1, ATTEMPTS + 1):
            try:
                response = self._http.request(method, path, params=known, **request)
            except httpx.TransportError as error:
                if attempt == ATTEMPTS:
                    raise Unreachable(f"{self.url} cannot be reached: {error}") from error
            else:
                if response.status_code not in AGAIN or attempt == ATTEMPTS:
                    return _check(response)
                pause = max(pause, _asked_pause(response))
            time.sleep(min(pause, MAX_PAUSE_SECONDS))
            pause *= 2
        raise AssertionError("the last attempt returns or raises")

    @contextmanager
    def stream(self, path: str, headers: Mapping[str, str]) -> Iterator[Iterator[str]]:
        """Give the lines of an answer as they come. Raises `Refused`, `Unreachable`."""
        timeout = httpx.Timeout(60.0)  # the service sends a comment every 15 seconds
        try:
            with self._http.stream("GET", path, headers=headers, timeout=timeout) as response:
                if response.is_error:
                    response.read()
                _check(response)
                yield response.iter_lines()
        except httpx.TransportError as error:
            raise Unreachable(f"{self.url} cannot be reached: {error}") from error


def _asked_pause(response: httpx.Response) -> float:
    """Return how many seconds the service asks to wait."""
    asked = response.headers.get("retry-after", "")
    return float(asked) if asked.isdigit() else 0.0


def _check(response: httpx.Response) -> httpx.Response:
    if response.is_success:
        return response
    is_json = "json" in response.headers.get("content-type", "")
    raise Refused(response.status_code, response.json() if is_json else {})
