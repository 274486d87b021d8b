"""Bodies that no client should send as Arrow or Parquet: each is refused in words, whatever it does to what reads it."""

import io
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import BodyTooLarge, InvalidBody, MalformedBody
from app.frames import ARROW, ARROW_FILE, PARQUET
from app.tables import Body, read_table
from app.train.declaring import TableQuery, infer_declaration
from tests.support.forms import as_arrow, as_parquet
from tests.support.frames import LIMIT, TABLE, VALID, damage, read_or_refuse
from tests.support.memory import peak_memory, reset_peak_memory


def views(text: str, rows: int) -> Any:
    """Return an array of views, of which each is of the same text."""
    one = pa.array([text], pa.string_view())
    view, data = one.buffers()[1].to_pybytes(), one.buffers()[2]
    return pa.StringViewArray.from_buffers(pa.string_view(), rows, [None, pa.py_buffer(view * rows), data])


def nested(depth: int) -> Any:
    array = pa.array([1])
    for _ in range(depth):
        array = pa.ListArray.from_arrays([0, 1], array)
    return pa.table({"x": array})


def zeros(rows: int) -> Any:
    return pa.table({"x": np.zeros(rows)})


def swap(table: Any, values: list[int], others: list[int], dtype: Any = np.int32) -> bytes:
    """Return a table as a stream in which some numbers are others."""
    data = as_arrow(table)
    known, other = np.array(values, dtype).tobytes(), np.array(others, dtype).tobytes()
    assert known in data
    return data.replace(known, other)


def end_at(*ends: int) -> bytes:
    """Return texts that end where they do not."""
    return swap(pa.table({"x": ["a" * 17, "b" * 19, "c"]}), [0, 17, 36, 37], list(ends))


def code(*places: int) -> bytes:
    """Return categories of three words, each by its place among them."""
    return swap(pa.table({"x": pa.array(["u", "v", "w", "u", "v"]).dictionary_encode()}), [0, 1, 2, 0, 1], list(places))


MALFORMED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "cannot be read"),
    "text": (b"a,b\n1,2\n", "cannot be read"),
    "nothing but a beginning": (b"ARROW1\0\0", "cannot be read"),
    "zeros": (bytes(10_000), "cannot be read|no rows"),
    "ones": (b"\xff" * 10_000, "cannot be read"),
    "a metadata size of 2 GiB": (b"\xff\xff\xff\xff\xff\xff\xff\x7f" + bytes(100), "cannot be read"),
    "ends outside of a text": (end_at(0, 17, 36, 10_000), "cannot be read"),
    "ends that go back": (end_at(0, 36, 17, 37), "cannot be read"),
    "ends before the beginning": (end_at(-5, 17, 36, 37), "cannot be read"),
    "codes without a word": (code(0, 1, 2, 0, 7), "cannot be read"),
    "codes below 0": (code(0, 1, 2, 0, -7), "cannot be read"),
    "no UTF-8": (as_arrow(pa.table({"x": ["abcdefgh"]})).replace(b"abcdefgh", b"abcd\xff\xfegh"), "cannot be read"),
    "nested too deeply": (as_arrow(nested(60)), "cannot be read|type list"),
    "a Parquet file": (as_parquet(TABLE), "it is a Parquet file: send it with Content-Type: application/vnd.apache.parquet"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "detail"), MALFORMED.values(), ids=MALFORMED)
def test_what_is_no_arrow_is_refused(data: bytes, detail: str) -> None:
    for media_type in (ARROW, ARROW_FILE):
        with pytest.raises((MalformedBody, InvalidBody), match=detail):
            infer_declaration(read_table(Body(data, media_type, max_bytes=LIMIT)).table, TableQuery(targets="x"))


NO_PARQUET = {
    "nothing": b"",
    "a beginning": b"PAR1",
    "two ends": b"PAR1PAR1",
    "a footer of 2 GiB": b"PAR1" + bytes(100) + b"\xff\xff\xff\x7fPAR1",
    "an encrypted file": b"PARE" + bytes(100) + b"PARE",
    "zeros": bytes(100),
}


@pytest.mark.parametrize("data", NO_PARQUET.values(), ids=NO_PARQUET)
def test_what_is_no_parquet_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedBody, match="the Parquet file cannot be read"):
        read_table(Body(data, PARQUET, max_bytes=LIMIT))


BOMBS: dict[str, Callable[[], Body]] = {
    "a trillion nulls": lambda: Body(swap(pa.table({"x": pa.nulls(77_777)}), [77_777], [10**12], np.int64), ARROW, max_bytes=LIMIT),
    "a trillion rows without columns": lambda: Body(swap(pa.table({"x": pa.nulls(77_777)}).select([]), [77_777], [10**12], np.int64), ARROW, max_bytes=LIMIT),
    "packed zeros": lambda: Body(as_arrow(zeros(20_000_000), compression="zstd"), ARROW, max_bytes=LIMIT),
    "packed zeros, lz4": lambda: Body(as_arrow(zeros(20_000_000), compression="lz4"), ARROW, max_bytes=LIMIT),
    "packed texts": lambda: Body(as_arrow(pa.table({"x": ["a" * 2**28]}), compression="zstd"), ARROW, max_bytes=LIMIT),
    "many views of a text": lambda: Body(as_arrow(pa.table({"x": views("a" * 2**20, 10_000)})), ARROW, max_bytes=LIMIT),
    "runs of Parquet": lambda: Body(as_parquet(zeros(20_000_000)), PARQUET, max_bytes=LIMIT),
    "packed Parquet": lambda: Body(as_parquet(zeros(20_000_000), compression="zstd", use_dictionary=False), PARQUET, max_bytes=LIMIT),
    "a long word of Parquet": lambda: Body(as_parquet(pa.table({"x": pa.array(["a" * 2**20]).dictionary_encode().take(pa.array([0] * 100_000))}), store_schema=False), PARQUET, max_bytes=LIMIT),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_a_small_body_that_unpacks_to_a_large_table_is_refused(bomb: Callable[[], Body]) -> None:
    body = bomb()
    assert len(body.data) < 4 * LIMIT
    before = reset_peak_memory()

    with pytest.raises(BodyTooLarge, match=r"unpacks to more than(, or almost,)? the 8388608 bytes allowed"):
        read_table(body)
    assert peak_memory() - before < 16


def test_a_file_that_claims_other_rows_than_it_has_is_refused_or_read_as_far_as_it_goes() -> None:
    """A Parquet file's footer with another number of rows, which is written as a varint."""
    data = as_parquet(pa.table({"x": np.arange(300.0)}), compression="none", write_statistics=False)
    rows = pq.read_metadata(io.BytesIO(data)).num_rows
    varint, other = bytes([rows * 2 & 127 | 128, rows * 2 >> 7]), bytes([0xFF, 0x7F])
    assert varint in data
    damaged = [data.replace(varint, other, count) for count in range(1, data.count(varint) + 1)]
    for each in damaged:
        read_or_refuse(Body(each, PARQUET, max_bytes=LIMIT))


@pytest.mark.parametrize("valid", VALID.values(), ids=VALID)
def test_a_body_that_is_cut_off_is_refused_or_is_a_table(valid: Body) -> None:
    assert read_or_refuse(valid)
    ends = random.Random(7).sample(range(len(valid.data)), 12)
    for end in ends:
        read_or_refuse(Body(valid.data[:end], valid.media_type, max_bytes=LIMIT))


@pytest.mark.slow
@given(st.data())
def test_a_damaged_body_is_refused_in_words_or_is_a_table(data: st.DataObject) -> None:
    """A short form of what `python -m benchmarks.fuzz_frames` goes on with for as long as it is told."""
    read_or_refuse(
        damage(data.draw(st.sampled_from(list(VALID.values()))), data.draw(st.randoms(use_true_random=False)))
    )
