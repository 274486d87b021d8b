"""Arrow's arrays as the columns of a frame."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from app.errors import shorten
from app.frames.frame import NO_BUFFER, Buffer, FrameColumn

MIN_CELL_BYTES = 2
"""What a cell counts as at the least, as in a CSV, where it has a digit and a separator."""

_SECONDS_PER_DAY = 86_400
_COARSER = {"ns": ("us", 1000), "us": ("s", 1_000_000), "ms": ("s", 1000), "s": ("D", _SECONDS_PER_DAY)}
"""The next coarser unit of time that matters, and how many of the finer one it has."""

Converter = Callable[[str, Sequence[Any], Any], FrameColumn]


def convert(field: Any, arrays: Sequence[Any]) -> FrameColumn:
    """Return arrays of one field, of which there is one at the least, as a column."""
    kind, arrays = _unwrap(field.type, arrays)
    for is_kind, converter in _CONVERTERS.items():
        if is_kind(kind):
            return converter(field.name, arrays, kind)
    return FrameColumn(field.name, "unsupported", about=shorten(str(field.type)))


def count_bytes(array: Any) -> int:
    """Return about how many bytes an array takes as a column."""
    kind = array.type
    if types.is_large_string(kind) or types.is_string(kind):
        offsets = _view(array, 1, np.int64 if types.is_large_string(kind) else np.int32, 1)
        return int(offsets[-1]) - int(offsets[0]) + MIN_CELL_BYTES * len(array) if len(offsets) else 0
    if types.is_dictionary(kind):
        return max(int(array.indices.nbytes), MIN_CELL_BYTES * len(array))  # its words may be those of the batch before
    try:
        width = int(kind.bit_width) // 8
    except ValueError:  # it has none
        return max(int(array.nbytes), MIN_CELL_BYTES * len(array))
    return max(width, MIN_CELL_BYTES) * len(array)


def _unwrap(kind: Any, arrays: Sequence[Any]) -> tuple[Any, Sequence[Any]]:
    """Return arrays of an extension type as what they are kept as."""
    while isinstance(kind, pa.BaseExtensionType):
        kind, arrays = kind.storage_type, [array.storage for array in arrays]
    return kind, arrays


def _view(array: Any, number: int, dtype: Any, more: int = 0) -> Buffer:
    """Return one of an array's buffers, as far as the array has it."""
    buffer = array.buffers()[number]
    if buffer is None or not buffer.size:
        return np.zeros(len(array) + more, dtype=dtype)
    return np.frombuffer(buffer, dtype=dtype)[array.offset : array.offset + len(array) + more]


def _join(pieces: Sequence[Buffer]) -> Buffer:
    return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)


def _find_valid(arrays: Sequence[Any]) -> Buffer | None:
    if not any(array.null_count for array in arrays):
        return None
    return _join([array.is_valid().to_numpy(zero_copy_only=False) for array in arrays])


def _convert_numbers(name: str, arrays: Sequence[Any], kind: Any) -> FrameColumn:
    dtype = kind.to_pandas_dtype()
    values = _join([_view(array, 1, dtype) for array in arrays])
    return FrameColumn(name, "number", values, _find_valid(arrays), about=str(kind))


def _convert_decimals(name: str, arrays: Sequence[Any], kind: Any) -> FrameColumn:
    """Return decimals as the floats that are nearest: Arrow's own division is not, but its reading of text is."""
    floats = [pc.cast(pc.cast(array, pa.string()), pa.float64()) for array in arrays]
    return FrameColumn(
        name, "number", _join([_view(each, 1, np.float64) for each in floats]), _find_valid(arrays), about=str(kind)
    )


def _convert_nulls(name: str, arrays: Sequence[Any], kind: Any) -> FrameColumn:
    rows = sum(map(len, arrays))
    return FrameColumn(name, "number", np.zeros(rows, dtype=np.int8), np.zeros(rows, dtype=np.bool_), about=str(kind))


def _convert_truths(name: str, arrays: Sequence[Any], kind: Any) -> FrameColumn:
    values = [pc.fill_null(array, False).to_numpy(zero_copy_only=False) for array in arrays]  # noqa: FBT003 - a value
    return FrameColumn(name, "truth", _join(values), _find_valid(arrays), about=str(kind))


def _convert_texts(name: str, arrays: Sequence[Any], kind: Any) -> FrameColumn:
    ends: list[Buffer] = [np.zeros(1, dtype=np.int64)]
    pieces: list[Buffer] = []
    begin = 0
    for array in (pc.cast(each, pa.large_string()) for each in arrays):
        offsets = _view(array, 1, np.int64, 1)
        text = array.buffers()[2]
        pieces.append(NO_BUFFER if text is None else np.frombuffer(text, np.uint8)[offsets[0] : offsets[-1]])
        ends.append(offsets[1:] + (begin - offsets[0]))
        begin += int(offsets[-1] - offsets[0])
    return FrameColumn(name, "text", _join(ends), _find_valid(arrays), _join(pieces), about=str(kind))


def _convert_dates(name: str, arrays: Sequence[Any], kind: Any) -> FrameColumn:
    """Return dates in the coarsest unit that loses nothing, so that days are written as such."""
    is_date32 = types.is_date32(kind)
    unit = "D" if is_date32 else "ms" if types.is_date64(kind) else kind.unit
    values = _join([_view(array, 1, np.int32 if is_date32 else np.int64) for array in arrays]).astype(np.int64)
    valid = _find_valid(arrays)
    if valid is not None:
        values = np.where(valid, values, 0)
    while unit in _COARSER and not (values % _COARSER[unit][1]).any():
        unit, factor = _COARSER[unit]
        values = values // factor
    return FrameColumn(name, "date", values, valid, about=f"{unit} {kind}")


def _convert_categories(name: str, arrays: Sequence[Any], kind: Any) -> FrameColumn:
    """Return codes and words: the words of all chunks, one after the other, but those that a chunk has of the one before."""
    words, pieces, begin, count, last = [], [], 0, 0, None
    for array in arrays:
        dictionary = array.dictionary
        known = 0 if last is None or len(last) > len(dictionary) else len(last)
        if not (known and dictionary.slice(0, known).equals(last)):
            begin, known = count, 0
        words.append(dictionary.slice(known))
        count, last = begin + len(dictionary), dictionary
        codes = _view(array.indices, 1, kind.index_type.to_pandas_dtype()).astype(np.int32)
        valid = _find_valid([array.indices])
        pieces.append(codes + begin if valid is None else np.where(valid, codes + begin, 0))
    meaning = convert(pa.field(name, kind.value_type), words)
    if meaning.kind in {"unsupported", "category"}:
        return FrameColumn(name, "unsupported", about=shorten(str(kind)))
    valid = _find_valid([array.indices for array in arrays])
    if not count:
        return _convert_nulls(name, arrays, kind)
    return FrameColumn(name, "category", _join(pieces), valid, words=meaning, about=str(kind))


_CONVERTERS: Mapping[Callable[[Any], bool], Converter] = {
    types.is_integer: _convert_numbers,
    types.is_floating: _convert_numbers,
    types.is_decimal: _convert_decimals,
    types.is_boolean: _convert_truths,
    types.is_string: _convert_texts,
    types.is_large_string: _convert_texts,
    types.is_string_view: _convert_texts,
    types.is_date: _convert_dates,
    types.is_timestamp: _convert_dates,
    types.is_dictionary: _convert_categories,
    types.is_null: _convert_nulls,
}
"""How arrays of each type become columns; any other type is not supported."""
