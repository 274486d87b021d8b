"""The forms that a table may come in: for each media type, the reader that turns its body into a table."""

import re
from collections.abc import Callable, Mapping

from app.errors import BodyError, InvalidBody
from app.frames import ARROW, ARROW_FILE, PARQUET
from app.tables.forms.body import CSV, JSON, NDJSON, XLSX, Body, TableBody
from app.tables.forms.csv_table import parse_csv
from app.tables.forms.json_table import read_json_table
from app.tables.forms.ndjson import read_ndjson
from app.tables.forms.packed import read_frame_table, read_workbook

READERS: Mapping[str, Callable[[Body], TableBody]] = {
    CSV: lambda body: TableBody(parse_csv(body.data, body.charset)),
    JSON: lambda body: read_json_table(body.data),
    NDJSON: lambda body: read_ndjson(body.data),
    XLSX: lambda body: TableBody(read_workbook(body.data, body.sheet or None, body.max_bytes)),
    **{kind: lambda body: TableBody(read_frame_table(body)) for kind in (ARROW, ARROW_FILE, PARQUET)},
}

OTHER_NAMES: Mapping[str, str] = {
    "application/csv": CSV,
    "text/tab-separated-values": CSV,
    "application/ndjson": NDJSON,
    "application/jsonlines": NDJSON,
    "application/jsonl": NDJSON,
    "application/x-jsonlines": NDJSON,
    "application/parquet": PARQUET,
    "application/x-parquet": PARQUET,
}
"""What else some clients call them."""

_JSON_SUFFIX = re.compile(r"application/.+\+json")


def find_reader_type(media_type: str) -> str | None:
    """Return which of the media types in `READERS` one is read as, if there is one."""
    known = OTHER_NAMES.get(media_type, media_type)
    return known if known in READERS else JSON if _JSON_SUFFIX.fullmatch(media_type) else None


def read_table(body: Body) -> TableBody:
    """Return the table that a body is. Raises `MalformedBody`, `InvalidBody`, `UnsupportedMediaType`."""
    if body.sheet and body.media_type != XLSX:
        raise InvalidBody([BodyError("query parameter 'sheet' is for .xlsx workbooks: this body has no sheets", "")])
    return READERS[body.media_type](body)
