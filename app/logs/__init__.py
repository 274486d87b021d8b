"""The log: one line an event, to the standard output; and which request a line is of. No line holds a value of a row."""

from app.logs.configuration import LogForm, choose_form, configure, set_up
from app.logs.identity import (
    RequestIdentity,
    current,
    identify,
    new_request_id,
    note_model,
    note_request,
    within_request,
)
from app.logs.lines import now, write

__all__ = [
    "LogForm",
    "RequestIdentity",
    "choose_form",
    "configure",
    "current",
    "identify",
    "new_request_id",
    "note_model",
    "note_request",
    "now",
    "set_up",
    "within_request",
    "write",
]
