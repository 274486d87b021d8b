"""The bytes of a table as text, decoded as it is read; what is no CSV is recognised, and the error says what it is."""

import codecs
import io
import re

from app.errors import MalformedBody, UnsupportedMediaType, shorten
from app.frames import ARROW_FILE, PARQUET
from app.tables.byte_search import is_blank
from app.tables.forms.body import XLSX

_FILES = {
    b"PK\x03\x04": f"a spreadsheet file or another zip file: send .xlsx with Content-Type: {XLSX}, or save it as CSV",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet file (.xls): save it as CSV, and send that",
    b"\x1f\x8b": "compressed (gzip): unpack it first",
    b"%PDF": "a PDF: save the table as CSV, and send that",
    b"PAR1": f"a Parquet file: send it with Content-Type: {PARQUET}",
    b"ARROW1": f"an Arrow file: send it with Content-Type: {ARROW_FILE}",
}
"""What a body is that begins with these bytes."""

_TEXTS = {
    re.compile(r"\s*<(!doctype|html|table)\b", re.IGNORECASE): "HTML: save the table as CSV, and send that",
    re.compile(r"\s*<\?xml\b", re.IGNORECASE): "XML: save the table as CSV, and send that",
    re.compile(r'\s*(\{\s*"|\[\s*[\[{])'): "JSON: send it with Content-Type: application/json, or x-ndjson "
    "if each line is an object",
}
"""What a text is that begins so."""
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


UTF_8 = "utf-8-sig"
"""UTF-8, with or without a byte-order mark, as Python calls it."""

_CHARSETS = ("ascii", "utf-8", "utf-16", "utf-32", "iso8859", "cp", "mac", "koi8", "gb", "big5", "shift", "euc")
"""How the names begin of encodings of text; Python's codecs have others, of which some take hours."""

HEAD_BYTES = 64 * 1024
"""Of a text, in which it is seen what it is."""


def open_table(body: bytes, charset: str | None = None, newline: str | None = None) -> io.TextIOWrapper:
    """Return a table's text as a file: decoded as declared, or else as UTF-8, or UTF-16 with a byte-order mark.

    The mark counts most. Raises `MalformedBody`, and `UnsupportedMediaType` for a charset that there is not. It is decoded
    as it is read; `UnicodeDecodeError` may come then.
    """
    for start, kind in _FILES.items():
        if body.startswith(start):
            raise MalformedBody(f"the body is no CSV but {kind}")
    encoding = "utf-16" if body.startswith(_UTF_16) else _find_encoding(charset)
    head = body[:HEAD_BYTES].decode(encoding, "replace")
    if not head.strip() and is_blank(body):
        raise MalformedBody("the table is empty")
    for pattern, kind in _TEXTS.items():
        if pattern.match(head):
            raise MalformedBody(f"the body is no CSV but {kind}")
    return io.TextIOWrapper(io.BytesIO(body), encoding, newline=newline)


def refuse_bytes(body: bytes, encoding: str) -> MalformedBody:
    """Return the error for text that cannot be decoded, with the place of the first wrong byte."""
    decoder = codecs.getincrementaldecoder(encoding)()
    wrong = 0
    for start in range(0, len(body), HEAD_BYTES):
        piece = body[start : start + HEAD_BYTES]
        try:
            decoder.decode(piece, start + HEAD_BYTES >= len(body))
        except UnicodeDecodeError as error:
            wrong = start + len(piece) - len(error.object) + error.start
            break
    return MalformedBody(
        f"the table is not {encoding.removesuffix('-sig').upper()} text: byte {wrong + 1} cannot be read; save it as CSV "
        "UTF-8, or name its encoding, such as Content-Type: text/csv; charset=windows-1252"
    )


def _find_encoding(charset: str | None) -> str:
    try:
        name = codecs.lookup(charset or "utf-8").name
    except (LookupError, ValueError):
        name = ""
    if not name.startswith(_CHARSETS) or b'"' not in '"'.encode(name):  # in EBCDIC it is another byte
        raise UnsupportedMediaType(f"the charset {shorten(str(charset))!r} is not known: send the table as UTF-8")
    return UTF_8 if name == "utf-8" else name
