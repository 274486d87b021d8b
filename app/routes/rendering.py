"""How values that several routes answer with are rendered."""

from fastapi import Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel

from app.answers import JobAnswer
from app.dependencies import tags_in
from app.errors import failure_problem
from app.records import Job


def render_job(job: Job) -> JobAnswer:
    """Return a job as it is answered: an error as the problem document that it is."""
    error = job.error and failure_problem(job.error, f"/jobs/{job.job_id}")
    return JobAnswer.model_validate({**vars(job), "error": error})


def tagged(request: Request, answer: BaseModel, tag: str) -> Response:
    """Return an answer with its entity tag; to who has it already, that nothing has changed (RFC 9110)."""
    headers = {"ETag": f'"{tag}"'}
    known = request.headers.get("if-none-match", "")
    if request.method == "GET" and (tag in tags_in(known) or known.strip() == "*"):
        return Response(status_code=304, headers=headers)
    return JSONResponse(answer.model_dump(), headers=headers)
