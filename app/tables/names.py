"""Names of columns: in whatever way one is written, it is one name.

Unicode writes é as one character or as two, tables have blanks around their headers, and spreadsheets line ends in them.
"""

import unicodedata
from collections.abc import Mapping
from typing import TypeVar

from app.errors import BodyError, InvalidBody, shorten

Cells = TypeVar("Cells")


def clean_name(name: str) -> str:
    """Return a name in Unicode's composed form (NFC), of visible characters alone, with single blanks for line ends."""
    if not name.isascii():
        name = unicodedata.normalize("NFC", name)
    if not name.isprintable():
        name = "".join(filter(str.isprintable, " ".join(name.split())))
    return name.strip()


def clean_names(columns: Mapping[str, Cells]) -> dict[str, Cells]:
    """Return columns under their clean names. Raises `InvalidBody` if two have the same."""
    cleaned: dict[str, Cells] = {}
    for name, cells in columns.items():
        clean = clean_name(name)
        if clean in cleaned:
            raise InvalidBody([refuse_repeated(clean)])
        cleaned[clean] = cells
    return cleaned


def refuse_repeated(name: str) -> BodyError:
    """Return the error for a name that two columns of a table have."""
    return BodyError(f"two columns of the table are called {shorten(name)!r}", "")
