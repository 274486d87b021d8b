"""All that knows HTTP."""

from app.rest.access_log import AccessLog
from app.rest.fast_path import FastPath
from app.rest.openapi import complete
from app.rest.problems import install

__all__ = [
    "AccessLog",
    "FastPath",
    "complete",
    "install",
]
