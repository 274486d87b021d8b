"""Who may ask for what: keys of requests."""

from app.rest.access.keys import MayUseDependency, check_model, has_key, needed_role, require_key

__all__ = ["MayUseDependency", "check_model", "has_key", "needed_role", "require_key"]
