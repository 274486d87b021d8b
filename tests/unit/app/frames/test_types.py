"""What Arrow's types are read as, in each form that a frame comes in; and which are refused, by the column's name."""

import datetime as dt
import io
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from app.errors import BodyTooLarge, InvalidBody
from app.frames import ARROW, ARROW_FILE, PARQUET
from app.tables import Body, CategoryColumn, Table, UnsupportedColumn, read_table
from app.tables.columns import NumberColumn
from app.train.declaring import TableQuery, infer_declaration
from tests.support.forms import as_arrow, as_parquet

FORMS: dict[str, Callable[[Any], Body]] = {
    "stream": lambda table: Body(as_arrow(table), ARROW),
    "stream, lz4": lambda table: Body(as_arrow(table, compression="lz4"), ARROW),
    "file, zstd": lambda table: Body(as_arrow(table, ARROW_FILE, compression="zstd"), ARROW_FILE),
    "file, called a stream": lambda table: Body(as_arrow(table, ARROW_FILE), ARROW),
    "stream, called a file": lambda table: Body(as_arrow(table), ARROW_FILE),
}
PARQUETS = {
    name: lambda table, name=name: Body(as_parquet(table, compression=name), PARQUET)
    for name in ("none", "snappy", "zstd", "gzip")
}
all_forms = pytest.mark.parametrize("form", [*FORMS.values(), *PARQUETS.values()], ids=[*FORMS, *PARQUETS])

MOMENT = dt.datetime(2024, 1, 31, 17, 30, 0, 250_000)
LATER = dt.datetime(2024, 2, 1)

NUMBERS: dict[str, Any] = {
    **{str(kind): pa.array([1, None, 3], kind) for kind in (pa.int8(), pa.int16(), pa.int32(), pa.int64())},
    **{str(kind): pa.array([1, None, 200], kind) for kind in (pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64())},
    "large integers": pa.array([2**63 - 1, -(2**63), 2**53 + 1]),
    "half": pa.array(np.array([0.5, -1, 2], np.float16)),
    "float": pa.array([0.1, None, 2], pa.float32()),
    "double": pa.array([0.1, None, 2]),
    "decimal": pa.array([Decimal("0.1"), None, Decimal("12345678901234.56789")], pa.decimal128(38, 20)),
    "wide decimal": pa.array([Decimal("0.1"), None, Decimal(-3)], pa.decimal256(50, 20)),
    "nothing": pa.nulls(3),
}
"""Which all are numbers, None where one is missing."""


def read(form: Callable[[Any], Body], **columns: Any) -> Table:
    return read_table(form(pa.table(columns))).table


@all_forms
@pytest.mark.parametrize("array", NUMBERS.values(), ids=NUMBERS)
def test_numbers_are_numbers(form: Callable[[Any], Body], array: Any) -> None:
    column = read(form, x=array).columns["x"]

    assert isinstance(column, NumberColumn)
    expected = [None if value is None else float(value) for value in array.to_pylist()]
    assert [None if cell is None else float(cell) for cell in column] == expected
    np.testing.assert_array_equal(column.to_floats(), [np.nan if value is None else value for value in expected])


TEXTS = ["red", "", None, "größer 😀", "a,b\n"]
CELLS: dict[str, tuple[Any, list[Any]]] = {
    "texts": (pa.array(TEXTS), TEXTS),
    "large texts": (pa.array(TEXTS, pa.large_string()), TEXTS),
    "views of texts": (pa.array(TEXTS, pa.string_view()), TEXTS),
    "truth values": (pa.array([True, None, False]), [True, None, False]),
    "dates": (pa.array([dt.date(2024, 1, 31), None]), ["2024-01-31", None]),
    "dates in milliseconds": (pa.array([dt.date(2024, 1, 31), None], pa.date64()), ["2024-01-31", None]),
    "days": (pa.array([LATER, None], pa.timestamp("ns")), ["2024-02-01", None]),
    "seconds": (
        pa.array([LATER, LATER.replace(hour=5)], pa.timestamp("ns")),
        ["2024-02-01T00:00:00", "2024-02-01T05:00:00"],
    ),
    "moments": (
        pa.array([MOMENT, None, LATER]),
        ["2024-01-31T17:30:00.250000", None, "2024-02-01T00:00:00.000000"],
    ),
    "moments of a zone": (
        pa.array([MOMENT.replace(microsecond=0)], pa.timestamp("us", tz="Europe/Berlin")),
        ["2024-01-31T17:30:00"],  # which pyarrow takes for UTC
    ),
    "before 1970": (pa.array([dt.datetime(1815, 12, 10)]), ["1815-12-10"]),
}


@all_forms
@pytest.mark.parametrize(("array", "cells"), CELLS.values(), ids=CELLS)
def test_texts_truth_values_and_dates_are_as_json_has_them(
    form: Callable[[Any], Body], array: Any, cells: list[Any]
) -> None:
    column = read(form, x=array).columns["x"]

    assert list(column) == cells
    assert column[:2] == cells[:2]
    assert column[-1] == cells[-1]
    assert len(column) == len(cells)


@all_forms
@pytest.mark.parametrize("kind", [pa.int8(), pa.int32(), pa.uint32()])
def test_a_dictionary_is_one_of_categories(form: Callable[[Any], Body], kind: Any) -> None:
    """Parquet keeps those of texts only."""
    kept: list[list[Any]] = [["red", "blue"], [1, 2], [1.5, 2.5]]
    for words in kept if form in FORMS.values() else kept[:1]:
        array = pa.array([words[0], None, words[1], words[0]]).dictionary_encode()
        array = pa.DictionaryArray.from_arrays(array.indices.cast(kind), array.dictionary)
        column = read(form, x=array).columns["x"]

        assert isinstance(column, CategoryColumn)
        assert list(column) == array.to_pylist()


def test_a_category_of_numbers_is_a_category_and_a_target_of_words_a_class() -> None:
    data = pd.DataFrame({"shop": pd.Categorical([1, 2, 1, 2]), "sold": pd.Categorical(["no", "yes", "no", "yes"])})
    table = read(FORMS["stream"], **{name: pa.array(data[name]) for name in data})

    signature = infer_declaration(table, TableQuery(targets="sold")).signature
    assert signature.features[0].categories == ("1", "2")
    assert signature.targets[0].categories == ("no", "yes")


def test_chunks_may_have_dictionaries_of_their_own_and_add_to_them() -> None:
    chunks: list[list[Any]] = [["a", "b"], ["c", "a"], ["c", None], ["d"]]
    kept = pa.chunked_array([pa.array(chunk).dictionary_encode() for chunk in chunks])
    table = pa.table({"x": kept})
    expected = [cell for chunk in chunks for cell in chunk]

    every: list[dict[str, Any]] = [{}, {"emit_dictionary_deltas": True}]
    for options in every:
        assert list(read_table(Body(as_arrow(table, **options), ARROW)).table.columns["x"]) == expected

    grown = [pa.array(["a", "b", "c", "d"][:size]).dictionary_encode() for size in (2, 2, 3, 4)]
    table = pa.table({"x": pa.chunked_array(grown)})
    for media_type, options in (
        (ARROW, {"emit_dictionary_deltas": True}),
        (ARROW_FILE, {"emit_dictionary_deltas": True}),
    ):
        cells = read_table(Body(as_arrow(table, media_type, **options), ARROW)).table.columns["x"]
        assert list(cells) == [word for size in (2, 2, 3, 4) for word in "abcd"[:size]]


def test_more_words_than_a_model_may_have_are_read() -> None:
    count = 60_000
    words = pa.array([f"w{place}" for place in range(count)]).dictionary_encode()

    cells = read(FORMS["stream"], x=words).columns["x"]
    assert cells[count - 1] == f"w{count - 1}"
    assert cells[:3] == ["w0", "w1", "w2"]


def test_the_name_of_a_type_is_repeated_in_part() -> None:
    table = pa.table({"y": [1], "x": [{f"member {place}": place for place in range(5000)}]})

    with pytest.raises(InvalidBody, match="column 'x' is of type struct<member 0: int64") as raised:
        infer_declaration(read_table(Body(as_arrow(table), ARROW)).table, TableQuery(targets="y"))
    assert len(str(raised.value)) < 400


def test_chunks_and_slices_are_one_column() -> None:
    chunks: list[list[Any]] = [[0.5, None], [], [2.5] * 3000, [1.0]]
    array = pa.chunked_array([pa.array(chunk, pa.float64()) for chunk in chunks])
    texts = pa.chunked_array([pa.array([f"t{cell}" for cell in chunk], pa.string()) for chunk in chunks])
    truths = pa.chunked_array([pa.array([cell is None for cell in chunk], pa.bool_()) for chunk in chunks])
    table = pa.table({"x": array, "y": texts, "z": truths}).slice(1, 3000)

    found = read_table(Body(as_arrow(table), ARROW)).table
    assert {name: list(cells) for name, cells in found.columns.items()} == table.to_pydict()


UNSUPPORTED: dict[str, Any] = {
    "time32[s]": pa.array([dt.time(17, 30)], pa.time32("s")),
    "time64[us]": pa.array([dt.time(17, 30)]),
    "duration[us]": pa.array([dt.timedelta(days=1)]),
    "list<element: int64>": pa.array([[1, 2]], pa.list_(pa.field("element", pa.int64()))),
    "struct<a: int64>": pa.array([{"a": 1}]),
    "binary": pa.array([b"x"]),
    "fixed_size_binary[2]": pa.array([b"xy"], pa.binary(2)),
    "map<string, int64>": pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())),
    "month_day_nano_interval": pa.array([(1, 2, 3)], pa.month_day_nano_interval()),
    "sparse_union<": pa.UnionArray.from_sparse(pa.array([0], pa.int8()), [pa.array([1])]),
    "run_end_encoded<": pa.RunEndEncodedArray.from_arrays([1], ["a"]),
    "list_view<": pa.array([[1]], pa.list_view(pa.int64())),
    "dictionary<values=binary": pa.array([b"x"]).dictionary_encode(),
}


@pytest.mark.parametrize(("name", "array"), UNSUPPORTED.items(), ids=UNSUPPORTED)
def test_what_no_column_can_hold_is_refused_by_name_unless_it_is_left_out(name: str, array: Any) -> None:
    table = read(FORMS["stream"], odd=array, x=pa.array([1]), y=pa.array([2]))

    assert isinstance(table.columns["odd"], UnsupportedColumn)
    with pytest.raises(InvalidBody) as raised:
        infer_declaration(table, TableQuery(targets="y"))
    (error,) = raised.value.errors
    assert error.detail.startswith(f"column 'odd' is of type {name}")
    assert error.detail.endswith("?ignore=odd leaves it out")
    assert infer_declaration(table.without(["odd"]), TableQuery(targets="y")).signature.features[0].name == "x"


def test_extension_types_are_what_they_are_kept_as() -> None:
    numbers = pa.ExtensionArray.from_storage(pa.bool8(), pa.array([0, 1, None], pa.int8()))
    texts = pa.ExtensionArray.from_storage(pa.json_(pa.string()), pa.array(['"a"', None, "{}"]))
    unknown = pa.field("unknown", pa.int64(), metadata={"ARROW:extension:name": "elsewhere.kind"})
    schema = pa.schema([pa.field("numbers", numbers.type), pa.field("texts", texts.type), unknown])
    table = pa.Table.from_arrays([numbers, texts, pa.array([7, 8, 9])], schema=schema)

    columns = read_table(Body(as_arrow(table), ARROW)).table.columns
    assert {name: list(cells) for name, cells in columns.items()} == {
        "numbers": [0, 1, None],
        "texts": ['"a"', None, "{}"],
        "unknown": [7, 8, 9],
    }


@pytest.mark.parametrize("write", [as_arrow, as_parquet])
def test_an_index_that_pandas_has_stored_is_no_column(write: Callable[[Any], bytes]) -> None:
    media_type = ARROW if write is as_arrow else PARQUET
    data = pd.DataFrame({"x": [1.0, 2.0], "y": [3, 4]})
    for index in ([7, 9], pd.Index([7, 9], name="id"), pd.Index(["a", "b"], name="x y"), pd.RangeIndex(2)):
        data.index = pd.Index(index)
        table = read_table(Body(write(pa.Table.from_pandas(data)), media_type)).table
        assert table.names == ["x", "y"]
    levels = pd.MultiIndex.from_tuples([(1, "a"), (2, "b")], names=["n", "m"])
    assert read_table(Body(write(pa.Table.from_pandas(data.set_index(levels))), media_type)).table.names == ["x", "y"]
    assert read_table(Body(write(pa.Table.from_pandas(data.reset_index())), media_type)).table.names == [
        "index",
        "x",
        "y",
    ]
    with pytest.raises(InvalidBody, match="no columns but its index"):
        read_table(Body(write(pa.Table.from_pandas(data.set_index("x")[[]])), media_type))


@pytest.mark.parametrize(
    "metadata", [b"", b"7", b"[]", b"{}", b'{"index_columns": 7}', b'{"index_columns": [{}, []]}', b"[" * 10**6]
)
def test_metadata_that_pandas_has_not_written_is_not_looked_at(metadata: bytes) -> None:
    table = pa.table({"x": [1]}).replace_schema_metadata({b"pandas": metadata})

    assert read_table(Body(as_arrow(table), ARROW)).table.names == ["x"]


def test_what_pandas_and_polars_write_is_read() -> None:
    columns = {"x": [1.5, None], "word": ["a", None], "day": [dt.date(2024, 1, 31), None], "truth": [True, None]}
    data = pd.DataFrame(columns).assign(kind=pd.Categorical(["u", "v"]))
    frame = pl.DataFrame(columns).with_columns(kind=pl.Series(["u", "v"], dtype=pl.Categorical))
    expected = {**columns, "day": ["2024-01-31", None], "kind": ["u", "v"]}

    def cells(body: Body) -> dict[str, list[Any]]:
        return {name: list(cells) for name, cells in read_table(body).table.columns.items()}

    stream, file, parquet, feather = (io.BytesIO() for _ in range(4))
    frame.write_ipc_stream(stream)
    frame.write_ipc(file, compression="lz4")
    frame.write_parquet(parquet)
    data.to_feather(feather)
    for body in (Body(stream.getvalue(), ARROW), Body(file.getvalue(), ARROW_FILE), Body(parquet.getvalue(), PARQUET)):
        assert cells(body) == expected
    assert cells(Body(feather.getvalue(), ARROW)) == expected
    assert cells(Body(data.to_parquet(), PARQUET)) == expected


SHAPES: dict[str, tuple[Any, str]] = {
    "no rows": (pa.table({"x": pa.array([], pa.int64())}), "the table has no rows"),
    "no columns": (pa.table({}), "the table has no rows"),
    "a name twice": (pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["x", "x"]), "two columns of the table are called 'x'"),
    "a name in two ways": (pa.table({"x": [1], " x\n": [2]}), "two columns of the table are called 'x'"),
    "no name": (pa.table({"x": [1], "": [2]}), "column 2 of the table has no name"),
    "too many columns": (pa.table({f"x{place}": [1] for place in range(10_001)}), "10,001 columns, of at most 10,000"),
}  # fmt: skip


@pytest.mark.parametrize(("table", "detail"), SHAPES.values(), ids=SHAPES)
def test_a_frame_of_another_shape_is_refused(table: Any, detail: str) -> None:
    for body in (Body(as_arrow(table), ARROW), Body(as_parquet(table), PARQUET)):
        with pytest.raises(InvalidBody, match=detail):
            read_table(body)


def test_a_table_may_unpack_to_as_many_bytes_as_a_body_may_have() -> None:
    table = pa.table({"x": np.zeros(100_000)})
    for body in (as_arrow(table, compression="zstd"), as_parquet(table)):
        assert len(body) < 10_000
        media_type = PARQUET if body.startswith(b"PAR1") else ARROW
        assert len(read_table(Body(body, media_type, max_bytes=800_000)).table) == 100_000
        with pytest.raises(BodyTooLarge, match="unpacks to more than the 799999 bytes"):
            read_table(Body(body, media_type, max_bytes=799_999))


def test_the_metadata_of_names_is_kept_out_of_the_way() -> None:
    text = json.dumps({"index_columns": ["y"]}).encode()
    table = pa.table({"x": [1]}).replace_schema_metadata({b"pandas": text, b"\xff": b"\xfe"})

    assert read_table(Body(as_arrow(table), ARROW)).table.names == ["x"]
