"""What routes ask for: the services, and a request's body."""

import re
from typing import Annotated, Any

from fastapi import Depends, Header, Path, Request
from starlette.concurrency import run_in_threadpool

from app.bodies import parse
from app.bootstrap import Services
from app.errors import BodyTooLarge, UnsupportedMediaType

SMALL_BODY = 64 * 1024
"""Bytes that are parsed sooner than a thread is reached."""


def services(request: Request) -> Services:
    """Return the services of the application."""
    found: Services = request.app.state.services
    return found


ServicesDependency = Annotated[Services, Depends(services)]
ModelName = Annotated[str, Path(description="The model's name.", examples=["exam-score"])]
ModelVersion = Annotated[int, Path(ge=1, description="The version's number.")]


async def json_body(request: Request, limit: int) -> Any:
    """Return what the request's JSON body says. Raises `UnsupportedMediaType`, `BodyTooLarge` and what `parse` raises."""
    _demand_json(request)
    body = await _read(request, limit)
    return parse(body) if len(body) <= SMALL_BODY else await run_in_threadpool(parse, body)


def _demand_json(request: Request) -> None:
    declared = request.headers.get("content-type", "application/json")
    kind = declared.partition(";")[0].strip().lower()
    if not re.fullmatch(r"application/(.+\+)?json", kind):
        raise UnsupportedMediaType(
            f"the body has Content-Type {kind}; send JSON, with the header Content-Type: application/json"
        )


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
