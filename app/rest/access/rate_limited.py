"""The limit to the requests of each client in a time: over it they are refused, before anything is done for them.

It stands in front of the fast path, so that both ways are refused alike, and only where there is a limit.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.access import ApiKey
from app.bootstrap import Services
from app.rates import RateLimit, Standing, TooManyRequests
from app.rest.access.clients import name_client
from app.rest.access.keys import read_secret
from app.rest.access_log import PROBES, AccessLog, Identified

Handlers = Mapping[Any, Callable[..., Any]]


class RateLimited:
    """An ASGI application that has another one answer, and refuses requests of clients that send too many."""

    def __init__(
        self, app: ASGIApp, limit: RateLimit, services: Services, handlers: Handlers, log: AccessLog | None
    ) -> None:
        """`handlers` has what answers errors, `TooManyRequests` among them."""
        self._app, self._limit, self._keys, self._handlers, self._log = app, limit, services.keys, handlers, log
        self._open = _find_open(services)
        self._policy = b'"default";q=%d;w=%d' % limit.rate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have a request answered, or refuse it; the answer tells how its client stands (draft-ietf-httpapi-ratelimit-headers)."""
        if scope["type"] != "http" or scope["path"] in self._open:
            await self._app(scope, receive, send)
            return
        key = self._find_key(scope)
        if key is not None and scope["path"] in PROBES:
            await self._app(scope, receive, send)
            return
        standing = self._limit.take(name_client(key, scope))
        told = [
            (b"ratelimit-policy", self._policy),
            (b"ratelimit", b'"default";r=%d;t=%d' % (standing.left, standing.seconds)),
        ]

        async def send_with_standing(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *told]}
            await send(message)

        app = self._app if standing.is_allowed else Identified(partial(self._refuse, key, standing), self._log)
        await app(scope, receive, send_with_standing)

    def _find_key(self, scope: Scope) -> ApiKey | None:
        """Return the key of a request; None: it has none that is known, and counts by its address."""
        if self._keys is None:
            return None
        headers = Headers(scope=scope)
        secret = read_secret(headers.get("authorization", ""), headers.get("x-api-key"))
        return self._keys().find(secret.encode("latin-1", "replace")) if secret else None

    async def _refuse(self, key: ApiKey | None, standing: Standing, scope: Scope, receive: Receive, send: Send) -> None:
        without = " without a known key" if self._keys is not None else ""
        who = f"requests from this address{without} are" if key is None else f"key {key.name!r} is"
        error = TooManyRequests(
            f"{who} limited to {self._limit.rate} (SCORECAST_MAX_RATE): try again in {standing.seconds} s"
        )
        response: Response = await self._handlers[TooManyRequests](Request(scope), error)
        response.headers["Retry-After"] = str(standing.seconds)
        await response(scope, receive, send)


def _find_open(services: Services) -> frozenset[str]:
    """Return the paths of probes that need no key: at the others keys could be tried without end, if they did not count."""
    if services.keys is None:
        return PROBES
    given = services.settings
    metrics = frozenset({"/metrics"})
    return (PROBES - metrics if given.open_probes else frozenset()) | (metrics if given.open_metrics else frozenset())
