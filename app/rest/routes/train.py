"""Trainings."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from app.bootstrap import Services
from app.jobs import Job
from app.registry import EXAM_SCORE
from app.rest.access import find_client
from app.rest.bodies import JobAnswer, TrainAnswer
from app.rest.dependencies import ModelName, ServicesDependency
from app.rest.preferences import Prefer, PreferDependency
from app.rest.rendering import problems, render_job
from app.rest.request_body import read_body
from app.rest.statuses import to_exception
from app.rest.work import ROOM, run_reading, run_submitting
from app.tables import read_query
from app.train import read_training
from model.errors import TrainingCancelled
from model.report import Report

router = APIRouter(tags=["train"])

REPORTED = tuple(member for member in TrainAnswer.model_fields if member in Report.__dataclass_fields__)
"""What of a training's report is answered at once; all of it stands in the version."""

DOCUMENTED: dict[str, Any] = {
    "response_model": TrainAnswer,
    "responses": {
        202: {"model": JobAnswer, "description": "The training goes on; `Location` tells where to watch it."},
        **problems(400, 404, 409, 413, 415, 422, 429, 503, 507),
    },
}


@router.post("/train", openapi_extra={"x-body": "train"}, dependencies=[ROOM], **DOCUMENTED)
async def train_exam_score(request: Request, services: ServicesDependency, prefer: PreferDependency) -> JSONResponse:
    """Train a new version of `exam-score`, which becomes its default."""
    return await _answer(request, services, prefer, EXAM_SCORE)


@router.post("/models/{name}/train", openapi_extra={"x-body": "train-any"}, dependencies=[ROOM], **DOCUMENTED)
async def train(
    name: ModelName, request: Request, services: ServicesDependency, prefer: PreferDependency
) -> JSONResponse:
    """Train a new version of a model, which becomes its default."""
    return await _answer(request, services, prefer, name)


async def _answer(request: Request, services: Services, prefer: Prefer, name: str) -> JSONResponse:
    job_id, warnings = await _submit(request, services, prefer, name)
    done = await services.jobs.wait(job_id, prefer.wait_seconds)
    return _rendered(done, warnings, services.settings.root_path)


async def _submit(request: Request, services: Services, prefer: Prefer, name: str) -> tuple[str, Sequence[str]]:
    """Queue a training; return its id and warnings. What holds the body and the table ends here: the request may wait long."""
    body = await read_body(request, services.settings.max_train_body_bytes)
    query = read_query(request.query_params.multi_items())
    # However short: it may build the schema of a wide model, or write a declaration.
    read = partial(read_training, body, services.registry, name, query, services.policy.limits)
    training = await run_reading(len(body.data), read)
    task = services.task(name, training, find_client(request))
    submit = partial(services.jobs.submit, task, prefer.idempotency_key(request, body))
    return (await run_submitting(submit)).job_id, training.warnings


def _rendered(job: Job, warnings: Sequence[str], root_path: str) -> JSONResponse:
    if job.status == "cancelled":
        raise TrainingCancelled("the training was cancelled")
    if job.error is not None:
        raise to_exception(job.error)
    if job.report is None:
        headers = {"Location": f"{root_path}/jobs/{job.job_id}", "Retry-After": "1"}
        return JSONResponse(render_job(job).model_dump(), 202, headers)
    reported = {member: job.report[member] for member in REPORTED if member in job.report}
    return JSONResponse(
        {
            "job_id": job.job_id,
            "status": job.status,
            "model_name": job.model_name,
            "model_version": job.model_version,
            "duration_seconds": job.duration_seconds,
            "read": job.read,
            **reported,  # an earlier version's report has not all of them
            "warnings": [*warnings, *reported.get("warnings", ())],
        }
    )
