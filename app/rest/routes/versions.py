"""A model's versions: their history, their weights, and removing them."""

from collections.abc import Container
from dataclasses import replace
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response

from app.bootstrap import Services
from app.budget import WorkSize
from app.predict import check_rows, choose_body_size, read_labelled
from app.registry import NewVersion, Version
from app.rest.bodies import EvaluationAnswer, VersionAnswer, VersionsAnswer
from app.rest.dependencies import ModelName, ModelVersion, ServicesDependency
from app.rest.exports import EXPORTS, ExportQuery, ExportRequest
from app.rest.paging import PageOfNumbersDependency
from app.rest.preconditions import IfMatchDependency, IfMatchOrNoneMatchDependency
from app.rest.preferences import IdempotencyKeyHeader
from app.rest.rendering import NOT_MODIFIED, problems, render_tagged
from app.rest.request_body import read_body, read_upload
from app.rest.work import ROOM, load, run, run_cheaply, run_storing
from app.tables import read_query
from app.upload import UploadQuery, UploadRequest, make_version
from model.fitting import evaluate

router = APIRouter(prefix="/models/{name}/versions", tags=["versions"])


@router.get("", responses=problems(404))
def list_versions(name: ModelName, services: ServicesDependency, page: PageOfNumbersDependency) -> VersionsAnswer:
    """List a model's versions, the newest first; `next` is what to send as `after` for more."""
    versions = services.registry.model(name).versions
    numbers, following = page.select(sorted(versions, reverse=True), descending=True)
    return VersionsAnswer(versions=[_render(versions[number]) for number in numbers], next=following)


async def _read_asked(
    name: ModelName, query: Annotated[UploadQuery, Query()], idempotency_key: IdempotencyKeyHeader = None
) -> UploadRequest:
    return UploadRequest(name, query, idempotency_key)


@router.post(
    "",
    status_code=201,
    response_model=VersionAnswer,
    openapi_extra={"x-body": "upload"},
    dependencies=[ROOM],
    responses=problems(400, 409, 412, 413, 415, 422),
)
async def upload_version(
    name: ModelName,
    request: Request,
    services: ServicesDependency,
    if_match: IfMatchOrNoneMatchDependency,
    asked: Annotated[UploadRequest, Depends(_read_asked)],
) -> Response:
    """Publish a version that was exported elsewhere: its checkpoint, and perhaps its table; a new model is declared by it.

    All is checked before anything is stored.
    """
    body = await read_upload(request, services.settings.max_train_body_bytes)
    policy = services.policy
    asked = replace(asked, keeps_table=policy.keep_tables, max_parameters=policy.limits.max_parameters)
    check = partial(make_version, body, asked, services.registry)
    new_version = await run(request, WorkSize.LARGE, len(body.data), check)
    version = await run_storing(partial(_publish, services, new_version, if_match.tags))
    place = f"{services.settings.root_path}/models/{name}/versions/{version.number}"
    headers = {"Location": place, "ETag": f'"{version.sha256}"'}
    return JSONResponse(_render(version).model_dump(), 201, headers)


@router.get("/{version}", response_model=VersionAnswer, responses=NOT_MODIFIED | problems(404))
def read_version(name: ModelName, version: ModelVersion, request: Request, services: ServicesDependency) -> Response:
    """Tell how a version was trained and how well it does."""
    found = services.registry.version(name, version)
    return render_tagged(request, _render(found), found.sha256)


@router.delete("/{version}", status_code=204, responses=problems(404, 409, 412))
async def delete_version(
    name: ModelName, version: ModelVersion, services: ServicesDependency, if_match: IfMatchDependency
) -> None:
    """Remove a version, which must not be the default."""

    def remove() -> None:
        if_match.check(services.registry.version(name, version).sha256)
        services.registry.remove_version(name, version)

    await run_storing(remove)


@router.get(
    "/{version}/export",
    response_class=Response,
    responses={
        200: {"content": {export.media_type: {} for export in EXPORTS.values()}},
        **problems(404, 406, 422, 500, 503),
    },
)
async def export_version(
    name: ModelName,
    version: ModelVersion,
    request: Request,
    services: ServicesDependency,
    query: Annotated[ExportQuery, Query()],
) -> Response:
    """Download a version: the checkpoint itself, a graph in ONNX, or its weights as text that `numpy.loadtxt` reads, zipped."""
    export, registry = EXPORTS[query.format], services.registry
    if export.write is None:
        content = await run_cheaply(partial(registry.file, name, version))
    else:
        asked = ExportRequest(name, version, (await load(registry, name, version))[1], query)
        content = await run(request, asked.size, 0, partial(export.write, asked), asked.bytes)
    return _download(content, export.media_type, f"{name}-{version}.{export.suffix}")


@router.get(
    "/{version}/table",
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}, **problems(404, 409, 500)},
)
def read_table(name: ModelName, version: ModelVersion, services: ServicesDependency) -> Response:
    """Return the table that a version was trained with, as CSV."""
    return _download(services.registry.table(name, version), "text/csv", f"{name}-{version}.csv")


@router.post(
    "/{version}/evaluate",
    response_model=EvaluationAnswer,
    openapi_extra={"x-body": "evaluate-any"},
    responses=problems(400, 404, 413, 415, 422, 500),
)
async def evaluate_version(
    name: ModelName, version: ModelVersion, request: Request, services: ServicesDependency
) -> EvaluationAnswer:
    """Judge a version by rows whose targets are known: its scores, and how often its intervals held the truth."""
    predictor = (await load(services.registry, name, version))[1].predictor
    body = await read_body(request, services.settings.max_train_body_bytes)
    query = read_query(request.query_params.multi_items())

    def judge() -> EvaluationAnswer:
        asked = read_labelled(body, predictor.signature, query)
        pieces = check_rows(asked.dataset.features, predictor, predictor.signature.columns)
        scores = evaluate(predictor, asked.dataset, asked.coverage, pieces)
        return EvaluationAnswer(
            model_name=name,
            model_version=version,
            rows=len(asked.dataset),
            coverage=asked.coverage,
            read=list(asked.read),
            scores=scores,
        )

    return await run(request, choose_body_size(body, predictor), len(body.data), judge, predictor.buffer_bytes)


def _publish(services: Services, new_version: NewVersion, expected: Container[str] | None) -> Version:
    """Publish a version, and remove those that are too many then."""
    published = services.registry.publish(new_version, expected)
    if services.policy.keep_versions is not None:
        services.registry.keep_newest(new_version.name, services.policy.keep_versions)
    return published


def _download(content: bytes, media_type: str, filename: str) -> Response:
    """Return a file that browsers save instead of showing it (RFC 6266)."""
    headers = {"Content-Disposition": f'attachment; filename="{filename}"'}
    return Response(content, media_type=media_type, headers=headers)


def _render(version: Version) -> VersionAnswer:
    facts = {name: value for name, value in vars(version).items() if name not in {"number", "checkpoint", "table"}}
    return VersionAnswer(model_version=version.number, **facts)
