"""Lines of the log, written whole: several processes and threads write to the same output."""

import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime

from app.logs.configuration import STANDARD_OUTPUT, LogForm

MAX_WRITE_BYTES = 4096
"""What a pipe takes from one of several writers in one piece (PIPE_BUF of pipe(7) in Linux); no line is longer."""


class LogLines(logging.Handler):
    """Writes what is logged as lines."""

    def __init__(self, form: LogForm) -> None:
        super().__init__()
        self._form: LogForm = form

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line, also about what cannot be told."""
        if self.formatter is None:
            # A training process seldom has anything to tell: it would grow by 7 MB.
            from app.logs.formatting import make_formatter  # noqa: PLC0415

            self.formatter = make_formatter(self._form)
        try:
            write([self.format(record)])
        except Exception:  # the standard library would write it to the standard error, with all of its values
            lost = logging.LogRecord(
                record.name, logging.ERROR, "", 0, "a line of the log could not be made", None, None
            )
            write([self.format(lost)])


def write(lines: Iterable[str]) -> None:
    """Write lines, which have no end yet; with as few calls as keep each of them whole."""
    with suppress(OSError):  # no one reads them any more
        for piece in _join(lines):
            os.write(STANDARD_OUTPUT, piece)


def _join(lines: Iterable[str]) -> Iterator[bytes]:
    """Yield lines as pieces of at most `MAX_WRITE_BYTES`; a line that is longer is a piece of its own."""
    piece = b""
    for line in lines:
        data = line.encode(errors="backslashreplace") + b"\n"
        if piece and len(piece) + len(data) > MAX_WRITE_BYTES:
            yield piece
            piece = b""
        piece += data
    if piece:
        yield piece


def now() -> str:
    """Return the time of day, RFC 3339, UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
