"""How values that several routes answer with are rendered."""

from app.answers import JobAnswer
from app.errors import failure_problem
from app.records import Job


def render_job(job: Job) -> JobAnswer:
    """Return a job as it is answered: an error as the problem document that it is."""
    error = job.error and failure_problem(job.error, f"/jobs/{job.job_id}")
    return JobAnswer.model_validate({**vars(job), "error": error})
