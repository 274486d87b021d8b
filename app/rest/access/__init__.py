"""Who may ask for what: keys of requests, pages of other sites, and how many requests."""

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
from app.rest.access.rate_limited import RateLimited

__all__ = [
    "CrossOrigin",
    "MayUseDependency",
    "RateLimited",
    "check_model",
    "find_client",
    "has_key",
    "is_still_allowed",
    "needed_role",
    "require_key",
]
