"""What was said of rows of a table by what had not seen them, as bytes and back: it stands beside the table, not in the checkpoint."""

from dataclasses import dataclass

import numpy as np

from model.arrays import FloatArray, IntArray
from model.checkpoint.file import DAMAGE, read_arrays, write_file
from model.errors import CheckpointError

MAX_ROWS, MAX_NUMBERS = 1000, 500_000
"""What is kept at most: 16 KB for each target, however long the table, and 4 MB of many classes."""

_HEADER = "scorecast-unseen"


@dataclass(frozen=True, eq=False)
class UnseenAnswers:
    """Answers to some rows of a table, each left out of what answers it: in a fold, or by leave-one-out."""

    rows: IntArray
    """(kept,): their numbers in the table, from 0, ascending."""
    answers: FloatArray
    """(kept, targets): locations in scaled units; of a classifier (kept, categories): probabilities."""
    variances: FloatArray
    """(kept, targets): in scaled units; of a classifier (kept, 0)."""

    @staticmethod
    def keep(rows: IntArray, answers: FloatArray, variances: FloatArray | None = None) -> "UnseenAnswers":
        """Return the answers to as many of these rows as are kept, evenly spaced."""
        known = np.empty((len(rows), 0)) if variances is None else variances
        most = min(MAX_ROWS, MAX_NUMBERS // (answers.shape[1] + known.shape[1]))
        kept = space_evenly(len(rows), most)
        return UnseenAnswers(rows[kept], answers[kept], known[kept])

    def to_bytes(self) -> bytes:
        """Return a safetensors file."""
        return write_file(_HEADER, "", vars(self))

    @staticmethod
    def from_bytes(data: bytes) -> "UnseenAnswers":
        """Read what `to_bytes` wrote. Raises `CheckpointError` if it is damaged."""
        try:
            return UnseenAnswers(**read_arrays(data))
        except DAMAGE as error:
            raise CheckpointError(f"what was said of unseen rows is damaged: {error}") from error


def space_evenly(count: int, limit: int) -> IntArray:
    """Return the numbers of at most `limit` of so many rows, evenly spaced, the first and the last among them."""
    return np.linspace(0, count - 1, min(count, limit)).round().astype(np.intp)
