"""What routes ask for: the services, and a request's body."""

import re
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Path, Request
from starlette.concurrency import run_in_threadpool

from app.bodies import Body
from app.bootstrap import Services
from app.errors import BodyTooLarge, UnsupportedMediaType

Result = TypeVar("Result")

SMALL_BODY = 64 * 1024
"""Bytes that are read sooner than a thread is reached."""


def services(request: Request) -> Services:
    """Return the services of the application."""
    found: Services = request.app.state.services
    return found


ServicesDependency = Annotated[Services, Depends(services)]
ModelName = Annotated[str, Path(description="The model's name.", examples=["exam-score"])]
ModelVersion = Annotated[int, Path(ge=1, description="The version's number.")]


_CSV = re.compile(r"text/csv")
_JSON = re.compile(r"application/(.+\+)?json")


async def read_body(request: Request, limit: int) -> Body:
    """Return the request's body, JSON or CSV. Raises `UnsupportedMediaType` and `BodyTooLarge`."""
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    is_csv = _CSV.fullmatch(kind) is not None
    if not is_csv and not _JSON.fullmatch(kind):
        raise UnsupportedMediaType(
            f"a body of Content-Type {kind!r} is not read here: send JSON with the header "
            "Content-Type: application/json, or a table with Content-Type: text/csv"
        )
    return Body(await _read(request, limit), is_csv)


def wants_csv(request: Request, body: Body) -> bool:
    """Whether the answer has to be CSV: as `Accept` says, or else as the body came."""
    accepted = request.headers.get("accept", "")
    is_csv, is_json = "text/csv" in accepted, "application/json" in accepted
    return is_csv if is_csv != is_json else body.is_csv


async def digest(body: Body, read: Callable[..., Result], *arguments: Any) -> Result:
    """Return `read(body, *arguments)`; a large body is read in a thread, so that others are answered meanwhile."""
    if len(body.data) <= SMALL_BODY:
        return read(body, *arguments)
    return await run_in_threadpool(read, body, *arguments)


async def _read(request: Request, limit: int) -> bytes:
    too_large = BodyTooLarge(f"the body is larger than the {limit} bytes that are taken here")
    if int(request.headers.get("content-length", 0)) > limit:
        raise too_large
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise too_large
        chunks.append(chunk)
    return b"".join(chunks)


class Preference:
    """How long a client wants to wait for a training (RFC 7240)."""

    DEFAULT_SECONDS = 30.0

    def __init__(
        self, prefer: Annotated[str, Header(description="`respond-async`, or `wait=N` seconds.")] = ""
    ) -> None:
        found = {
            name.strip().lower(): value.strip()
            for name, _, value in (part.partition("=") for part in prefer.split(","))
        }
        self.seconds = self.DEFAULT_SECONDS
        if "respond-async" in found:
            self.seconds = 0.0
        elif re.fullmatch(r"\d{1,6}", found.get("wait", "")):
            self.seconds = float(found["wait"])


PreferenceDependency = Annotated[Preference, Depends()]
