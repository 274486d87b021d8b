"""An .xlsx file, unpacked and measured before a library reads it.

A zip file of a few KB may unpack to gigabytes, and a sheet of two cells may claim the area between them. What the
library gets is a file that we have written, of the parts that we have counted, so it cannot read anything else.
"""

import io
import re
import zipfile
import zlib
from xml.parsers import expat

from app.budget import BODY_SETTINGS, SEND_FEWER
from app.errors import MalformedBody

SAVE_AGAIN = "open it in a spreadsheet, and save it as .xlsx or as CSV"

CHUNK_BYTES = 64 * 1024

MAX_EMPTY_CELLS = 1_000_000
"""The most cells of the smallest rectangle around a sheet's cells that may be empty: the library keeps all of them."""

_PARTS = re.compile(r"\[Content_Types\]\.xml|_rels/\.rels|xl/(?:[^/]+|_rels/[^/]+|worksheets/[^/]+)\.(?:xml|rels)")
"""The parts of a workbook that hold cells, or say where they are."""

_UNREADABLE = (zipfile.BadZipFile, RuntimeError, EOFError, OSError, ValueError, expat.ExpatError, zlib.error)
_PACKED = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
"""How parts may be packed; the other ways unpack much at a time."""


def unpack_workbook(body: bytes, max_bytes: int) -> bytes:
    """Return an .xlsx file with the same cells, not compressed. Raises `MalformedBody`, also if it is too large."""
    if not body.startswith(b"PK"):
        raise MalformedBody(
            "the body is no .xlsx workbook: save it as .xlsx, or send a CSV with Content-Type: text/csv"
        )
    packed, unpacked = io.BytesIO(body), io.BytesIO()
    try:
        with zipfile.ZipFile(packed) as source, zipfile.ZipFile(unpacked, "w") as target:
            parts = [part for part in source.infolist() if _PARTS.fullmatch(part.filename)]
            _check_parts(parts)
            if sum(part.file_size for part in parts) > max_bytes:  # before anything is unpacked
                raise MalformedBody(
                    f"the workbook unpacks to more than the {max_bytes} bytes allowed {BODY_SETTINGS}: {SEND_FEWER}"
                )
            for part in parts:
                with source.open(part) as packed_part:
                    data = packed_part.read(part.file_size)  # asked for the size that was counted, it unpacks no more
                _measure(data)
                target.writestr(part.filename, data)
    except _UNREADABLE as error:
        raise MalformedBody(f"the workbook cannot be read ({error}): {SAVE_AGAIN}") from None
    return unpacked.getvalue()


def _check_parts(parts: list[zipfile.ZipInfo]) -> None:
    names = {part.filename for part in parts}
    is_odd = len(names) < len(parts) or {part.compress_type for part in parts} - _PACKED
    if is_odd or "xl/workbook.xml" not in names:
        raise MalformedBody(f"the body is no .xlsx workbook: {SAVE_AGAIN}")


def _measure(part: bytes) -> None:
    """Raise `MalformedBody` if a part is a sheet of too many empty cells."""
    area = _Area()
    for start in range(0, len(part), CHUNK_BYTES):
        area.feed(part[start : start + CHUNK_BYTES])


class _Area:
    """The rectangle that a sheet's cells span."""

    def __init__(self) -> None:
        self._row = self._column = self._last_row = self._last_column = self._cells = 0
        self._parser = expat.ParserCreate("utf-8")  # whatever the text says of itself: the library does so, too
        self._parser.StartElementHandler = self._start
        self._parser.StartDoctypeDeclHandler = _refuse_doctype

    def feed(self, chunk: bytes) -> None:
        """Read on. Raises `MalformedBody` if too many cells of the rectangle are empty."""
        self._parser.Parse(chunk)
        if self._last_row * self._last_column > self._cells + MAX_EMPTY_CELLS:
            raise MalformedBody(
                f"a sheet's cells are spread over {self._last_row} rows and {self._last_column} columns, most of them "
                "empty: remove those that stand apart"
            )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        """Count a row or a cell; one that does not say where it is comes after the one before it."""
        kind = name.rpartition(":")[2]
        if kind == "row":
            self._row = int(attributes["r"]) if "r" in attributes else self._row + 1
            self._column = 0
            self._last_row = max(self._last_row, self._row)
        elif kind == "c":
            self._cells += 1
            self._column += 1
            if "r" in attributes:
                self._row, self._column = _parse_reference(attributes["r"])
            self._last_row, self._last_column = max(self._last_row, self._row), max(self._last_column, self._column)


def _refuse_doctype(*_: object) -> None:
    raise MalformedBody(f"the workbook cannot be read (it has a document type declaration): {SAVE_AGAIN}")


def _parse_reference(reference: str) -> tuple[int, int]:
    """Return the row and the column that such as AB12 names, from 1."""
    letters = reference.rstrip("0123456789")
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(reference[len(letters) :]), column
