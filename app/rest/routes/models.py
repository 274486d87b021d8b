"""Models: declare, read and remove them, and choose which version answers."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from app.budget import check_categories
from app.errors import BodyError, InvalidBody, shorten
from app.registry import Declaration, ModelState
from app.rest.access import MayUseDependency
from app.rest.bodies import (
    ColumnAnswer,
    ColumnRequest,
    DeclarationRequest,
    DefaultVersionRequest,
    ModelAnswer,
    ModelsAnswer,
)
from app.rest.dependencies import ModelName, ServicesDependency
from app.rest.paging import PageDependency
from app.rest.preconditions import IfMatchDependency, IfMatchOrNoneMatchDependency
from app.rest.rendering import NOT_MODIFIED, problems, render_tagged
from app.rest.request_body import read_json
from app.rest.work import ROOM, run_storing
from app.tables import as_integers, check, is_reading, row_schema
from model.table import Column, Signature

router = APIRouter(tags=["models"])


@router.get("/models")
def list_models(services: ServicesDependency, page: PageDependency, may_use: MayUseDependency) -> ModelsAnswer:
    """List models by name; `next` is what to send as `after` for more."""
    names, following = page.select([*filter(may_use, services.registry.names())])
    states = map(services.registry.state, names)  # of which some may have been removed since
    return ModelsAnswer(models=[_render(state) for state in states if state.declaration is not None], next=following)


@router.get("/models/{name}", response_model=ModelAnswer, responses=NOT_MODIFIED | problems(404))
def read_model(name: ModelName, request: Request, services: ServicesDependency) -> Response:
    """Tell what a model reads and predicts, and which version answers."""
    return _response(request, services.registry.model(name))


@router.put(
    "/models/{name}",
    response_model=ModelAnswer,
    openapi_extra={"x-body": "declare"},
    dependencies=[ROOM],
    responses=problems(400, 412, 413, 415, 422),
)
async def declare_model(
    name: ModelName, request: Request, services: ServicesDependency, if_match: IfMatchOrNoneMatchDependency
) -> Response:
    """Declare a model: what it reads and predicts. Its versions stay; new trainings follow the new declaration."""
    body = await read_json(request, services.settings.max_body_bytes)
    check_categories(_count_categories(body))
    declaration = _declaration(await run_in_threadpool(check, DeclarationRequest, as_integers(body)))
    state = await run_storing(lambda: services.registry.declare(name, declaration, if_match.tags))
    return _response(request, state)


@router.delete("/models/{name}", status_code=204, responses=problems(404, 412))
async def delete_model(name: ModelName, services: ServicesDependency, if_match: IfMatchDependency) -> None:
    """Remove a model with all its versions."""
    await run_storing(lambda: services.registry.delete(name, if_match.tags))


@router.put(
    "/models/{name}/default-version",
    response_model=ModelAnswer,
    openapi_extra={"x-body": "default-version"},
    responses=problems(400, 404, 412, 413, 415, 422),
)
async def move_default_version(
    name: ModelName, request: Request, services: ServicesDependency, if_match: IfMatchDependency
) -> Response:
    """Have another version answer: roll back, or forward."""
    body = await read_json(request, services.settings.max_body_bytes)
    chosen = check(DefaultVersionRequest, as_integers(body))
    state = await run_storing(lambda: services.registry.move_default(name, chosen.model_version, if_match.tags))
    return _response(request, state)


@router.get("/models/{name}/row-schema", responses=problems(404))
def read_row_schema(name: ModelName, services: ServicesDependency) -> dict[str, Any]:
    """Return the JSON Schema of one row to predict."""
    return row_schema(services.registry.declaration(name).signature.features).model_json_schema()


def _count_categories(body: Any) -> int:
    """Return how many categories a declaration has, which is not checked yet."""
    sides = [body.get(side) for side in ("features", "targets")] if isinstance(body, dict) else []
    columns = [column for side in sides if isinstance(side, list) for column in side if isinstance(column, dict)]
    lists = [column.get("categories") for column in columns]
    return sum(len(each) for each in lists if isinstance(each, list))


def _declaration(request: DeclarationRequest) -> Declaration:
    features = tuple(
        _column(column, f"features/{number}", may_be_missing=column.may_be_missing or request.missing == "mean")
        for number, column in enumerate(request.features)
    )
    targets = tuple(_target(column, f"targets/{number}") for number, column in enumerate(request.targets))
    network, trainer = (part.model_dump(exclude_unset=True) for part in (request.network, request.trainer))
    return Declaration(Signature(features, targets, tuple(request.left_out)), network, trainer)


def _target(request: ColumnRequest, place: str) -> Column:
    """Return a column to be predicted. Raises `InvalidBody` for one that is to be missing at times."""
    if request.may_be_missing or request.marks:
        detail = f"column {shorten(request.name)!r}: a target cannot be missing"
        raise InvalidBody([BodyError(detail, f"/{place}")])
    return _column(request, place)


def _column(request: ColumnRequest, place: str, *, may_be_missing: bool = False) -> Column:
    """Return a column. Raises `InvalidBody` for a reading that does not suit it."""
    column = Column.from_dict({**request.model_dump(), "may_be_missing": may_be_missing})
    if not is_reading(column):
        detail = f"column {shorten(column.name)!r}: a reading is how 1234.5, or 31 January 2024, is written in it"
        raise InvalidBody([BodyError(detail, f"/{place}/reading")])
    return column


def _render(state: ModelState) -> ModelAnswer:
    declared = state.declared
    return ModelAnswer(
        name=state.name,
        features=[ColumnAnswer(**asdict(column)) for column in declared.signature.features],
        targets=[ColumnAnswer(**asdict(column)) for column in declared.signature.targets],
        left_out=list(declared.signature.left_out),
        network=dict(declared.network),
        trainer=dict(declared.trainer),
        default_version=state.default_version,
        versions=len(state.versions),
        row_schema=f"/models/{state.name}/row-schema",
    )


def _response(request: Request, state: ModelState) -> Response:
    return render_tagged(request, _render(state), state.tag)
