"""Bodies in the forms that schemathesis does not write by itself: small tables for `exam-score`, right or nearly so."""

from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Any

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import schemathesis
import xlsxwriter
from hypothesis import strategies as st

from app.frames import ARROW, ARROW_FILE, PARQUET
from app.tables import CSV, NDJSON, XLSX, write_json

COLUMNS = ("hours_studied", "hours_slept", "score")

Cells = list[list[float]]

tables = st.lists(
    st.tuples(st.integers(0, 24), st.floats(0, 24), st.integers(0, 100)).map(list), min_size=1, max_size=5
)  # fmt: skip


def write_csv(cells: Cells) -> bytes:
    """Return a table as a CSV."""
    return "\n".join(",".join(map(str, row)) for row in [COLUMNS, *cells]).encode()


def write_lines(cells: Cells) -> bytes:
    """Return a table as lines of JSON."""
    return b"\n".join(write_json(dict(zip(COLUMNS, row, strict=True))) for row in cells)


def write_workbook(cells: Cells) -> bytes:
    """Return a table as a workbook."""
    file = BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([list(COLUMNS), *cells]):
            sheet.write_row(number, 0, row)
    return file.getvalue()


def write_frame(media_type: str, cells: Cells) -> bytes:
    """Return a table as Arrow or Parquet."""
    columns = zip(*cells, strict=True)
    table = pa.table({name: [float(cell) for cell in column] for name, column in zip(COLUMNS, columns, strict=True)})
    file = BytesIO()
    if media_type == ARROW:
        with pa.ipc.new_stream(file, table.schema) as stream:
            stream.write_table(table)
    elif media_type == ARROW_FILE:
        pyarrow.feather.write_feather(table, file)
    else:
        pyarrow.parquet.write_table(table, file)
    return file.getvalue()


FORMS: dict[str, Callable[[Cells], bytes]] = {
    CSV: write_csv,
    NDJSON: write_lines,
    XLSX: write_workbook,
    **{each: partial(write_frame, each) for each in (ARROW, ARROW_FILE, PARQUET)},
}

for media_type, write in FORMS.items():
    schemathesis.openapi.media_type(media_type, tables.map(write))


@schemathesis.serializer(*FORMS)
def write_as_it_is(_: Any, value: Any) -> bytes:
    """Return a generated body as bytes."""
    return value if isinstance(value, bytes) else str(value).encode(errors="surrogatepass")


@schemathesis.hook
def before_load_schema(_: Any, document: dict[str, Any]) -> None:
    """Take examples of texts out of the document: schemathesis takes only bytes where bodies are written here."""
    for operations in document["paths"].values():
        for operation in operations.values():
            for media_type in (CSV, NDJSON):
                content = operation.get("requestBody", {}).get("content", {}).get(media_type, {})
                content.pop("example", None)
                content.pop("examples", None)
