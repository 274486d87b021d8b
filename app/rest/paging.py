"""Paging: which part of a list is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Query

Key = TypeVar("Key", str, int)


@dataclass(frozen=True)
class Page(Generic[Key]):
    """Which part of a list is asked for."""

    limit: int
    after: Key | None

    def select(self, keys: Sequence[Key], *, descending: bool = False) -> tuple[Sequence[Key], str | None]:
        """Return this page of sorted keys, and the last of them if there are more."""
        if self.after is not None:
            after = self.after
            keys = [key for key in keys if (key < after if descending else key > after)]
        page = keys[: self.limit]
        return page, str(page[-1]) if len(keys) > len(page) else None


Limit = Annotated[int, Query(ge=1, le=1000, description="At most so many.")]
After = Query(description="Only what comes after this one.")


async def read_page(limit: Limit = 100, after: Annotated[str | None, After] = None) -> Page[str]:
    """Return the page of a list of names that a query asks for."""
    return Page(limit, after)


async def read_page_of_numbers(limit: Limit = 100, after: Annotated[int | None, After] = None) -> Page[int]:
    """Return the page of a list of numbers that a query asks for."""
    return Page(limit, after)


PageDependency = Annotated[Page[str], Depends(read_page)]
PageOfNumbersDependency = Annotated[Page[int], Depends(read_page_of_numbers)]
