"""Lines of the log, written whole: several processes and threads write to the same output."""

import logging
import os
import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache

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
    data = ("\n".join(lines) + "\n").encode(errors="backslashreplace")
    with suppress(OSError):  # no one reads them any more
        while len(data) > MAX_WRITE_BYTES:
            end = data.rfind(b"\n", 0, MAX_WRITE_BYTES) + 1 or data.index(b"\n") + 1
            os.write(STANDARD_OUTPUT, data[:end])
            data = data[end:]
        os.write(STANDARD_OUTPUT, data)


def now() -> str:
    """Return the time of day, RFC 3339, UTC."""
    seconds, rest = divmod(time.time_ns(), 1_000_000_000)
    return f"{_to_seconds(seconds)}.{rest // 1_000_000:03d}Z"


@lru_cache(maxsize=1)
def _to_seconds(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
