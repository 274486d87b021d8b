"""What the log says of an error: what kind it is, and where in the code it came from, but not its words.

These may quote the row that it is about. Only the words of errors that cannot be about a row are told.
"""

from collections.abc import Iterator
from concurrent.futures import BrokenExecutor
from traceback import extract_tb
from typing import Any

from app.errors import JobInterrupted, StoreError, shorten

WITHOUT_VALUES = (OSError, ImportError, BrokenExecutor, StoreError, JobInterrupted)
"""Errors that are not about a row."""

MAX_ERRORS, MAX_FRAMES, MAX_WORDS = 3, 10, 300
"""What is told at the most: errors that led to one another, the innermost frames of each, and characters of its words."""
FOLDERS = 4
"""The last parts of a file's path: they say which package it is of."""


def tell_error(error: BaseException | None) -> list[dict[str, Any]]:
    """Return what may be told of an error, and of those that led to it."""
    return [_tell(each) for each, _ in zip(_chain(error), range(MAX_ERRORS), strict=False)]


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _tell(error: BaseException) -> dict[str, Any]:
    frames = extract_tb(error.__traceback__)[-MAX_FRAMES:]
    told: dict[str, Any] = {"type": type(error).__name__}
    if isinstance(error, WITHOUT_VALUES):
        told["message"] = shorten(str(error).partition("\n")[0], MAX_WORDS)
    told["frames"] = [f"{_shorten_path(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]
    return told


def _shorten_path(file: str) -> str:
    return "/".join(file.rpartition("site-packages/")[2].split("/")[-FOLDERS:])
