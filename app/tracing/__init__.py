"""Traces (OpenTelemetry): a span for each request and each training, sent to where `OTEL_*` variables say; none without them."""

from app.tracing.provider import Traces
from app.tracing.training import carry_context, training_span

__all__ = ["Traces", "carry_context", "training_span"]
