"""The span of a training, in the trace of the request that asked for it: it goes on in another process, perhaps another server's.

OpenTelemetry is imported where there is a trace: a training process without one would grow by 3 MB.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager


def carry_context() -> dict[str, str]:
    """Return what a process needs to go on with the trace that this is part of; nothing if it is part of none."""
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier


@contextmanager
def training_span(carrier: Mapping[str, str], facts: Mapping[str, str]) -> Iterator[Callable[[str], object]]:
    """Tell of a training in the trace that was carried here; gives what is told how it ended."""
    if not carrier:
        yield bool
        return
    from opentelemetry import trace  # noqa: PLC0415
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

    parent = TraceContextTextMapPropagator().extract(carrier)
    attributes = {f"scorecast.{name}": value for name, value in facts.items()}
    tracer = trace.get_tracer("scorecast")
    with tracer.start_as_current_span("train", parent, attributes=attributes, record_exception=False) as span:

        def tell(status: str) -> None:
            span.set_attribute("scorecast.status", status)
            if status == "failed":
                span.set_status(trace.StatusCode.ERROR)

        yield tell
    if (flush := getattr(trace.get_tracer_provider(), "force_flush", None)) is not None:
        threading.Thread(target=flush, daemon=True).start()  # the process may be ended at any time
