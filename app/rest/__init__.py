"""All that knows HTTP."""

from app.rest.access import require_key
from app.rest.agents import open_agent_server
from app.rest.bodies import make_problem
from app.rest.dependencies import refuse_cross_site, refuse_unknown_host
from app.rest.fast_path import Application
from app.rest.openapi import complete_openapi
from app.rest.problems import install_error_handlers
from app.rest.work import limit_requests

__all__ = [
    "Application",
    "complete_openapi",
    "install_error_handlers",
    "limit_requests",
    "make_problem",
    "open_agent_server",
    "refuse_cross_site",
    "refuse_unknown_host",
    "require_key",
]
