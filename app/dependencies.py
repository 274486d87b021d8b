"""What routes ask for: the services, and a request's body."""

import re
from collections.abc import Callable, Container, Sequence
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Path, Query, Request
from starlette.concurrency import run_in_threadpool

from app.bodies import Body, BodyError, InvalidBody
from app.bootstrap import Services
from app.claims import Claim
from app.errors import BodyTooLarge, UnsupportedMediaType
from app.json_text import parse
from app.model_log import ChangedMeanwhile
from app.model_state import ABSENT, AnyExisting

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
    if (coding := request.headers.get("content-encoding", "identity").strip().lower()) not in {"", "identity"}:
        raise UnsupportedMediaType(f"a body with Content-Encoding {coding} is not read here: send it as it is")
    return Body(await _read(request, limit), is_csv)


async def read_json(request: Request, limit: int) -> Any:
    """Return what the request's body says, where only JSON will do."""
    body = await read_body(request, limit)
    if body.is_csv:
        raise UnsupportedMediaType("a table is not read here: send JSON with the header Content-Type: application/json")
    return await digest(body, lambda read: parse(read.data))


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


class Asked:
    """What the headers of a training ask for."""

    DEFAULT_SECONDS = 30.0

    def __init__(
        self,
        prefer: Annotated[str, Header(description="`respond-async`, or `wait=N` seconds (RFC 7240).")] = "",
        idempotency_key: Annotated[
            str | None,
            Header(max_length=255, description="Sent again with the same request, the first answer comes again."),
        ] = None,
    ) -> None:
        found = dict(_preference(part) for part in prefer.split(","))
        self.seconds = 0.0 if "respond-async" in found else self.DEFAULT_SECONDS
        if re.fullmatch(r"\d{1,6}", found.get("wait", "")):  # with both, so long at the most
            self.seconds = float(found["wait"])
        self._key = idempotency_key

    def claim(self, request: Request, body: Body) -> Claim | None:
        """Return the request as one that must be carried out once, if it has a key."""
        if self._key is None:
            return None
        path, query = request.url.path, request.url.query
        return Claim(f"{path} {self._key}", f"{path}?{query} {body.is_csv}\n".encode() + body.data)


def _preference(part: str) -> tuple[str, str]:
    name, _, value = part.partition(";")[0].partition("=")
    return name.strip().lower(), value.strip().strip('"')


AskedDependency = Annotated[Asked, Depends()]


class Expected:
    """Which state of a thing a change is meant for (`If-Match`, RFC 9110)."""

    def __init__(
        self, if_match: Annotated[str | None, Header(description="ETags, one of which must match.")] = None
    ) -> None:
        self.tags: Container[str] | None = None
        if if_match is not None:
            self.tags = AnyExisting() if if_match.strip() == "*" else tags_in(if_match)

    def demand(self, tag: str) -> None:
        """Raise `ChangedMeanwhile` unless a thing with this tag is meant."""
        if self.tags is not None and tag not in self.tags:
            raise ChangedMeanwhile("this is not the state that If-Match names: read it again")


class ExpectedOrAbsent(Expected):
    """The same for what may not be there yet: `If-None-Match: *` is for the first to make it."""

    def __init__(
        self,
        if_match: Annotated[str | None, Header(description="ETags, one of which must match.")] = None,
        if_none_match: Annotated[str | None, Header(description="`*`: only if there is none.")] = None,
    ) -> None:
        super().__init__(if_match)
        if if_none_match is not None and if_none_match.strip() == "*":
            self.tags = frozenset({ABSENT})


ExpectedDependency = Annotated[Expected, Depends()]
ExpectedOrAbsentDependency = Annotated[ExpectedOrAbsent, Depends()]


def tags_in(header: str) -> frozenset[str]:
    """Return the entity tags in a header; weak ones count as strong."""
    return frozenset(re.findall(r'"([^"]*)"', header))


Key = TypeVar("Key", str, int)


class Page:
    """Which part of a list is asked for."""

    def __init__(
        self,
        limit: Annotated[int, Query(ge=1, le=1000, description="At most so many.")] = 100,
        after: Annotated[str | None, Query(description="Only what comes after this one.")] = None,
    ) -> None:
        self.limit, self.after = limit, after

    def of(
        self, keys: Sequence[Key], kind: Callable[[str], Key], *, descending: bool = False
    ) -> tuple[Sequence[Key], str | None]:
        """Return this page of sorted keys, and the last of them if there are more."""
        if self.after is not None:
            try:
                after = kind(self.after)
            except ValueError:
                raise InvalidBody([BodyError(f"there is nothing after {self.after!r}", "")]) from None
            keys = [key for key in keys if (key < after if descending else key > after)]
        page = keys[: self.limit]
        return page, str(page[-1]) if len(keys) > len(page) else None


PageDependency = Annotated[Page, Depends()]
