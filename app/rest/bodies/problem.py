"""The body of an answer that says what went wrong (RFC 9457)."""

from pydantic import BaseModel, Field


class ProblemError(BaseModel):
    """One thing that is wrong with a request."""

    detail: str
    pointer: str = Field(description="A JSON pointer (RFC 6901) into the body; empty for the body as a whole.")


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str = Field(description="A URI reference that names the kind of problem.")
    title: str
    status: int
    detail: str
    instance: str
    errors: list[ProblemError] = Field(description="What exactly, and where in the request's body.")
