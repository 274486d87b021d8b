"""Jobs: trainings, to be watched and cancelled."""

from fastapi import APIRouter

from app.answers import JobAnswer, JobsAnswer
from app.dependencies import PageDependency, ServicesDependency
from app.routes.problems import problems
from app.routes.rendering import render_job

router = APIRouter(tags=["jobs"])


@router.get("/jobs")
def list_jobs(services: ServicesDependency, page: PageDependency) -> JobsAnswer:
    """List jobs, the newest first; `next` is what to send as `after` for more."""
    ids, following = page.of(services.jobs.ids(), str)
    return JobsAnswer(jobs=[render_job(services.jobs.job(job_id)) for job_id in ids], next=following)


@router.get("/jobs/{job_id}", responses=problems(404))
def read_job(job_id: str, services: ServicesDependency) -> JobAnswer:
    """Tell how a training stands."""
    return render_job(services.jobs.job(job_id))


@router.post("/jobs/{job_id}/cancel", responses=problems(404))
def cancel_job(job_id: str, services: ServicesDependency) -> JobAnswer:
    """Ask a training to stop, which it does at its next epoch; one that has finished stays as it is."""
    return render_job(services.jobs.cancel(job_id))
