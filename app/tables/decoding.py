"""The bytes of a table as text; what is no CSV is recognised, and the error says what it is."""

import codecs
import re

from app.errors import MalformedBody

_FILES = {
    b"PK\x03\x04": "a spreadsheet file (.xlsx, .ods) or another zip file: save it as CSV, and send that",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet file (.xls): save it as CSV, and send that",
    b"\x1f\x8b": "compressed (gzip): unpack it first",
    b"%PDF": "a PDF: save the table as CSV, and send that",
}
"""What a body is that begins with these bytes."""

_HTML = re.compile(r"\s*<(!doctype|html|table)\b", re.IGNORECASE)
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decode_table(body: bytes) -> str:
    """Return UTF-8 text, with or without a byte-order mark, or UTF-16 text with one. Raises `MalformedBody`."""
    for start, kind in _FILES.items():
        if body.startswith(start):
            raise MalformedBody(f"the body is no CSV but {kind}")
    encoding = "utf-16" if body.startswith(_UTF_16) else "utf-8-sig"
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        raise MalformedBody(
            f"the table is not {encoding.removesuffix('-sig').upper()} text: byte {error.start + 1} cannot be read; "
            "save it as CSV UTF-8"
        ) from None
    if not text.strip():
        raise MalformedBody("the table is empty")
    if _HTML.match(text):
        raise MalformedBody("the body is no CSV but HTML: save the table as CSV, and send that")
    return text
