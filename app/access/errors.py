"""What can be wrong with the key of a request."""

from app.errors import RequestError


class KeyRequired(RequestError):
    """The request has come without a key."""


class UnknownKey(RequestError):
    """The request has come with a key that the service does not know."""


class KeyNotAllowed(RequestError):
    """The request's key is not for what it asks."""
