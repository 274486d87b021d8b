"""Requests over HTTP: sent again where that can do no harm; what is refused comes as an exception."""

import os
import random
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from scorecast.client.errors import NoService, Refused, Unreachable

try:
    import httpx
except ImportError as error:
    raise ImportError("the client needs httpx: pip install 'scorecast[client]'") from error

DEFAULT_URL = "http://127.0.0.1:8000"
AGAIN = frozenset({429, 503})
"""Statuses of requests that may be sent again as they are."""
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""What went wrong before the service can have seen anything of a request."""
HOPELESS = (httpx.UnsupportedProtocol, httpx.LocalProtocolError)
"""What goes wrong however often it is tried."""
FIRST_PAUSE_SECONDS, MAX_PAUSE_SECONDS = 0.2, 30.0


class Transport:
    """A connection to a service. Threads may share it."""

    def __init__(self, url: str | None, key: str | None, timeout: float, retries: int) -> None:
        address = url or os.environ.get("SCORECAST_URL") or DEFAULT_URL
        secret = key or os.environ.get("SCORECAST_KEY")
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        self.url = (address if "://" in address else f"http://{address}").rstrip("/")
        self._http = httpx.Client(base_url=self.url, headers=headers, timeout=timeout)
        self._attempts = retries + 1

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def get(self, path: str, **query: Any) -> Any:
        """Return the JSON at a path. Raises `Refused`, `Unreachable`, `NoService`."""
        return self.read(self.send("GET", path, query=query))

    def read(self, response: httpx.Response) -> Any:
        """Return the JSON of a response. Raises `NoService`."""
        try:
            return response.json()
        except ValueError:
            raise NoService(f"what answers at {self.url} is no Scorecast service") from None

    def send(self, method: str, path: str, *, query: Mapping[str, Any] | None = None, **request: Any) -> httpx.Response:
        """Send a request that may be carried out twice: it is sent again if no answer has come.

        Raises `Refused`, `Unreachable`.
        """
        return self._send(method, path, query or {}, request, lost=())

    def send_once(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Send a request that must not be carried out twice: it is sent again only if it cannot have been carried out.

        Raises `Refused`, `Unreachable`.
        """
        return self._send(method, path, {}, request, lost=NOT_SENT)

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

    def _send(
        self, method: str, path: str, query: Mapping[str, Any], request: Mapping[str, Any], lost: tuple[type, ...]
    ) -> httpx.Response:
        known = {name: value for name, value in query.items() if value is not None}
        pause = FIRST_PAUSE_SECONDS
        for attempt in range(1, self._attempts + 1):
            is_last = attempt == self._attempts
            try:
                response = self._http.request(method, path, params=known, **request)
            except httpx.TransportError as error:
                if is_last or isinstance(error, HOPELESS) or (lost and not isinstance(error, lost)):
                    raise self._unreachable(error, was_sent=bool(lost) and not isinstance(error, lost)) from error
            else:
                asked = _asked_pause(response)
                may_repeat = response.status_code in AGAIN and (not lost or asked is not None)
                if is_last or not may_repeat or (asked or 0.0) > MAX_PAUSE_SECONDS:
                    return _check(response)
                pause = max(pause, asked or 0.0)
            time.sleep(min(pause, MAX_PAUSE_SECONDS) * random.uniform(1.0, 1.25))  # noqa: S311 - so that not all come at once
            pause *= 2
        raise AssertionError("the last attempt returns or raises")

    def _unreachable(self, error: Exception, *, was_sent: bool) -> Unreachable:
        doubt = "; whether the request was carried out is not known" if was_sent else ""
        return Unreachable(f"{self.url} cannot be reached: {error}{doubt}")


def _asked_pause(response: httpx.Response) -> float | None:
    """Return how many seconds the service asks to wait (`Retry-After`: seconds, or a date); None if it does not."""
    asked = response.headers.get("retry-after", "")
    if asked.isdigit():
        return float(asked)
    try:
        return max(0.0, (parsedate_to_datetime(asked) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None


def _check(response: httpx.Response) -> httpx.Response:
    if response.is_success:
        return response
    try:
        problem = response.json()
    except ValueError:
        problem = {}
    raise Refused(response.status_code, problem if isinstance(problem, dict) else {})
