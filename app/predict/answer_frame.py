"""An answer as Arrow or Parquet: the columns of its CSV, those that were sent of the types that they came as."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from app.budget import MAX_FRAME_BYTES
from app.errors import BodyTooLarge, MissingExtra, NotAcceptable
from app.frames import (
    ARROW,
    ARROW_FILE,
    PARQUET,
    Frame,
    FrameColumn,
    check_extra,
    pack_numbers,
    pack_texts,
    write_frame,
)
from app.predict.answer_text_csv import to_own_columns
from app.predict.request import PredictRequest
from app.tables import FrameCells, Table, UnsupportedColumn, iterate_values, parse_column
from model.checkpoint import Checkpoint
from model.table import Column, Signature


def _to_pieces(media_type: str, request: PredictRequest, checkpoint: Checkpoint[Any]) -> Iterator[bytes]:
    """Return a response as a body of this media type, in one piece. Raises `NotAcceptable`, `BodyTooLarge`, `MemoryError`."""
    try:
        check_extra(f"an answer as {media_type}")
    except MissingExtra as error:
        raise NotAcceptable(str(error)) from None
    predictor, table = checkpoint.predictor, request.table
    assert table is not None  # noqa: S101 - only what was not asked by a body has none
    sent = _pack_sent(table, request, predictor.signature)
    ours = to_own_columns(request, predictor, table.names)
    columns = [*sent, *(_pack_own(name, cells) for name, cells in ours.items())]
    frame = Frame(tuple(columns), len(request.features))
    _check_size(frame.byte_count)
    return iter([write_frame(frame, media_type)])


FRAME_WRITERS = {media_type: partial(_to_pieces, media_type) for media_type in (ARROW, ARROW_FILE, PARQUET)}
"""What writes an answer, by its media type."""


def _pack_sent(table: Table, request: PredictRequest, signature: Signature) -> Iterator[FrameColumn]:
    """Yield the columns that were sent, but those of types that are not read here, such as lists."""
    features = {column.name: place for place, column in enumerate(signature.features) if column.kind == "number"}
    targets = {column.name: column for column in signature.targets if column.kind == "number"}
    for name, cells in table.columns.items():
        if isinstance(cells, FrameCells):
            if not isinstance(cells, UnsupportedColumn):
                yield replace(cells.packed, name=name)
        elif name in features:
            yield pack_numbers(name, request.features[:, features[name]])
        else:
            yield _pack_target(table, targets[name]) if name in targets else _pack_cells(name, cells)


def _pack_target(table: Table, target: Column) -> FrameColumn:
    """Return true values as numbers, if all of them are."""
    values, fits = parse_column(table, target)
    return pack_numbers(target.name, values) if fits.all() else _pack_cells(target.name, table.columns[target.name])


def _pack_own(name: str, cells: Any) -> FrameColumn:
    return pack_numbers(name, cells) if isinstance(cells, np.ndarray) else pack_texts(name, _measure(cells))


def _pack_cells(name: str, cells: Sequence[Any]) -> FrameColumn:
    """Return cells as numbers if all of them are, or else as texts; one that holds nothing is missing."""
    kinds = set(map(type, cells))
    if kinds <= {int, float}:
        values = np.array(list(cells))
        if values.dtype.kind in "if":  # not so integers that are too large
            return FrameColumn(name, "number", values)
    return pack_texts(name, _measure(text or None for text in iterate_values(cells)))


def _measure(texts: Iterable[str | None]) -> Iterator[str | None]:
    """Yield texts. Raises `BodyTooLarge` as soon as they are too much."""
    total = 0
    for text in texts:
        total += len(text or "")
        _check_size(total)
        yield text


def _check_size(size: int) -> None:
    if size > MAX_FRAME_BYTES:
        raise BodyTooLarge(
            f"the answer would hold more than {MAX_FRAME_BYTES:,} bytes: send fewer rows at a time, or ask for it with "
            "Accept: text/csv"
        )
