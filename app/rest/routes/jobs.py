"""Jobs: trainings, to be watched and cancelled."""

from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import Response, StreamingResponse
from starlette.concurrency import run_in_threadpool

from app.jobs import Job
from app.rest.access import MayUseDependency, is_still_allowed
from app.rest.bodies import JobAnswer, JobsAnswer
from app.rest.dependencies import JobId, ServicesDependency
from app.rest.events import EventStreams, event_id
from app.rest.paging import PageDependency
from app.rest.rendering import problems, render_job
from app.rest.work import run_storing

router = APIRouter(tags=["jobs"])


EVENTS = (
    "Server-sent events, one for each state of the job that is seen: `event` is its status, `data` the job as `GET "
    "/jobs/{job_id}` answers it, `id` what to send as `Last-Event-ID` to go on from there. The stream ends with the final "
    "state, or with `event: stopping` when the server stops, or the key of the request is withdrawn."
)
EVENT = 'id: running-7\nevent: running\ndata: {"job_id": "...", "status": "running", "epoch": 7}\n\n'


@router.get("/jobs")
def list_jobs(services: ServicesDependency, page: PageDependency, may_use: MayUseDependency) -> JobsAnswer:
    """List jobs, the newest first; `next` is what to send as `after` for more."""

    def find(job_id: str) -> Job | None:
        return next((job for job in services.jobs.find([job_id]) if may_use(job.model_name)), None)

    jobs, following = page.search(services.jobs.ids(), find)
    return JobsAnswer(jobs=[render_job(job) for job in jobs], next=following)


@router.get("/jobs/{job_id}", responses=problems(404))
def read_job(job_id: JobId, services: ServicesDependency) -> JobAnswer:
    """Tell how a training stands."""
    return render_job(services.jobs.job(job_id))


@router.post("/jobs/{job_id}/cancel", responses=problems(404))
async def cancel_job(job_id: JobId, services: ServicesDependency) -> JobAnswer:
    """Ask a training to stop, which it does at its next epoch; one that has finished stays as it is."""
    return render_job(await run_storing(lambda: services.jobs.cancel(job_id)))


@router.get(
    "/jobs/{job_id}/events",
    response_class=StreamingResponse,
    responses={
        200: {"description": EVENTS, "content": {"text/event-stream": {"example": EVENT}}},
        204: {"description": "The final state has been seen already (`Last-Event-ID`)."},
        **problems(404, 503),
    },
)
async def watch_job(
    request: Request, job_id: JobId, services: ServicesDependency, last_event_id: Annotated[str | None, Header()] = None
) -> Response:
    """Stream a training's progress as server-sent events, until it has finished."""

    def read() -> JobAnswer:
        return render_job(services.jobs.job(job_id))

    job = await run_in_threadpool(read)
    if job.finished is not None and last_event_id == event_id(job):
        return Response(status_code=204)
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    if "is_head" in request.scope:
        return Response(media_type="text/event-stream", headers=headers)
    streams: EventStreams = request.app.state.streams
    events = streams.follow(job_id, read, last_event_id, is_still_allowed(request, services))
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)
