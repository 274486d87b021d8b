"""The same table, written in each form that the service reads."""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from app.frames import ARROW, ARROW_FILE, PARQUET

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BOUNDARY = "----forms"

Rows = Sequence[Mapping[str, Any]]
Form = tuple[str, bytes]
"""A Content-Type, and a body."""


def as_csv(rows: Rows, **options: Any) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), **options)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def as_xlsx(rows: Rows, sheet: str = "Sheet1", before: Sequence[str] = ()) -> bytes:
    """Return a workbook with a table on one sheet, empty sheets before it."""
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True, "default_date_format": "d.m.yy"}) as workbook:
        for name in before:
            workbook.add_worksheet(name)
        page = workbook.add_worksheet(sheet)
        for place, cells in enumerate([list(rows[0]), *(row.values() for row in rows)]):
            page.write_row(place, 0, ["" if cell is None else cell for cell in cells])
    return data.getvalue()


def pack(parts: dict[str, bytes], **options: Any) -> bytes:
    """Return a zip file of these parts."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", **options) as file:
        for name, part in parts.items():
            file.writestr(name, part)
    return data.getvalue()


def as_arrow(table: Any, media_type: str = ARROW, **options: Any) -> bytes:
    """Return pyarrow's table as a stream or a file."""
    sink = pa.BufferOutputStream()
    new = pa.ipc.new_file if media_type == ARROW_FILE else pa.ipc.new_stream
    with new(sink, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table)
    body: bytes = sink.getvalue().to_pybytes()
    return body


def as_parquet(table: Any, **options: Any) -> bytes:
    """Return pyarrow's table as a Parquet file."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, **options)
    body: bytes = sink.getvalue().to_pybytes()
    return body


def frame(rows: Rows) -> Any:
    """Return rows as pyarrow's table."""
    return pa.Table.from_pylist([dict(row) for row in rows])


def by_column(rows: Rows) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in rows[0]}


def split(rows: Rows) -> dict[str, Any]:
    return {"columns": list(rows[0]), "data": [list(row.values()) for row in rows]}


def lines(rows: Rows) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


@dataclass(frozen=True)
class File:
    """A file, as a part of a form."""

    content: bytes
    name: str = "table.csv"
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/octet-stream"})


def as_form(*files: File, fields: Mapping[str, str] = {}) -> Form:
    """Return a form with files, and other fields."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    for file in files:
        head = {"Content-Disposition": f'form-data; name="file"; filename="{file.name}"', **file.headers}
        text = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        parts.append(f"--{BOUNDARY}\r\n{text}\r\n".encode() + file.content + b"\r\n")
    return f"multipart/form-data; boundary={BOUNDARY}", b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def as_json(value: Any) -> Form:
    return "application/json", json.dumps(value).encode()


FORMS: Mapping[str, Callable[[Rows], Form]] = {
    "csv": lambda rows: ("text/csv", as_csv(rows)),
    "csv with semicolons": lambda rows: (
        "text/csv; charset=utf-16",
        as_csv(rows, delimiter=";").decode().encode("utf-16"),
    ),
    "rows": lambda rows: as_json({"rows": rows}),
    "list of rows": as_json,
    "columns": lambda rows: as_json(by_column(rows)),
    "columns under rows": lambda rows: as_json({"rows": by_column(rows)}),
    "split": lambda rows: as_json(split(rows)),
    "lines": lambda rows: ("application/x-ndjson", lines(rows)),
    "lines by another name": lambda rows: ("application/jsonlines; charset=utf-8", lines(rows)),
    "workbook": lambda rows: (XLSX, as_xlsx(rows)),
    "arrow": lambda rows: (ARROW, as_arrow(frame(rows))),
    "arrow file": lambda rows: (ARROW_FILE, as_arrow(frame(rows), ARROW_FILE, compression="zstd")),
    "parquet": lambda rows: (PARQUET, as_parquet(frame(rows))),
    "form with parquet": lambda rows: as_form(File(as_parquet(frame(rows)), "Table.Parquet")),
    "form with csv": lambda rows: as_form(File(as_csv(rows))),
    "form with workbook": lambda rows: as_form(File(as_xlsx(rows), "Table.XLSX")),
    "form with lines": lambda rows: as_form(File(lines(rows), "x", {"Content-Type": "application/x-ndjson"})),
}

FRAMES = {name for name in FORMS if "arrow" in name or "parquet" in name}
"""Those whose columns have one type each."""
