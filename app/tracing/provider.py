"""What makes spans in this process, and sends them, in the background, by OTLP over HTTP.

The packages of OpenTelemetry read `OTEL_*` variables themselves: where spans are sent, which are sampled, and what this
service is called.
"""

import logging
import threading
from importlib.metadata import version
from typing import TYPE_CHECKING

from app.errors import MissingExtra
from app.extras import needs_extra

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Tracer

log = logging.getLogger("scorecast.tracing")

NAME = "scorecast"
"""Of the service, unless `OTEL_SERVICE_NAME` names it; and of what makes its spans."""
FLUSH_SECONDS = 2.0
"""The longest that a process which ends waits for its last spans to be sent."""


class Traces:
    """The spans of a process."""

    def __init__(self, *, is_asked: bool) -> None:
        self.is_asked = is_asked
        self.tracer: Tracer | None = None
        """What makes spans; None: there are none."""
        self._provider: TracerProvider | None = None

    def start(self) -> None:
        """Make spans from now on, if it is asked for and what they need is installed."""
        if not self.is_asked:
            return
        try:
            self._provider = _make_provider()
        except MissingExtra as error:
            log.warning("there are no traces: %s", error)
            return
        except Exception:  # of variables that make no sense some end in errors
            log.exception("there are no traces: variables of OpenTelemetry (OTEL_*) have values that cannot be used")
            return
        self.tracer = self._provider.get_tracer(NAME, version(NAME))

    def stop(self) -> None:
        """Send the last spans; those that cannot be sent soon are lost."""
        if self._provider is not None:
            sending = threading.Thread(target=self._provider.shutdown, daemon=True)
            sending.start()
            sending.join(FLUSH_SECONDS)


def _make_provider() -> "TracerProvider":
    """Return what makes the spans of this process, also those of other packages. Raises `MissingExtra`."""
    with needs_extra("otel", "OpenTelemetry"):
        from opentelemetry import trace  # noqa: PLC0415 - an extra, and not small
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    resource = Resource({SERVICE_VERSION: version(NAME)}).merge(Resource.create())
    if str(resource.attributes[SERVICE_NAME]).startswith("unknown_service"):
        resource = resource.merge(Resource({SERVICE_NAME: NAME}))
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    return provider
