"""The same table as CSV, JSON, Arrow and Parquet declares the same model, and is the same matrix to the bit."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InvalidBody
from app.frames import ARROW, ARROW_FILE, PARQUET
from app.tables import CSV, JSON, Body, read_table, table_to_matrix
from app.train.declaring import TableQuery, infer_declaration
from model.arrays import FloatArray
from model.table import Signature
from tests.support.forms import as_arrow, as_csv, as_parquet
from tests.support.server import Server

ROWS = st.integers(2, 30)
QUERY = TableQuery(targets="y", missing="mean")

numbers: dict[str, tuple[st.SearchStrategy[Any], Any]] = {
    "double": (st.floats(allow_nan=False, allow_infinity=False), pa.float64()),
    "float": (st.floats(width=32, allow_nan=False, allow_infinity=False), pa.float32()),
    "half": (st.floats(width=16, allow_nan=False, allow_infinity=False), pa.float16()),
    "int64": (st.integers(-(2**63), 2**63 - 1), pa.int64()),
    "uint64": (st.integers(0, 2**64 - 1), pa.uint64()),
    "int8": (st.integers(-128, 127), pa.int8()),
    "decimal": (st.decimals(-(10**12), 10**12, places=7), pa.decimal128(30, 7)),
}
words = st.sampled_from(["red", "blue", "größer", "a,b", 'say "no"', "x y", "two\nlines"])
moments = st.datetimes(dt.datetime(1800, 1, 1), dt.datetime(2200, 1, 1)).map(lambda at: at.replace(microsecond=0))
others: dict[str, tuple[st.SearchStrategy[Any], Any]] = {
    "word": (words, pa.string()),
    "large word": (words, pa.large_string()),
    "category": (words, pa.dictionary(pa.int8(), pa.string())),
    "truth": (st.booleans(), pa.bool_()),
    "day": (st.dates(dt.date(1800, 1, 1), dt.date(2200, 1, 1)), pa.date32()),
    "moment": (moments, pa.timestamp("us")),
    "second": (moments, pa.timestamp("s")),
}
KINDS = {**numbers, **others}


@st.composite
def tables(draw: st.DrawFn) -> Any:
    """A table of a target and some features, in which cells may be missing."""
    rows = draw(ROWS)
    kinds = draw(st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=4))
    columns = {}
    for place, kind in enumerate(kinds):
        cells, of = KINDS[kind]
        values = draw(st.lists(cells | st.none(), min_size=rows, max_size=rows))
        columns[f"{kind} {place}"] = pa.array(values, of)
    columns["y"] = pa.array(draw(st.lists(st.integers(-9, 9), min_size=rows, max_size=rows)))
    return pa.table(columns)


def write(cell: Any) -> Any:
    """Return a cell as JSON has it."""
    if isinstance(cell, dt.date):
        return cell.isoformat()
    return cell if cell is None or isinstance(cell, bool | int | str) else float(cell)


def rows_of(table: Any) -> list[dict[str, Any]]:
    return [{name: write(cell) for name, cell in row.items()} for row in table.to_pylist()]


FORMS: dict[str, Callable[[Any], Body]] = {
    "csv": lambda table: Body(as_csv([{name: _as_text(cell) for name, cell in row.items()} for row in rows_of(table)]), CSV),
    "json": lambda table: Body(json.dumps(rows_of(table)).encode(), JSON),
    "stream": lambda table: Body(as_arrow(table), ARROW),
    "file": lambda table: Body(as_arrow(table, ARROW_FILE, compression="zstd"), ARROW_FILE),
    "parquet": lambda table: Body(as_parquet(table), PARQUET),
}  # fmt: skip


def _as_text(cell: Any) -> Any:
    return str(cell).lower() if isinstance(cell, bool) else repr(cell) if isinstance(cell, float) else cell


def declare(body: Body) -> tuple[Signature, FloatArray] | list[str]:
    """Return what a table declares, and its matrix; or what is wrong with it."""
    table = read_table(body).table
    try:
        signature = infer_declaration(table, QUERY).signature
        return signature, table_to_matrix(table, signature.columns, frozenset(signature.left_out))
    except InvalidBody as error:
        return [each.detail for each in error.errors]


@pytest.mark.slow
@given(tables())
def test_the_same_table_is_the_same_in_each_form(table: Any) -> None:
    known, *found = (declare(form(table)) for name, form in FORMS.items() if name != "csv" or not _is_plain_text(table))

    for each in found:
        if isinstance(known, list) or isinstance(each, list):
            assert each == known
            continue
        assert each[0] == known[0]
        assert each[1].tobytes() == known[1].tobytes()


def _is_plain_text(table: Any) -> bool:
    """Whether a CSV would say something else: a row of nothing is no row there."""
    return any(all(cell is None for cell in row.values()) for row in table.to_pylist())


@pytest.mark.slow
def test_the_same_table_trains_the_same_model_to_the_bit(server: Server) -> None:
    rows = 24
    table = pa.table(
        {
            "width": [None if row == 5 else row / 7 for row in range(rows)],
            "wood": pa.array([["oak", "elm"][row % 2] for row in range(rows)]).dictionary_encode(),
            "day": [dt.date(2024, 1, 1) + dt.timedelta(days=row) for row in range(rows)],
            "y": pa.array([row * row for row in range(rows)], pa.int16()),
        }
    )
    exports = set()
    for name, form in FORMS.items():
        body, model = form(table), f"same-{name}"
        path = f"/models/{model}/train?targets=y&missing=mean&members=1&max_epochs=5"
        answer = server.client.post(path, content=body.data, headers={"Content-Type": body.media_type})
        assert answer.status_code == 200, answer.text
        exports.add(server.client.get(f"/models/{model}/versions/1/export").content)
    assert len(exports) == 1
    assert np.frombuffer(exports.pop(), np.uint8).size
