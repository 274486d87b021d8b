"""Extras: packages that the service can do without, and what it says where they are not installed."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.errors import MissingExtra


@contextmanager
def needs_extra(name: str, what: str) -> Iterator[None]:
    """Import the packages of an extra inside of it; raises `MissingExtra` that says what needs them and how to install them."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingExtra(f"{what} needs packages that are not installed: pip install 'scorecast[{name}]'") from error
