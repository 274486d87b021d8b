"""What the texts of some settings must be: each is refused with what to write instead."""

import re
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

EVERY_ORIGIN = "*"

_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")
"""As browsers write it (HTML, WHATWG, section 7.1.1)."""

_RATE = re.compile("[1-9][0-9]{0,8}/(second|minute|hour)")


def split(names: str | None) -> frozenset[str]:
    """Return names that stand between commas."""
    return frozenset(name.strip() for name in (names or "").split(",")) - {""}


def _check_location(location: str) -> str:
    """Refuse what would be taken for the name of a folder here, and is not meant as one."""
    scheme = re.match("[A-Za-z][A-Za-z0-9+.-]+:", location)
    if location.startswith("file:/"):
        folder = "/" + location.removeprefix("file:").lstrip("/")
        raise PydanticCustomError("store", "the store is a folder: write {folder}", {"folder": folder})
    if scheme:
        hint = "the store is a folder on this machine, not {scheme}; write its path (./{location} if it is called so)"
        raise PydanticCustomError("store", hint, {"scheme": scheme[0], "location": location})
    if not location.strip() or location.startswith("~"):
        raise PydanticCustomError("store", "write the path of a folder, in full or beginning with ./", {})
    return location


def _check_origins(names: str) -> str:
    """Refuse what no browser calls the origin of a page."""
    for name in split(names):
        if name != EVERY_ORIGIN and not _ORIGIN.fullmatch(name):
            raise PydanticCustomError(
                "origins",
                "{name} is not the origin of a page, such as https://app.example or http://localhost:5173: write it "
                "in lower case, with the scheme, and without a path",
                {"name": name},
            )
    return names


def _check_rate(rate: str) -> str:
    """Refuse what is no number of requests in a time."""
    if not _RATE.fullmatch(rate):
        raise PydanticCustomError(
            "rate", "write a number of requests and a time, such as 100/second, 600/minute or 10000/hour", {}
        )
    return rate


Location = Annotated[str, AfterValidator(_check_location)]
Origins = Annotated[str, AfterValidator(_check_origins)]
RequestRate = Annotated[str, AfterValidator(_check_rate)]
