"""A client's connection to a server, which may go and come back at any moment; without a library, so that clients are cheap."""

import http.client
from contextlib import suppress

from tests.support.server import Server

BROKEN = (OSError, http.client.HTTPException)
"""What is raised where a connection ends before the answer: nobody knows whether the request was carried out."""
REQUESTS = 8
"""Of one connection. Then there is another one, which any worker may accept."""
PATIENCE = 60
"""Seconds that an answer is waited for."""


class Connection:
    """One connection after the other."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._line: http.client.HTTPConnection | None = None
        self._requests = 0

    def open(self) -> bool:
        """Have a connection; False: there is nobody to connect to, now."""
        if self._requests >= REQUESTS:
            self.close()
        if self._line is None:
            address = self._server.client.base_url
            self._line = http.client.HTTPConnection(address.host, address.port, timeout=PATIENCE)
            try:
                self._line.connect()
            except OSError:
                self.close()
        return self._line is not None

    def send(
        self, method: str, path: str, body: bytes | str = b"", kind: str = "application/json", **headers: str
    ) -> tuple[int, bytes]:
        """Return the status and the body of an answer. Raises `BROKEN`; then there has to be another connection."""
        assert self._line is not None
        self._requests += 1
        try:
            self._line.request(method, path, body or None, headers | ({"Content-Type": kind} if body else {}))
            answer = self._line.getresponse()
            return answer.status, answer.read()
        except BROKEN:
            self.close()
            raise

    def close(self) -> None:
        """Have none any more."""
        if self._line is not None:
            with suppress(OSError):
                self._line.close()
        self._line, self._requests = None, 0
