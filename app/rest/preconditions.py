"""Preconditions: which state of a thing a change is meant for (RFC 9110, If-Match and If-None-Match)."""

import re
from collections.abc import Container
from typing import Annotated

from fastapi import Depends, Header

from app.registry import ABSENT, AnyExisting, ChangedMeanwhile


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
