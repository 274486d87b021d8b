"""Pages of other sites that an operator has named: browsers are told that these may ask here, and read what is answered.

It is the CORS protocol (Fetch, WHATWG, section 3.2). It stands in front of the fast path, so that both ways are answered
alike, and only where there are such sites.
"""

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from app.rest.access_log import AccessLog, Identified

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE")

ASKED_HEADERS = (
    "Authorization",
    "Content-Encoding",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "Inference-Header-Content-Length",
    "Last-Event-ID",
    "MCP-Protocol-Version",
    "Prefer",
    "X-API-Key",
    "X-Request-ID",
    "traceparent",
    "tracestate",
)
"""What a page may send, beside the headers that any page may."""

TOLD_HEADERS = (
    "Content-Disposition",
    "ETag",
    "Inference-Header-Content-Length",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "WWW-Authenticate",
    "X-Request-ID",
    "traceresponse",
)
"""What a page may read of an answer, beside the headers that any page may."""


class CrossOrigin(CORSMiddleware):
    """An ASGI application that has another one answer, and answers what browsers ask before a page's request (preflight).

    What is asked for any other page, or for what no page may do, is passed on: it is answered 405 as all `OPTIONS` are, and
    without these headers the browser sends no request.
    """

    def __init__(self, app: ASGIApp, origins: frozenset[str], log: AccessLog | None) -> None:
        super().__init__(
            app,
            allow_origins=origins,
            allow_methods=METHODS,
            allow_headers=ASKED_HEADERS,
            allow_private_network=True,  # which the operator has meant
            expose_headers=TOLD_HEADERS,
        )
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or have it answered."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if scope["method"] == "OPTIONS" and "origin" in headers and "access-control-request-method" in headers:
            answer = self.preflight_response(headers)
            if answer.status_code < 300:
                await Identified(answer, self._log)(scope, receive, send)
                return
        await self.simple_response(scope, receive, send, headers)
