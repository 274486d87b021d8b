"""What is wrong with requests that are too many."""

from app.errors import Unavailable


class TooManyRequests(Unavailable):
    """The client has sent more requests than it may in a time."""
