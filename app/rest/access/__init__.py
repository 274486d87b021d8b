"""Who may ask for what: keys of requests, and pages of other sites."""

from app.rest.access.cross_origin import CrossOrigin
from app.rest.access.keys import (
    MayUseDependency,
    check_model,
    find_client,
    has_key,
    is_still_allowed,
    needed_role,
    require_key,
)

__all__ = [
    "CrossOrigin",
    "MayUseDependency",
    "check_model",
    "find_client",
    "has_key",
    "is_still_allowed",
    "needed_role",
    "require_key",
]
