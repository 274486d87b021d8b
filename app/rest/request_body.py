"""A request's body: read within its limit, and in a thread if it is large."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from app.errors import BodyTooLarge, UnsupportedMediaType
from app.tables import Body, parse_json

Result = TypeVar("Result")


MAX_SMALL_BODY_BYTES = 64 * 1024
"""A body of at most so many bytes is read faster than a thread starts to work."""


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
    if (coding := request.headers.get("content-encoding", "identity").strip().lower()) not in {"", "identity"}:
        raise UnsupportedMediaType(f"a body with Content-Encoding {coding} is not read here: send it as it is")
    return Body(await _read(request, limit), is_csv)


async def read_json(request: Request, limit: int) -> Any:
    """Return the value of the request's body, where only JSON is accepted."""
    body = await read_body(request, limit)
    if body.is_csv:
        raise UnsupportedMediaType("a table is not read here: send JSON with the header Content-Type: application/json")
    return await in_thread_if_large(body, lambda read: parse_json(read.data))


def wants_csv(request: Request, body: Body) -> bool:
    """Whether the answer has to be CSV: as `Accept` says, or else as the body came."""
    accepted = request.headers.get("accept", "")
    is_csv, is_json = "text/csv" in accepted, "application/json" in accepted
    return is_csv if is_csv != is_json else body.is_csv


async def in_thread_if_large(body: Body, read: Callable[..., Result], *arguments: Any) -> Result:
    """Return `read(body, *arguments)`; a large body is read in a thread, so that other requests are answered meanwhile."""
    if len(body.data) <= MAX_SMALL_BODY_BYTES:
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
