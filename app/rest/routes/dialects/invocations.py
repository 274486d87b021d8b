"""Invocations (`/invocations`, `/ping`): what clients of MLflow's scoring server and of SageMaker's containers ask.

The model is the one that `SCORECAST_INVOCATIONS_MODEL` names. SageMaker's own headers are not needed, and left alone.
"""

from collections.abc import Iterator
from importlib.metadata import version as find_release
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response
from starlette.concurrency import run_in_threadpool

from app.errors import NotReady
from app.predict import ask, check_costs, choose_any_size
from app.rest.access import check_model
from app.rest.dependencies import ServicesDependency
from app.rest.dialects import choose_invoked, read_invocation, write_predictions, write_values
from app.rest.rendering import problems
from app.rest.request_body import read_body, read_raw_body
from app.rest.work import begin, load, run, send_pieces
from app.tables import CSV, JSON, Body

router = APIRouter(tags=["invocations"])

ASKED: dict[str, Any] = {
    JSON: {
        "schema": {"type": "object"},
        "examples": {
            "split": {
                "value": {"dataframe_split": {"columns": ["hours_studied", "hours_slept"], "data": [[4, 8], [2, 6]]}}
            },
            "records": {"value": {"dataframe_records": [{"hours_studied": 4, "hours_slept": 8}]}},
            "inputs": {
                "value": {"inputs": {"hours_studied": [4, 2], "hours_slept": [8, 6]}, "params": {"coverage": 0.9}}
            },
            "instances": {"value": {"instances": [[4, 8], [2, 6]]}},
        },
    },
    CSV: {"schema": {"type": "string"}, "example": "hours_studied,hours_slept\n4,8\n2,6\n"},
}


@router.get("/ping", responses=problems(503))
@router.get("/health", include_in_schema=False)
async def ping(services: ServicesDependency) -> dict[str, bool]:
    """Answer 200 once requests may be sent, even before there is a model; 503 before that and while stopping."""
    if services.not_ready_because:
        raise NotReady(services.not_ready_because)
    return {"ready": True}


@router.get("/version", response_class=PlainTextResponse)
async def read_release() -> str:
    """Tell the service's version, as MLflow's client asks for it."""
    return find_release("scorecast")


@router.post(
    "/invocations",
    openapi_extra={"requestBody": {"required": True, "content": ASKED}},
    response_model=dict[str, list[Any]],
    responses={**problems(400, 404, 409, 413, 415, 500), 200: {"content": {CSV: {}}}},
)
async def invoke(request: Request, services: ServicesDependency) -> Response:
    """Predict with the model that `SCORECAST_INVOCATIONS_MODEL` names: a frame or a table, answered by values alone unless `params` has a coverage."""
    settings = services.settings
    name = await run_in_threadpool(choose_invoked, services.registry, settings.invocations_model)
    check_model(request, name)
    _, checkpoint = await load(services.registry, name)
    body = await _read(request, settings.max_body_bytes)
    predictor, accepted = checkpoint.predictor, request.headers.get("accept", "")
    answering = services.metrics.begin(name, checkpoint)
    media_type = CSV if CSV in accepted and JSON not in accepted else JSON

    def work() -> Iterator[bytes]:
        table, coverage = read_invocation(body, predictor.signature)
        rows = check_costs(ask(table, predictor.signature, coverage), predictor, answering.note)
        return (write_values if media_type == CSV else write_predictions)(rows, predictor)

    size = choose_any_size(body, predictor)
    pieces = await run(request, size, len(body.data), lambda: begin(work()), predictor.buffer_bytes)
    answering.end()
    return send_pieces(pieces, media_type)


async def _read(request: Request, limit: int) -> Body:
    """Return the body; one of which it is not said what it is, is JSON: other servers ask no one to say so."""
    if "content-type" in request.headers:
        return await read_body(request, limit)
    return Body(await read_raw_body(request, limit), JSON, max_bytes=limit)
