"""Predictions."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.bootstrap import Services
from app.predict import TABLE_WRITERS, AnswerForm, asks_for_figures, choose_body_size, make_answer
from app.registry import EXAM_SCORE
from app.rest.bodies import Prediction, Predictions
from app.rest.dependencies import ModelName, ModelVersion, ServicesDependency
from app.rest.rendering import problems
from app.rest.request_body import choose_answer_type, read_body
from app.rest.work import Pieces, begin, load, run, send_pieces
from app.tables import PACKED, read_query

router = APIRouter(tags=["predict"])

DOCUMENTED: dict[str, Any] = {
    "response_model": Prediction | Predictions,
    "responses": {200: {"content": {media_type: {} for media_type in TABLE_WRITERS}}}
    | problems(400, 404, 406, 409, 413, 415, 422, 500),
}


@router.post("/predict", openapi_extra={"x-body": "predict"}, **DOCUMENTED)
async def predict_exam_score(request: Request, services: ServicesDependency) -> Response:
    """Predict with the default version of `exam-score`: one row, or many under `rows`."""
    return await _answer(request, services, EXAM_SCORE)


@router.post("/models/{name}/predict", openapi_extra={"x-body": "predict-any"}, **DOCUMENTED)
async def predict(name: ModelName, request: Request, services: ServicesDependency) -> Response:
    """Predict with a model's default version: one row, or many under `rows`."""
    return await _answer(request, services, name)


@router.post("/models/{name}/versions/{version}/predict", openapi_extra={"x-body": "predict-any"}, **DOCUMENTED)
async def predict_with_version(
    name: ModelName, version: ModelVersion, request: Request, services: ServicesDependency
) -> Response:
    """Predict with one version of a model: one row, or many under `rows`."""
    return await _answer(request, services, name, version)


async def _answer(request: Request, services: Services, name: str, version: int | None = None) -> Response:
    number, checkpoint = await load(services.registry, name, version)
    body = await read_body(request, services.settings.max_body_bytes)
    query = read_query(request.query_params.multi_items())
    form = AnswerForm(choose_answer_type(request, body), {"model_name": name, "model_version": number})
    is_packed = form.media_type in PACKED or asks_for_figures(body, query)
    size = choose_body_size(body, checkpoint.predictor, is_packed=is_packed)
    buffers = checkpoint.predictor.buffer_bytes
    answering = services.metrics.begin(name, checkpoint)

    def work() -> Pieces:
        return begin(make_answer(body, query, checkpoint, form, answering.note))

    pieces = await run(request, size, len(body.data), work, buffers)
    answering.end()
    return send_pieces(pieces, form.media_type)
