"""How values that several routes answer with are rendered."""

from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel

from app.jobs import Job
from app.rest.bodies import PROBLEM, JobAnswer, Problem
from app.rest.preconditions import parse_tags
from app.rest.statuses import failure_problem

PAGE_HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}
"""Of every page, beside what it may load: no other site's page has hold of its window, is told its address, or shows it inside
of its own."""


def render_job(job: Job) -> JobAnswer:
    """Return a job as it is answered: an error as the problem document that it is."""
    error = None if job.error is None else failure_problem(job.error, f"/jobs/{job.job_id}")
    if error is not None:
        error["request_id"] = job.request_id or ""  # of the request that asked for it, not of the one that this answers
    return JobAnswer.model_validate({**vars(job), "error": error})


def render_tagged(request: Request, answer: BaseModel, tag: str) -> Response:
    """Return an answer with its entity tag; to a client that has it already, that nothing has changed (304, RFC 9110)."""
    headers = {"ETag": f'"{tag}"'}
    known = request.headers.get("if-none-match", "")
    if request.method == "GET" and (tag in parse_tags(known) or known.strip() == "*"):
        return Response(status_code=304, headers=headers)
    return JSONResponse(answer.model_dump(), headers=headers)


NOT_MODIFIED: dict[int | str, dict[str, Any]] = {
    304: {"description": "Nothing has changed since the answer whose `ETag` `If-None-Match` names."}
}
"""What a route may answer that uses `render_tagged`, for its `responses`."""


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what a route may answer but success, for its `responses`."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {PROBLEM: {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}},
        }
        for status in statuses
    }
