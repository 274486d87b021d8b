"""What a line of the log says, by structlog: as one JSON object, or as text for people."""

import json
import logging
import re

import structlog
from opentelemetry import trace
from structlog.types import EventDict, Processor, WrappedLogger

from app.errors import shorten
from app.logs.configuration import LogForm
from app.logs.identity import current
from app.logs.lines import MAX_WRITE_BYTES, now
from app.logs.told_error import tell_error

FIELDS = ["job_id", "model_name", "model_version", "status", "error", "epochs", "duration_seconds", "request_id"]
"""What our own code may say of an event; what else libraries add to theirs is left out."""

MAX_EVENT_CHARACTERS, MAX_SHORT_EVENT_CHARACTERS, MIN_FRAMES = 500, 100, 2
"""The latter two of a line that would be longer than what is written in one piece."""

_FIRST_LINE = re.compile(r".*")
_WITHOUT_WORDS = {"py.warnings": re.compile(r".*?: \w+(?=: )")}
"""What is told of warnings: where they come from, and their kind; their words may quote a value."""


def make_formatter(form: LogForm) -> logging.Formatter:
    """Return what makes lines of this form."""
    said: list[Processor] = [_begin, structlog.stdlib.ExtraAdder(FIELDS), _add_request, _add_error]
    render: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, _RENDER[form]]
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=said, processors=render)


def _begin(_: WrappedLogger, __: str, said: EventDict) -> EventDict:
    """Begin with what each line says. Of an event of several lines, the others may quote what it is about."""
    record: logging.LogRecord = said["_record"]
    found = _WITHOUT_WORDS.get(record.name, _FIRST_LINE).match(said["event"])
    event = shorten(found[0] if found else "a warning", MAX_EVENT_CHARACTERS)
    said.pop("stack_info", None)
    head = {"time": now(), "level": record.levelname.lower(), "event": event, "logger": record.name}
    return {**head, **said, "event": event}


def _add_request(_: WrappedLogger, __: str, said: EventDict) -> EventDict:
    """Say which request it was, if it is about one."""
    request, span = current(), trace.get_current_span().get_span_context()
    known = {} if request is None else {name: value for name, value in request._asdict().items() if value}
    if span.is_valid:
        known["trace_id"] = f"{span.trace_id:032x}"
    return {**said, **{name: value for name, value in known.items() if name not in said}}


def _add_error(_: WrappedLogger, __: str, said: EventDict) -> EventDict:
    record: logging.LogRecord = said["_record"]
    said.pop("exc_info", None)
    if record.exc_info:
        said["exception"] = tell_error(record.exc_info[1])
    return said


def _render_json(_: WrappedLogger, __: str, said: EventDict) -> str:
    line = _to_json(said)
    if len(line) < MAX_WRITE_BYTES:
        return line
    for told in said.get("exception", ()):
        told["frames"] = told["frames"][-MIN_FRAMES:]
    return _to_json({**said, "event": shorten(said["event"], MAX_SHORT_EVENT_CHARACTERS)})


def _to_json(said: EventDict) -> str:
    return json.dumps(said, default=str, separators=(",", ":"))


def _render_text(_: WrappedLogger, __: str, said: EventDict) -> str:
    lines = [f"{said.pop('time')} {said.pop('level'):<8} {said.pop('event')}"]
    for told in said.pop("exception", ()):
        lines += [f"    {': '.join(filter(None, (told['type'], told.get('message'))))}"]
        lines += [f"        {frame}" for frame in told["frames"]]
    lines[0] += "".join(f" {name}={value}" for name, value in said.items())
    return "\n".join(lines)


_RENDER: dict[LogForm, Processor] = {"json": _render_json, "text": _render_text}
