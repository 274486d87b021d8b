"""What the headers of a training ask for: how long to wait (RFC 7240), and to be carried out once."""

import re
from typing import Annotated

from fastapi import Depends, Header, Request

from app.jobs import Claim
from app.tables import Body


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
