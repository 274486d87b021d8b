"""Predictions."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.bootstrap import Services
from app.predict import read_predict_request, to_csv, to_json
from app.registry import EXAM_SCORE
from app.rest.bodies import Prediction, Predictions
from app.rest.dependencies import ModelName, ModelVersion, ServicesDependency
from app.rest.rendering import problems
from app.rest.request_body import in_thread_if_large, read_body, wants_csv
from app.tables import read_query, write_json
from model.checkpoint import Checkpoint

router = APIRouter(tags=["predict"])

DOCUMENTED: dict[str, Any] = {
    "response_model": Prediction | Predictions,
    "responses": problems(400, 404, 409, 413, 415, 422, 500),
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
    number, checkpoint = _chosen(services, name, version)
    body = await read_body(request, services.settings.max_body_bytes)
    predict_request = await in_thread_if_large(
        body, read_predict_request, checkpoint.predictor.signature, read_query(request.query_params.multi_items())
    )
    if wants_csv(request, body):
        return Response(
            await in_thread_if_large(body, lambda _: to_csv(predict_request, checkpoint)), media_type="text/csv"
        )
    head = {"model_name": name, "model_version": number}
    text = await in_thread_if_large(body, lambda _: write_json({**head, **to_json(predict_request, checkpoint)}))
    return Response(text, media_type="application/json")


def _chosen(services: Services, name: str, version: int | None) -> tuple[int, Checkpoint[Any]]:
    if version is None:
        return services.registry.serving(name)
    return version, services.registry.checkpoint(name, version)
