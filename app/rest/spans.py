"""Spans of requests that the fast path answers, as FastAPI makes them of all others, and what an answer says of its span.

Attributes have the names of OpenTelemetry's conventions for HTTP.
"""

from secrets import token_hex
from time import time_ns

from opentelemetry import propagate, trace
from opentelemetry.trace import Span, SpanContext, SpanKind, Tracer
from starlette.types import Scope

from app.logs import RequestIdentity


def request_span(tracer: Tracer, scope: Scope, route: str, seconds: float) -> Span:
    """Return the span of a request that is about to be answered with 200, and has taken so long."""
    parent = propagate.extract({name.decode(): value.decode("latin-1") for name, value in scope["headers"]})
    attributes = {
        "http.request.method": scope["method"],
        "http.response.status_code": 200,
        "http.route": route,
        "network.protocol.version": scope["http_version"],
        "url.path": scope["path"],
        "url.scheme": scope["scheme"],
    }
    began = time_ns() - int(seconds * 1e9)
    return tracer.start_span(f"{scope['method']} {route}", parent, SpanKind.SERVER, attributes, start_time=began)


def current_span() -> SpanContext | None:
    """Return the span that this is part of; None: none."""
    context = trace.get_current_span().get_span_context()
    return context if context.is_valid else None


def name_trace(request: RequestIdentity, span: SpanContext | None) -> RequestIdentity:
    """Return which request it was, with the trace that its span is in."""
    return request if span is None else request._replace(trace_id=f"{span.trace_id:032x}")


def trace_headers(request: RequestIdentity, span: SpanContext | None) -> list[tuple[bytes, bytes]]:
    """Return the headers that say which request it was, and which operation of a trace (Trace Context, W3C, draft)."""
    headers = [(b"x-request-id", request.request_id.encode())]
    if span is not None:
        said = f"00-{span.trace_id:032x}-{span.span_id:016x}-{span.trace_flags & 1:02x}"
    elif request.trace_id:
        said = f"00-{request.trace_id}-{token_hex(8)}-00"  # nobody has recorded it
    else:
        return headers
    return [*headers, (b"traceresponse", said.encode())]
