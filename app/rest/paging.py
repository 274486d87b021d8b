"""Paging: which part of a list is asked for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Depends, Query

from app.errors import BodyError, InvalidBody, shorten

Key = TypeVar("Key", str, int)


@dataclass(frozen=True)
class Page:
    """Which part of a list is asked for."""

    limit: int
    after: str | None

    def select(
        self, keys: Sequence[Key], kind: Callable[[str], Key], *, descending: bool = False
    ) -> tuple[Sequence[Key], str | None]:
        """Return this page of sorted keys, and the last of them if there are more."""
        if self.after is not None:
            try:
                after = kind(self.after)
            except ValueError:
                raise InvalidBody([BodyError(f"there is nothing after {shorten(self.after)!r}", "")]) from None
            keys = [key for key in keys if (key < after if descending else key > after)]
        page = keys[: self.limit]
        return page, str(page[-1]) if len(keys) > len(page) else None


async def read_page(
    limit: Annotated[int, Query(ge=1, le=1000, description="At most so many.")] = 100,
    after: Annotated[str | None, Query(description="Only what comes after this one.")] = None,
) -> Page:
    """Return the page that a query asks for."""
    return Page(limit, after)


PageDependency = Annotated[Page, Depends(read_page)]
