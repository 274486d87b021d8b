"""HTTP as the server speaks it: uvicorn's, with a limit to heads, and with errors in the shape of all others.

The parser joins the pieces of a head again and again, which takes the square of its length: 300 MB held the server up for
minutes. What cannot be parsed reaches no application, so that it is answered here.
"""

from http import HTTPStatus

from pydantic_core import to_json
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.rest import make_problem

MAX_HEAD_BYTES = 64 * 1024
"""Of a request's head, or of what follows its body (trailers): so many are read, twice as many are refused."""

TOO_LONG = (
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    f"the request's head is longer than the {MAX_HEAD_BYTES:,} bytes that are read: send a shorter path and fewer headers",
)
MALFORMED = HTTPStatus.BAD_REQUEST, "the request is not HTTP/1.1"


class LimitedHttpProtocol(HttpToolsProtocol):
    """One connection."""

    _since_parsed = 0
    """Bytes that have come since a head was complete, or a piece of a body."""

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

    def _refuse(self, status: HTTPStatus, detail: str) -> None:
        document = make_problem(status, detail, "")
        body = to_json(document)
        headers = [
            *self.server_state.default_headers,
            (b"content-type", b"application/problem+json"),
            (b"content-length", b"%d" % len(body)),
            (b"x-request-id", document["request_id"].encode()),
            (b"connection", b"close"),
        ]
        head = b"".join(b"%b: %b\r\n" % header for header in headers)
        self.transport.write(b"HTTP/1.1 %d %b\r\n%b\r\n%b" % (status, status.phrase.encode(), head, body))
        self.transport.close()
