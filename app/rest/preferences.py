"""What the headers of a training ask for: how long to wait (RFC 7240), and to be carried out once."""

import re
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request

from app.jobs import IdempotencyKey
from app.tables import Body

DEFAULT_WAIT_SECONDS = 30.0
"""How long a request waits for its training unless it says otherwise."""


@dataclass(frozen=True)
class Prefer:
    """How long a training's request waits for the result (`Prefer`, RFC 7240), and its idempotency key."""

    wait_seconds: float
    key: str | None

    def idempotency_key(self, request: Request, body: Body) -> IdempotencyKey | None:
        """Return the request as one that must be carried out once, if it has a key."""
        if self.key is None:
            return None
        path, query = request.url.path, request.url.query
        return IdempotencyKey(f"{path} {self.key}", f"{path}?{query} {body.is_csv}\n".encode(), body.data)


IdempotencyKeyHeader = Annotated[
    str | None,
    Header(max_length=255, description="A request that is sent again with the same key gets the first answer again."),
]


async def read_prefer(
    prefer: Annotated[str, Header(description="`respond-async`, or `wait=N` seconds (RFC 7240).")] = "",
    idempotency_key: IdempotencyKeyHeader = None,
) -> Prefer:
    """Read the headers of a training; async, since FastAPI runs a plain function in a thread."""
    found = dict(_parse_preference(part) for part in prefer.split(","))
    seconds = 0.0 if "respond-async" in found else DEFAULT_WAIT_SECONDS
    if re.fullmatch(r"\d{1,6}", found.get("wait", "")):  # with both, at most so long
        seconds = float(found["wait"])
    return Prefer(seconds, idempotency_key)


def _parse_preference(part: str) -> tuple[str, str]:
    name, _, value = part.partition(";")[0].partition("=")
    return name.strip().lower(), value.strip().strip('"')


PreferDependency = Annotated[Prefer, Depends(read_prefer)]
