"""A filter that keeps a mistake on the way of every request from filling the log."""

import logging
import time

SECONDS = 60.0
"""How long the same line is left out of the log after it was written."""
MAX_LINES = 1000
"""How many lines are remembered; beyond that all are forgotten, and may be written again."""


class OncePerMinute(logging.Filter):
    """Lets a log line pass unless the same one, with the same values, has passed within the last minute."""

    def __init__(self) -> None:
        super().__init__()
        self._written: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a line is to be written."""
        line, now = record.getMessage(), time.monotonic()
        if now - self._written.get(line, -SECONDS) < SECONDS:
            return False
        if len(self._written) >= MAX_LINES:
            self._written.clear()
        self._written[line] = now
        return True
