"""Arrow's streams and files, and Parquet's: to a frame. Runs where it may crash, and where memory has a limit."""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from app.budget import BODY_SETTINGS, MAX_COLUMNS, SEND_FEWER
from app.errors import BodyError, BodyTooLarge, InvalidBody, MalformedBody
from app.frames.arrow_columns import convert, count_bytes
from app.frames.frame import Buffer, Frame
from app.frames.media_types import PARQUET

ROWS_PER_BATCH = 1_000_000
"""How many rows of a Parquet file are unpacked at a time."""

MAX_GROWTH = 5
"""How many times as many bytes as were counted a frame may take: where texts begin is kept in eight bytes for each."""

_FILE_START = b"ARROW1"
_PARQUET_START = b"PAR1"

Batches = Iterator[Any]


def read(body: Buffer, media_type: str, max_bytes: int) -> Frame:
    """Return the frame that a body is. Raises `MalformedBody`, `InvalidBody`, `BodyTooLarge`, and pyarrow's errors."""
    buffer = pa.py_buffer(body)
    start = body[: len(_FILE_START)].tobytes()
    schema, batches = (_open_parquet if media_type == PARQUET else _open_arrow)(buffer, start)
    _check_width(len(schema.names))
    kept = _collect(batches, max_bytes)
    rows = sum(batch.num_rows for batch in kept)
    if not rows:
        raise InvalidBody([BodyError("the table has no rows", "/rows")])
    indexes = _find_indexes(schema)
    places = [place for place, name in enumerate(schema.names) if name not in indexes]
    if not places:
        raise InvalidBody([BodyError(f"the table has no columns{' but its index' if indexes else ''}", "")])
    columns = [convert(schema.field(place), [batch.column(place) for batch in kept]) for place in places]
    frame = Frame(tuple(columns), rows)
    _check_size(frame.byte_count, MAX_GROWTH * max_bytes)
    return frame


def _open_arrow(buffer: Any, start: bytes) -> tuple[Any, Batches]:
    """Return the schema and the batches of a stream, or of a file, whichever it is."""
    if start.startswith(_PARQUET_START):
        raise MalformedBody("it is a Parquet file: send it with Content-Type: application/vnd.apache.parquet")
    options = pa.ipc.IpcReadOptions(use_threads=False)
    if start != _FILE_START:
        stream = pa.ipc.open_stream(buffer, options=options)
        return stream.schema, iter(stream)
    file = pa.ipc.open_file(buffer, options=options)
    return file.schema, map(file.get_batch, range(file.num_record_batches))


def _open_parquet(buffer: Any, start: bytes) -> tuple[Any, Batches]:
    if not start.startswith(_PARQUET_START):
        raise MalformedBody("it is not a Parquet file: these begin with PAR1")
    file = pq.ParquetFile(pa.BufferReader(buffer), pre_buffer=False, page_checksum_verification=True)
    _check_width(file.metadata.num_columns)
    return file.schema_arrow, file.iter_batches(batch_size=ROWS_PER_BATCH, use_threads=False)


def _check_width(columns: int) -> None:
    if columns > MAX_COLUMNS:
        raise InvalidBody([BodyError(f"the table has {columns:,} columns, of at most {MAX_COLUMNS:,}", "")])


def _check_size(size: int, most: int) -> None:
    if size > most:
        raise BodyTooLarge(f"the table unpacks to more than the {most} bytes allowed {BODY_SETTINGS}: {SEND_FEWER}")


def _collect(batches: Batches, max_bytes: int) -> Sequence[Any]:
    """Return all batches, each checked to the last byte. Raises `BodyTooLarge` before they are too much."""
    kept: list[Any] = []
    total = 0
    for batch in batches:
        batch.validate(full=True)
        total += max(sum(map(count_bytes, batch.columns)), batch.num_rows)
        _check_size(total, max_bytes)
        if batch.num_rows:
            kept.append(batch)
    return kept


def _find_indexes(schema: Any) -> set[str]:
    """Return the columns in which pandas keeps the index of a data frame, which are no columns of it."""
    with suppress(LookupError, ValueError, TypeError, RecursionError):
        kept = json.loads((schema.metadata or {})[b"pandas"])["index_columns"]
        return {name for name in kept if isinstance(name, str)}
    return set()
