"""A frame as Arrow's stream or file, or as Parquet."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from app.frames.frame import Buffer, Frame, FrameColumn
from app.frames.media_types import ARROW_FILE, PARQUET


def write(frame: Frame, media_type: str) -> Buffer:
    """Return a frame as a body of this media type."""
    fields = {column.name: _WRITERS[column.kind](column) for column in frame.columns}
    table, sink = pa.table(fields), pa.BufferOutputStream()
    if media_type == PARQUET:
        words = [column.name for column in frame.columns if column.kind in {"text", "category"}]
        pq.write_table(table, sink, use_dictionary=words)  # numbers hardly repeat, and to look for that takes longest
    else:
        new = pa.ipc.new_file if media_type == ARROW_FILE else pa.ipc.new_stream
        with new(sink, table.schema) as writer:
            writer.write_table(table)
    return np.frombuffer(sink.getvalue(), dtype=np.uint8)


def _find_gaps(column: FrameColumn) -> Buffer | None:
    return None if column.valid is None else ~column.valid


def _write_values(column: FrameColumn) -> Any:
    return pa.array(column.values, mask=_find_gaps(column))


def _write_texts(column: FrameColumn) -> Any:
    rows = len(column.values) - 1
    gaps = None if column.valid is None else pa.array(column.valid).buffers()[1]
    texts = pa.LargeStringArray.from_buffers(
        rows, pa.py_buffer(column.values.astype(np.int64)), pa.py_buffer(column.text), gaps
    )
    return texts if column.text.nbytes > np.iinfo(np.int32).max else texts.cast(pa.string())


def _write_dates(column: FrameColumn) -> Any:
    """Return dates as the type that they came as, where they did."""
    unit, _, kind = column.about.partition(" ")
    dates = pa.array(column.values.astype(np.int64).view(f"datetime64[{unit}]"), mask=_find_gaps(column))
    if kind.startswith("date"):
        return dates.cast(pa.date32())
    name, _, zone = kind.removeprefix("timestamp[").removesuffix("]").partition(", tz=")
    return dates.cast(pa.timestamp(name)).view(pa.timestamp(name, tz=zone or None))  # whatever the zone is called


def _write_categories(column: FrameColumn) -> Any:
    assert column.words is not None  # noqa: S101 - for the type checker
    words = _WRITERS[column.words.kind](column.words)
    codes = pa.array(column.values.astype(np.int32), mask=_find_gaps(column))
    return pa.DictionaryArray.from_arrays(codes, words)


_WRITERS: Mapping[str, Callable[[FrameColumn], Any]] = {
    "number": _write_values,
    "truth": _write_values,
    "text": _write_texts,
    "date": _write_dates,
    "category": _write_categories,
}
