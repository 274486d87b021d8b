"""Metrics, for Prometheus."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from app.metrics import OPENMETRICS, expose
from app.rest.dependencies import ServicesDependency
from app.rest.rendering import problems

router = APIRouter(tags=["health"])

TEXT: dict[str, Any] = {"schema": {"type": "string"}}


DOCUMENTED: dict[str, Any] = {
    "response_class": Response,
    "responses": {200: {"content": {"text/plain": TEXT, OPENMETRICS: TEXT}}} | problems(503),
}


@router.get("/metrics", **DOCUMENTED)
async def metrics(request: Request, services: ServicesDependency) -> Response:
    """Tell the metrics of all processes of the service, in the text that Prometheus reads."""
    counts, accept = services.metrics.counts, request.headers.get("accept", "")
    text, media_type = await run_in_threadpool(lambda: expose(counts, services.observe(), accept))
    return Response(text, headers={"Content-Type": media_type})
