"""Many rows, answered some at a time: with a look between two pieces whether the answer is still wanted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.arrays import FloatArray

MIN_ROWS = 32
"""In a piece: with fewer, much of the time goes into beginning one."""


def _go_on() -> None:
    pass


@dataclass(frozen=True)
class Pieces:
    """How many rows are answered at a time, and what is called before each piece; an exception of it ends the work."""

    rows: int = 10_000
    check: Callable[[], None] = _go_on

    def run(
        self, features: FloatArray, compute: Callable[[FloatArray, slice], Sequence[NDArray[Any] | None]]
    ) -> list[NDArray[Any] | None]:
        """Return what `compute(features of a piece, its place)` gives for all features (rows, features).

        That is arrays with a row for each row of the piece, or None. A row's bits are the same in any piece.
        """
        step = max(self.rows, MIN_ROWS)
        whole: list[NDArray[Any] | None] = []
        for start in range(0, len(features) or 1, step):
            self.check()
            place = slice(start, start + step)
            found = compute(features[place], place)
            if len(features) <= step:
                return list(found)
            if not whole:  # made once, so that the pieces and the whole are not there at the same time
                whole = [
                    None if each is None else np.empty((len(features), *each.shape[1:]), each.dtype) for each in found
                ]
            for part, array in zip(found, whole, strict=True):
                if part is not None and array is not None:
                    array[place] = part
        return whole
