"""How a version fits the table that it was trained with."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from app.budget import WorkSize
from app.predict import FitRequest, make_table_fit
from app.registry import Registry
from app.rest.bodies import FitAnswer, UnseenAnswer
from app.rest.dependencies import ModelName, ModelVersion, ServicesDependency
from app.rest.rendering import problems
from app.rest.work import load, run
from model.checkpoint import UnseenAnswers

router = APIRouter(prefix="/models/{name}/versions/{version}", tags=["versions"])

MAX_TOLD_ROWS = 2000
MAX_MEDIUM_BYTES = 256 * 1024
"""Of a table that is read again in about a tenth of a second."""

RECKONED = "each row is answered as if it had been left out, reckoned from its leverage"
"""How rows were judged where one kind of network was trained."""

_TOLD = ("rows", "row_numbers", "ranges", "features", "targets")
"""Members that a fit and its answer have alike."""


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
    """Tell rows of the table that a version was trained with, evenly chosen, beside what it answers for them.

    `unseen` tells what was said of these rows by what had not seen them, if the version kept that.
    """
    checkpoint = (await load(services.registry, name, version))[1]
    table, unseen = await run_in_threadpool(_read_kept, services.registry, name, version)
    size = WorkSize.MEDIUM if len(table) <= MAX_MEDIUM_BYTES else WorkSize.LARGE

    def work() -> FitAnswer:
        fit = make_table_fit(table, unseen, checkpoint.predictor, FitRequest(query.limit, query.coverage))
        return FitAnswer(
            model_name=name,
            model_version=version,
            shown=len(fit.row_numbers),
            coverage=query.coverage,
            judged_by=None if unseen is None else checkpoint.report.judged_by or RECKONED,
            unseen=None if fit.unseen is None else UnseenAnswer(**vars(fit.unseen)),
            **vars(fit.answers),
            **{each: getattr(fit, each) for each in _TOLD},
        )

    return await run(request, size, len(table), work, checkpoint.predictor.buffer_bytes)


def _read_kept(registry: Registry, name: str, version: int) -> tuple[bytes, UnseenAnswers | None]:
    unseen = registry.unseen(name, version)
    return registry.table(name, version), None if unseen is None else UnseenAnswers.from_bytes(unseen)
