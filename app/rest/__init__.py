"""All that knows HTTP."""

from app.rest.access_log import AccessLog
from app.rest.fast_path import FastPath
from app.rest.openapi import complete_openapi
from app.rest.problems import install_error_handlers

__all__ = [
    "AccessLog",
    "FastPath",
    "complete_openapi",
    "install_error_handlers",
]
