"""A model's versions: their history, their weights, and removing them."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from app.predict import read_labelled
from app.registry import Version
from app.rest.bodies import EvaluationAnswer, VersionAnswer, VersionsAnswer
from app.rest.dependencies import ModelName, ModelVersion, ServicesDependency
from app.rest.export import EXPORTS, ExportFormat
from app.rest.paging import PageDependency
from app.rest.preconditions import IfMatchDependency
from app.rest.rendering import problems, render_tagged
from app.rest.request_body import in_thread_if_large, read_body
from app.tables import read_query
from model.fitting import evaluate

router = APIRouter(prefix="/models/{name}/versions", tags=["versions"])


@router.get("", responses=problems(404))
def list_versions(name: ModelName, services: ServicesDependency, page: PageDependency) -> VersionsAnswer:
    """List a model's versions, the newest first; `next` is what to send as `after` for more."""
    versions = services.registry.model(name).versions
    numbers, following = page.select(sorted(versions, reverse=True), int, descending=True)
    return VersionsAnswer(versions=[_render(versions[number]) for number in numbers], next=following)


@router.get("/{version}", response_model=VersionAnswer, responses=problems(404))
def read_version(name: ModelName, version: ModelVersion, request: Request, services: ServicesDependency) -> Response:
    """Tell how a version was trained and how well it does."""
    found = services.registry.version(name, version)
    return render_tagged(request, _render(found), found.sha256)


@router.delete("/{version}", status_code=204, responses=problems(404, 409, 412))
def delete_version(
    name: ModelName, version: ModelVersion, services: ServicesDependency, if_match: IfMatchDependency
) -> None:
    """Remove a version, which must not be the default."""
    if_match.check(services.registry.version(name, version).sha256)
    services.registry.remove_version(name, version)


@router.get(
    "/{version}/export",
    response_class=Response,
    responses={200: {"content": {export.media_type: {} for export in EXPORTS.values()}}, **problems(404, 500)},
)
def export_version(
    name: ModelName,
    version: ModelVersion,
    services: ServicesDependency,
    file_format: Annotated[ExportFormat, Query(alias="format")] = "safetensors",
) -> Response:
    """Download a version's weights: as the checkpoint itself, or as text that `numpy.loadtxt` reads, zipped."""
    export = EXPORTS[file_format]
    filename = f"{name}-{version}.{export.suffix}"
    return Response(
        export.write(services.registry.checkpoint(name, version)),
        media_type=export.media_type,
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )


@router.get(
    "/{version}/table",
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}, **problems(404, 409, 500)},
)
def read_table(name: ModelName, version: ModelVersion, services: ServicesDependency) -> Response:
    """Return the table that a version was trained with, as CSV."""
    return Response(services.registry.table(name, version), media_type="text/csv")


@router.post(
    "/{version}/evaluate",
    response_model=EvaluationAnswer,
    openapi_extra={"x-body": "evaluate-any"},
    responses=problems(400, 404, 413, 415, 422, 500),
)
async def evaluate_version(
    name: ModelName, version: ModelVersion, request: Request, services: ServicesDependency
) -> EvaluationAnswer:
    """Judge a version by rows whose targets are known: its scores, and whether its intervals keep their word."""
    predictor = services.registry.checkpoint(name, version).predictor
    body = await read_body(request, services.settings.max_train_body_bytes)
    table, coverage = await in_thread_if_large(
        body, read_labelled, predictor.signature, read_query(request.query_params.multi_items())
    )
    scores = await in_thread_if_large(body, lambda _: evaluate(predictor, table, coverage))
    return EvaluationAnswer(model_name=name, model_version=version, rows=len(table), coverage=coverage, scores=scores)


def _render(version: Version) -> VersionAnswer:
    facts = {name: value for name, value in vars(version).items() if name not in {"number", "checkpoint", "table"}}
    return VersionAnswer(model_version=version.number, **facts)
