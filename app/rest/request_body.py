"""A request's body: read within its limit, and worked on in a thread if that may take long."""

from collections.abc import Callable
from email.message import Message
from io import BytesIO
from typing import Any, TypeVar

from fastapi import Request

from app.budget import BODY_SETTINGS, MAX_SMALL_BODY_BYTES, SEND_FEWER
from app.errors import BodyTooLarge, UnsupportedMediaType, shorten
from app.predict import TABLE_WRITERS
from app.rest.work import PLAIN, arriving, check_coding, decompress, run_cheaply
from app.tables import (
    CSV,
    FORM,
    JSON,
    XLSX,
    Body,
    find_file,
    find_media_type,
    find_reader_type,
    parse_json,
)
from app.upload import UploadBody, check_media_type

Result = TypeVar("Result")


async def in_thread_if_large(body: bytes, function: Callable[[], Result]) -> Result:
    """Return `function()`, which reads a body: done at once if that is short."""
    return function() if len(body) <= MAX_SMALL_BODY_BYTES else await run_cheaply(function, len(body))


async def read_body(request: Request, limit: int) -> Body:
    """Return the request's body, a table or JSON; of a form with one file, that file.

    Raises `UnsupportedMediaType`, `BodyTooLarge` and `MalformedBody`. A body needs a Content-Type: any web page may have
    a browser send one without, but not one of JSON or CSV (`refuse_cross_site` looks after forms).
    """
    content_type = request.headers.get("content-type", "")
    kind = content_type.partition(";")[0].strip().lower()
    if not kind and not _has_body(request):
        kind = JSON  # its being empty is what is wrong with it
    media_type = find_reader_type(kind)
    if media_type is None and kind != FORM:
        raise UnsupportedMediaType(
            f"a body {f'of Content-Type {shorten(kind)!r}' if kind else 'without Content-Type'} is not read here: send "
            "JSON with the header Content-Type: application/json, or a table with Content-Type: text/csv; with "
            "curl, -F file=@table.csv sends a table of any form, also .xlsx and .parquet"
        )
    data = await read_raw_body(request, limit)
    if media_type is not None:
        return Body(data, media_type, _find_charset(content_type), limit)
    return await in_thread_if_large(data, lambda: _open_form(data, content_type, limit))


async def read_raw_body(request: Request, limit: int) -> bytes:
    """Return the request's body, decompressed, whatever its Content-Type. Raises as `read_body` does."""
    coding = check_coding(request.headers.get("content-encoding", ""))
    data = await _read(request, limit)
    if coding in PLAIN:
        return data
    return await run_cheaply(lambda: decompress(data, coding, limit), len(data))  # a few KB may become many MB


async def read_upload(request: Request, limit: int) -> UploadBody:
    """Return the body of an upload. Raises `UnsupportedMediaType` before it is read, `BodyTooLarge`, `MalformedBody`."""
    content_type = request.headers.get("content-type", "")
    check_media_type(content_type)
    return UploadBody(await read_raw_body(request, limit), content_type)


def _open_form(data: bytes, content_type: str, limit: int) -> Body:
    part, file = find_file(data, content_type)
    own = part.headers.get("content-type", "")
    media_type = find_media_type(part, find_reader_type(own.partition(";")[0].strip().lower()))
    return Body(file, media_type, _find_charset(own), limit)


def _find_charset(content_type: str) -> str | None:
    """Return the charset that a Content-Type declares."""
    message = Message()
    message["content-type"] = content_type
    found = message.get_param("charset")
    return found.strip() if isinstance(found, str) else None


async def read_json(request: Request, limit: int) -> Any:
    """Return the value of the request's body, where only JSON is accepted."""
    body = await read_body(request, limit)
    if body.media_type != JSON:
        raise UnsupportedMediaType("a table is not read here: send JSON with the header Content-Type: application/json")
    return await in_thread_if_large(body.data, lambda: parse_json(body.data))


def choose_answer_type(request: Request, body: Body) -> str:
    """Return the media type that the answer has to be of: as `Accept` says, or else CSV for a CSV or a workbook."""
    accepted = request.headers.get("accept", "")
    named = [media_type for media_type in (JSON, *TABLE_WRITERS) if media_type in accepted]
    if len(named) == 1:
        return named[0]
    return CSV if body.media_type in {CSV, XLSX} else JSON


def _has_body(request: Request) -> bool:
    """Whether a body comes with a request: as RFC 9112 tells by its head."""
    return "transfer-encoding" in request.headers or request.headers.get("content-length", "0").strip("0") != ""


async def _read(request: Request, limit: int) -> bytes:
    too_large = BodyTooLarge(f"the body is larger than the {limit} bytes allowed {BODY_SETTINGS}: {SEND_FEWER}")
    total = int(request.headers.get("content-length", 0))
    if total > limit:
        raise too_large
    body = BytesIO()  # which grows in place: to join 98 MB took 100 ms, in which nothing else was answered
    async with arriving(total) as arrival:
        async for chunk in request.stream():
            if body.tell() + len(chunk) > limit:
                raise too_large
            arrival.add(len(chunk))
            body.write(chunk)
    return body.getvalue()
