"""The networks of a version: their weights as numbers, and what their units answer for a row."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from app.errors import BodyError, InvalidBody
from app.predict import choose_body_size, read_predict_request
from app.rest.bodies import ActivationsAnswer, LayerAnswer, NetworkAnswer
from app.rest.dependencies import ModelName, ModelVersion, ServicesDependency
from app.rest.rendering import problems
from app.rest.request_body import read_body
from app.rest.work import load, run
from app.tables import read_query
from model.explanation import MixtureNetwork, describe_layers, find_network

router = APIRouter(prefix="/models/{name}/versions/{version}", tags=["versions"])

MAX_TOLD_PARAMETERS = 20_000
"""Of a network whose weights are told as JSON, in up to half a megabyte; an export has those of larger ones."""

MemberNumber = Annotated[int, Query(ge=1, description="Which network of the ensemble, from 1.")]


@router.get("/network", responses=problems(404, 422, 500))
async def read_network(
    name: ModelName, version: ModelVersion, services: ServicesDependency, member: MemberNumber = 1
) -> NetworkAnswer:
    """Tell the weights of a network that takes part in a version's answers."""
    predictor = (await load(services.registry, name, version))[1].predictor
    found = _find(predictor, member)
    weights = found.weights if found else (0.0,) * len(predictor.signature.targets)
    architecture = found.network.architecture if found else None
    parameters = architecture.parameter_count if architecture else 0
    layers = describe_layers(found.network, MAX_TOLD_PARAMETERS) if found else []
    return NetworkAnswer(
        model_name=name,
        model_version=version,
        member=found.member if found else None,
        members=found.members if found else 0,
        weight={column.name: share for column, share in zip(predictor.signature.targets, weights, strict=True)},
        parameters=parameters,
        is_summary=parameters > MAX_TOLD_PARAMETERS,
        inputs=list(found.inputs) if found else [],
        outputs=list(found.outputs) if found else [],
        layers=[LayerAnswer(**vars(layer)) for layer in layers],
    )


@router.post(
    "/activations",
    response_model=ActivationsAnswer,
    openapi_extra={"x-body": "predict-row"},
    responses=problems(400, 404, 413, 415, 422, 500),
)
async def read_activations(
    name: ModelName, version: ModelVersion, request: Request, services: ServicesDependency, member: MemberNumber = 1
) -> ActivationsAnswer:
    """Tell what the units of a network answer for one row, as it is asked in a prediction."""
    predictor = (await load(services.registry, name, version))[1].predictor
    body = await read_body(request, services.settings.max_body_bytes)
    query = {each: text for each, text in read_query(request.query_params.multi_items()).items() if each != "member"}

    def work() -> ActivationsAnswer:
        asked = read_predict_request(body, predictor.signature, query)
        if len(asked.features) > 1:
            raise InvalidBody([BodyError("the body should be one row", "")])
        found = _find(predictor, member)
        values = [layer[0].tolist() for layer in found.activations(asked.features)] if found else [[]]
        told = found.member if found else None
        return ActivationsAnswer(
            model_name=name, model_version=version, member=told, inputs=values[0], layers=values[1:]
        )

    return await run(request, choose_body_size(body, predictor), len(body.data), work, predictor.buffer_bytes)


def _find(predictor: Any, member: int) -> MixtureNetwork | None:
    try:
        return find_network(predictor, member)
    except IndexError as error:
        raise InvalidBody([BodyError(f"query parameter 'member': {error}, not {member:,}", "")]) from None
