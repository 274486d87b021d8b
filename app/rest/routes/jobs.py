"""Jobs: trainings, to be watched and cancelled."""

from typing import Annotated

from fastapi import APIRouter, Header
from fastapi.responses import Response, StreamingResponse
from starlette.concurrency import run_in_threadpool

from app.rest.bodies import JobAnswer, JobsAnswer
from app.rest.dependencies import ServicesDependency
from app.rest.events import event_id, events
from app.rest.paging import PageDependency
from app.rest.rendering import problems, render_job

router = APIRouter(tags=["jobs"])


@router.get("/jobs")
def list_jobs(services: ServicesDependency, page: PageDependency) -> JobsAnswer:
    """List jobs, the newest first; `next` is what to send as `after` for more."""
    ids, following = page.select(services.jobs.ids(), str, descending=True)
    return JobsAnswer(jobs=[render_job(job) for job in services.jobs.find(ids)], next=following)


@router.get("/jobs/{job_id}", responses=problems(404))
def read_job(job_id: str, services: ServicesDependency) -> JobAnswer:
    """Tell how a training stands."""
    return render_job(services.jobs.job(job_id))


@router.post("/jobs/{job_id}/cancel", responses=problems(404))
def cancel_job(job_id: str, services: ServicesDependency) -> JobAnswer:
    """Ask a training to stop, which it does at its next epoch; one that has finished stays as it is."""
    return render_job(services.jobs.cancel(job_id))


@router.get(
    "/jobs/{job_id}/events",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}},
        204: {"description": "The final state has been seen already (`Last-Event-ID`)."},
        **problems(404),
    },
)
async def watch_job(
    job_id: str, services: ServicesDependency, last_event_id: Annotated[str | None, Header()] = None
) -> Response:
    """Stream a training's progress as server-sent events, until it has finished."""

    def read() -> JobAnswer:
        return render_job(services.jobs.job(job_id))

    job = await run_in_threadpool(read)
    if job.finished is not None and last_event_id == event_id(job):
        return Response(status_code=204)
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return StreamingResponse(events(read, last_event_id), media_type="text/event-stream", headers=headers)
