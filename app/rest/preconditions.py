"""Preconditions: which state of a thing a change is meant for (RFC 9110, If-Match and If-None-Match)."""

import re
from collections.abc import Container
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header

from app.errors import ChangedMeanwhile
from app.registry import ABSENT, AnyExisting


@dataclass(frozen=True)
class IfMatch:
    """The states that a change is meant for (`If-Match`, RFC 9110)."""

    tags: Container[str] | None
    """The tags of these states; None: any state."""

    def check(self, tag: str) -> None:
        """Raise `ChangedMeanwhile` unless the change is meant for the state with this tag."""
        if self.tags is not None and tag not in self.tags:
            raise ChangedMeanwhile("this is not the state that If-Match names: read it again")


class IfMatchOrNoneMatch(IfMatch):
    """The same for what may not exist yet: with `If-None-Match: *` a change is meant for its absence."""


IfMatchHeader = Annotated[str | None, Header(description="ETags, one of which must match.")]
IfNoneMatchHeader = Annotated[str | None, Header(description="`*`: only if there is none.")]


async def read_if_match(if_match: IfMatchHeader = None) -> IfMatch:
    """Return the states that the header names; async, since FastAPI runs a plain function in a thread."""
    if if_match is None:
        return IfMatch(None)
    return IfMatch(AnyExisting() if if_match.strip() == "*" else parse_tags(if_match))


async def read_if_match_or_none_match(
    if_match: IfMatchHeader = None, if_none_match: IfNoneMatchHeader = None
) -> IfMatchOrNoneMatch:
    """Return the states that the headers name; async as above."""
    if if_none_match is not None and if_none_match.strip() == "*":
        return IfMatchOrNoneMatch(frozenset({ABSENT}))
    return IfMatchOrNoneMatch((await read_if_match(if_match)).tags)


IfMatchDependency = Annotated[IfMatch, Depends(read_if_match)]
IfMatchOrNoneMatchDependency = Annotated[IfMatchOrNoneMatch, Depends(read_if_match_or_none_match)]


def parse_tags(header: str) -> frozenset[str]:
    """Return the entity tags in a header; weak ones count as strong."""
    return frozenset(re.findall(r'"([^"]*)"', header))
