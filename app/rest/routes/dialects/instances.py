"""Instances and predictions (`/v1`): what clients of KServe's first protocol, TensorFlow Serving and Vertex AI ask."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.convertors import StringConvertor, register_url_convertor

from app.predict import ask, check_costs, choose_any_size
from app.rest.access import MayUseDependency
from app.rest.dependencies import ModelName, ServicesDependency
from app.rest.dialects import read_instances, write_predictions
from app.rest.rendering import problems
from app.rest.request_body import read_raw_body
from app.rest.work import Pieces, begin, load, run, send_pieces
from app.tables import JSON, Body

router = APIRouter(prefix="/v1/models", tags=["instances"])

AVAILABLE = {"state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}

ASKED: dict[str, Any] = {
    "schema": {
        "type": "object",
        "properties": {"instances": {"type": "array", "items": {}}},
        "required": ["instances"],
    },
    "examples": {
        "objects": {"value": {"instances": [{"hours_studied": 4, "hours_slept": 8}]}},
        "lists": {"value": {"instances": [[4, 8], [2, 6]]}},
    },
}


@router.get("")
def list_ready_models(services: ServicesDependency, may_use: MayUseDependency) -> dict[str, list[str]]:
    """List the models that can be asked."""
    states = map(services.registry.state, filter(may_use, services.registry.names()))
    return {"models": [state.name for state in states if state.default_version is not None]}


class _BeforeColon(StringConvertor):
    """Takes no colon for a part of a name: what stands behind it is a method of the protocol."""

    regex = "[^/:]+"


register_url_convertor("before_colon", _BeforeColon())


@router.get("/{name:before_colon}", responses=problems(404))
def model_status(name: ModelName, services: ServicesDependency) -> dict[str, Any]:
    """Tell whether a model can be asked, and which versions it has."""
    model = services.registry.model(name)
    versions = [{"version": str(number), **AVAILABLE} for number in sorted(model.versions, reverse=True)]
    return {"name": name, "ready": model.default_version is not None, "model_version_status": versions}


@router.post(
    "/{name}:predict",
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": ASKED}}},
    response_model=dict[str, list[Any]],
    responses=problems(400, 404, 409, 413, 415, 500),
)
async def predict_instances(name: ModelName, request: Request, services: ServicesDependency) -> Response:
    """Predict with a model's default version: instances as objects or lists, answered by values alone.

    The parameter `coverage` asks for intervals, too.
    """
    _, checkpoint = await load(services.registry, name)
    body = Body(await read_raw_body(request, services.settings.max_body_bytes))
    predictor = checkpoint.predictor
    answering = services.metrics.begin(name, checkpoint)

    def work() -> Pieces:
        table, coverage = read_instances(body.data, predictor.signature)
        rows = check_costs(ask(table, predictor.signature, coverage), predictor, answering.note)
        return begin(write_predictions(rows, predictor))

    size = choose_any_size(body, predictor)
    pieces = await run(request, size, len(body.data), work, predictor.buffer_bytes)
    answering.end()
    return send_pieces(pieces, JSON)
