"""A server that answers as it was told: with statuses and headers in turn, or by closing the connection."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple


class Reply(NamedTuple):
    """What a request is answered with; status 0 closes the connection instead."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = {}


class Scripted(ThreadingHTTPServer):
    """Answers requests by its replies in turn, the last of them for ever; keeps the requests."""

    daemon_threads = True

    def __init__(self, *replies: Reply) -> None:
        self.replies = [*replies]
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        """Method, path and headers of each request, their names in lower case."""
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def scripted(*replies: Reply) -> Iterator[Scripted]:
    """A server with these replies, which is gone afterwards."""
    with Scripted(*replies) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: Scripted

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.requests.append(
            (self.command, self.path, {name.lower(): text for name, text in self.headers.items()})
        )
        reply = self.server.replies.pop(0) if len(self.server.replies) > 1 else self.server.replies[0]
        self.close_connection = True
        if reply.status == 0:
            return
        self.send_response(reply.status)
        for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)

    do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815 - what the library calls

    def log_message(self, *_: Any) -> None:
        """Say nothing."""
