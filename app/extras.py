"""Extras: packages that the service can do without, and what it says where they are not installed."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from app.errors import MissingExtra


def check_extra(name: str, package: str, what: str) -> None:
    """Raise `MissingExtra` if a package of an extra is not installed; it is not imported."""
    if find_spec(package) is None:
        raise MissingExtra(_explain(name, what))


@contextmanager
def needs_extra(name: str, what: str) -> Iterator[None]:
    """Import the packages of an extra inside of it; raises `MissingExtra` that says what needs them and how to install them."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingExtra(_explain(name, what)) from error


def _explain(name: str, what: str) -> str:
    return f"{what} needs packages that are not installed: pip install 'scorecast[{name}]'"
