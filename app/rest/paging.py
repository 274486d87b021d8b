"""Paging: which part of a list is asked for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Query

Key = TypeVar("Key", str, int)
Value = TypeVar("Value")


@dataclass(frozen=True)
class Page(Generic[Key]):
    """Which part of a list is asked for."""

    limit: int
    after: Key | None

    def select(self, keys: Sequence[Key], *, descending: bool = False) -> tuple[Sequence[Key], str | None]:
        """Return this page of sorted keys, and the last of them if there are more."""
        keys = self._following(keys, descending=descending)
        page = keys[: self.limit]
        return page, str(page[-1]) if len(keys) > len(page) else None

    def search(self, keys: Sequence[Key], find: Callable[[Key], Value | None]) -> tuple[list[Value], str | None]:
        """Return what is found of keys (the greatest first) on this page, and the key of the last of it if there is more.

        A key of which nothing is found takes no room, and is never told.
        """
        found: list[tuple[Key, Value]] = []
        for key in self._following(keys, descending=True):
            if (value := find(key)) is not None:
                found.append((key, value))
            if len(found) > self.limit:
                break
        page = found[: self.limit]
        return [value for _, value in page], str(page[-1][0]) if len(found) > len(page) else None

    def _following(self, keys: Sequence[Key], *, descending: bool) -> Sequence[Key]:
        if (after := self.after) is None:
            return keys
        return [key for key in keys if (key < after if descending else key > after)]


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
