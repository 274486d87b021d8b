"""How a process logs: everything that it, uvicorn and other packages tell becomes lines of one form.

It is a dictionary, as `logging.config` reads it, since uvicorn hands it on to each process that serves.
"""

import logging
import logging.config
import os
import threading
from collections.abc import Mapping
from typing import Any, Literal

LogForm = Literal["json", "text"]

STANDARD_OUTPUT = 1

QUOTING = ("python_multipart", "mcp")
"""Packages whose warnings quote what was sent."""

log = logging.getLogger("scorecast.threads")


def choose_form(asked: LogForm | None) -> LogForm:
    """Return the form of lines: as it is asked for; else for people where the standard output is a terminal."""
    return asked or ("text" if os.isatty(STANDARD_OUTPUT) else "json")


def configure(form: LogForm, level: str) -> dict[str, Any]:
    """Return how a process logs; other packages than ours and uvicorn tell no more than warnings."""
    ours, others = level.upper(), max(logging.WARNING, logging.getLevelNamesMapping()[level.upper()])
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "handlers": {"lines": {"()": "app.logs.lines.LogLines", "form": form}},
        "root": {"handlers": ["lines"], "level": others},
        "loggers": {
            "scorecast": {"level": ours},
            "uvicorn": {"level": ours},
            "uvicorn.access": {"level": "CRITICAL", "propagate": False},  # the application has one of its own
            **{name: {"level": "CRITICAL"} for name in QUOTING},
        },
    }


def set_up(configuration: Mapping[str, Any]) -> None:
    """Have this process log so, with what would go to the standard error otherwise."""
    logging.config.dictConfig(dict(configuration))
    logging.captureWarnings(True)  # noqa: FBT003 - its only argument
    threading.excepthook = _log_end


def _log_end(ended: threading.ExceptHookArgs) -> None:
    name = ended.thread.name if ended.thread else "?"
    if ended.exc_type is not SystemExit:  # a thread may end itself
        log.error("the thread %s has ended with an error", name, exc_info=ended.exc_value)
