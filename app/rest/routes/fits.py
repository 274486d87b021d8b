"""How a version fits the table that it was trained with."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from app.budget import WorkSize
from app.predict import make_table_fit
from app.rest.bodies import FitAnswer
from app.rest.dependencies import ModelName, ModelVersion, ServicesDependency
from app.rest.rendering import problems
from app.rest.work import load, run

router = APIRouter(prefix="/models/{name}/versions/{version}", tags=["versions"])

MAX_TOLD_ROWS = 2000
MAX_MEDIUM_BYTES = 256 * 1024
"""Of a table that is read again in about a tenth of a second."""


class FitQuery(BaseModel):
    """The query parameters of a fit."""

    limit: int = Field(500, ge=1, le=MAX_TOLD_ROWS, description="The most rows that are told.")
    coverage: float = Field(0.95, gt=0, lt=1, description="Of the intervals.")


@router.get("/fit", responses=problems(404, 409, 422, 500))
async def read_fit(
    name: ModelName,
    version: ModelVersion,
    request: Request,
    services: ServicesDependency,
    query: Annotated[FitQuery, Query()],
) -> FitAnswer:
    """Tell rows of the table that a version was trained with, evenly chosen, beside what it answers for them."""
    predictor = (await load(services.registry, name, version))[1].predictor
    table = await run_in_threadpool(services.registry.table, name, version)
    size = WorkSize.MEDIUM if len(table) <= MAX_MEDIUM_BYTES else WorkSize.LARGE

    def work() -> FitAnswer:
        fit = make_table_fit(table, predictor, query.limit, query.coverage)
        return FitAnswer(model_name=name, model_version=version, coverage=query.coverage, **vars(fit))

    return await run(request, size, len(table), work, predictor.buffer_bytes)
