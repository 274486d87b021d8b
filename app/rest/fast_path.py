"""The fast path: the plain case of a prediction, answered without the web framework.

One row as JSON, for a model's default version, and nothing unusual about the request. Rows that arrive together are
predicted together (`MicroBatcher`).

Everything unusual or wrong goes to the ordinary route as it came. So options and errors have
one implementation, and this file may give up anywhere.
"""

import logging
import re
from collections.abc import Mapping
from time import perf_counter
from typing import Any

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from pydantic import ValidationError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.bootstrap import Services
from app.budget import MAX_SMALL_BODY_BYTES
from app.errors import ServiceError
from app.logs import RequestIdentity, choose_form, identify
from app.predict import MicroBatcher, OncePerMinute
from app.rates import RateLimit
from app.registry import EXAM_SCORE, NAME
from app.rest.access import CrossOrigin, RateLimited, has_key
from app.rest.access_log import PROBES, AccessLog, Identified
from app.rest.dependencies import is_allowed_host
from app.rest.dialects import InferenceCounts
from app.rest.events import EventStreams
from app.rest.spans import name_trace, request_span, trace_headers
from app.rest.work import StoreQuota

log = logging.getLogger("scorecast.fast_path")
log.addFilter(OncePerMinute())

_PATH = re.compile(f"/models/({NAME.pattern})/predict")
_JSON = (b"content-type", b"application/json")
_TABLE = re.compile(b"csv|spreadsheet|apache")
_UNUSUAL = frozenset({b"content-encoding", b"expect"})

MAX_MODELS = 64
"""The most models that have a batcher ready; the oldest batcher goes first."""

MAX_HOSTS = 100
"""The most Host headers that are remembered; of others it is found out each time."""


class FastPath:
    """An ASGI application that answers plain predictions, and passes everything else on to another application."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        settings = services.settings
        self.log = AccessLog(choose_form(settings.log_format)) if settings.logs_access else None
        self._app = Identified(app, self.log)
        self._registry, self._metrics, self._traces = services.registry, services.metrics, services.traces
        self._keys = services.keys
        self._max_bytes = min(MAX_SMALL_BODY_BYTES, services.settings.max_body_bytes)
        self._hosts = _Hosts(services.settings.hosts)
        self._batchers: dict[str, MicroBatcher] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        batcher = self._find_batcher(scope)
        if batcher is None:  # before the body is asked for: a client whose request is refused should not send it
            await self._app(scope, receive, send)
            return
        began = perf_counter()
        message = await receive()
        text = await self._predict(batcher, message)
        if text is None:
            await self._app(scope, _receive_again(message, receive), send)
            return
        request, span = identify(scope["headers"]), None
        if (tracer := self._traces.tracer) is not None:
            route = "/predict" if scope["path"] == "/predict" else "/models/{name}/predict"
            span = request_span(tracer, scope, route, perf_counter() - began)
            request = name_trace(request, span.get_span_context())
        ids = trace_headers(request, None if span is None else span.get_span_context())
        headers = [(b"content-length", b"%d" % len(text)), _JSON, *ids]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": text})
        if span is not None:
            span.end()
        if self.log is not None:
            told = RequestIdentity(request.request_id, request.trace_id, batcher.model_name, batcher.model_version)
            self.log.note(scope, told, 200, perf_counter() - began)

    def _find_batcher(self, scope: Scope) -> MicroBatcher | None:
        """Return what predicts for a request, if its head is plain, and its model exists and is quick."""
        headers: dict[bytes, bytes] = dict(scope["headers"]) if scope["type"] == "http" else {}
        name = _find_model_name(scope, headers, self._max_bytes, self._hosts)
        if name is None or (self._keys is not None and not has_key(headers, self._keys(), name)):
            return None
        batcher = self._batchers.get(name)
        if batcher is None or batcher.is_closed:
            self._batchers.pop(name, None)
            batcher = self._make_batcher(name)
        return batcher

    def _make_batcher(self, name: str) -> MicroBatcher | None:
        try:
            batcher = MicroBatcher.for_default(self._registry, name, self._metrics)
        except ServiceError:  # the ordinary route reports it
            return None
        except Exception:  # the ordinary route responds, but slowly: the mistake must be found
            log.exception("model %s cannot have the fast path; its requests take the ordinary route", name)
            return None
        if batcher is None:
            return None
        while len(self._batchers) >= MAX_MODELS:
            self._batchers.pop(next(iter(self._batchers)))
        self._batchers[name] = batcher
        return batcher

    async def _predict(self, batcher: MicroBatcher, message: Message) -> bytes | None:
        body = message.get("body", b"")
        if message.get("more_body", False) or not body:
            return None
        try:
            row = batcher.read(body)
        except ValidationError:
            return None
        return None if row is None else await batcher.predict(row)


TELEMETRY: TelemetryConfig = {
    "auto_configure": False,  # what sends spans is made by us, in training processes as well
    "logs": False,  # they would have the words of errors, which may quote a row
    "metrics": False,
    "operation_spans": False,
    "exclude": lambda scope: scope["path"] in PROBES,
}
"""What FastAPI makes where there are traces: one span a request."""


class Application(FastAPI):
    """FastAPI with the fast path before it: what the framework does before its own middleware costs a tenth of a fast answer."""

    def __init__(self, services: Services, rate_limit: RateLimit | None, **options: Any) -> None:
        super().__init__(telemetry=TELEMETRY, **options)
        self.state.services = services
        self.state.streams = EventStreams(lambda: services.is_stopping, services.settings.max_event_streams)
        self.state.quota = StoreQuota(services)
        self.state.inference_counts = InferenceCounts(services.metrics.counts)
        self._asgi: ASGIApp = (fast := FastPath(super().__call__, services))
        if rate_limit is not None:
            self._asgi = RateLimited(self._asgi, rate_limit, services, self.exception_handlers, fast.log)
        if origins := services.settings.origins:
            self._asgi = CrossOrigin(self._asgi, origins, fast.log)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        await self._asgi(scope, receive, send)


def _find_model_name(scope: Scope, headers: Mapping[bytes, bytes], max_bytes: int, hosts: "_Hosts") -> str | None:
    """Return the name of the model that a request is for, if its head is plain and its body small."""
    if scope["type"] != "http" or scope["method"] != "POST" or scope["query_string"] or scope.get("root_path"):
        return None
    if (
        headers.get(b"content-type") != b"application/json"
        or _TABLE.search(headers.get(b"accept", b""))
        or not _UNUSUAL.isdisjoint(headers)
        or len(headers) < len(scope["headers"])
        or not hosts[headers.get(b"host", b"")]
        or not 0 < int(headers.get(b"content-length", 0)) <= max_bytes
    ):
        return None
    path: str = scope["path"]
    if path == "/predict":
        return EXAM_SCORE
    found = _PATH.fullmatch(path)
    return found and found[1]


class _Hosts(dict[bytes, bool]):
    """Which Host headers are of this service: a dictionary, since it is asked for each prediction."""

    def __init__(self, names: frozenset[str]) -> None:
        super().__init__()
        self._names = names

    def __missing__(self, header: bytes) -> bool:
        is_allowed = bool(header) and is_allowed_host(header.decode("latin-1"), self._names)
        if len(self) < MAX_HOSTS:
            self[header] = is_allowed
        return is_allowed


def _receive_again(message: Message, receive: Receive) -> Receive:
    """Return a `receive` that hands out a message once more."""
    messages: list[Message] = [message]

    async def receive_again() -> Message:
        return messages.pop() if messages else await receive()

    return receive_again
