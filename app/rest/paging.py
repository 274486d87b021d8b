"""Paging: which part of a list is asked for."""

from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

from fastapi import Depends, Query

from app.tables import BodyError, InvalidBody

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
