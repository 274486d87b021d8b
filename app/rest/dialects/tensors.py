"""Tensors of the Open Inference Protocol: as JSON, or as bytes behind it (Triton's binary tensor data extension)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from math import prod
from types import NoneType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.errors import BodyError, InvalidBody, shorten

DATATYPES: Mapping[str, type[np.generic]] = {
    "BOOL": np.bool_,
    "UINT8": np.uint8,
    "UINT16": np.uint16,
    "UINT32": np.uint32,
    "UINT64": np.uint64,
    "INT8": np.int8,
    "INT16": np.int16,
    "INT32": np.int32,
    "INT64": np.int64,
    "FP16": np.float16,
    "FP32": np.float32,
    "FP64": np.float64,
}
"""Those of numbers; texts are BYTES."""

MAX_DEPTH = 2
"""Of nested data: rows and columns."""


@dataclass(frozen=True, eq=False)
class Tensor:
    """Named numbers or texts, in rows."""

    name: str
    datatype: str
    shape: tuple[int, ...]
    values: Sequence[Any] | NDArray[Any]
    """All of them, row by row."""

    def describe(self) -> dict[str, Any]:
        """Return it as a member of `outputs`, without its values."""
        return {"name": self.name, "datatype": self.datatype, "shape": list(self.shape)}

    def to_list(self) -> list[Any]:
        """Return its values as JSON has them."""
        return self.values.tolist() if isinstance(self.values, np.ndarray) else list(self.values)

    def to_bytes(self) -> bytes:
        """Return its values as bytes: little-endian, row by row; each text with its length before it."""
        if self.datatype != "BYTES":
            dtype = np.dtype(DATATYPES[self.datatype]).newbyteorder("<")
            return np.ascontiguousarray(self.values, dtype=dtype).tobytes()
        texts = [str(text).encode() for text in self.values]
        return b"".join(len(text).to_bytes(4, "little") + text for text in texts)


def read_tensor(name: str, datatype: str, shape: Sequence[int], data: Any) -> Tensor:
    """Return the tensor that nested or flat JSON data is; null stands for a missing value. Raises `InvalidBody`."""
    values = list(_flatten(name, data, MAX_DEPTH))
    _check_count(name, shape, len(values))
    if datatype == "BYTES":
        _check_types(name, values, {str, NoneType}, "texts")
        return Tensor(name, datatype, tuple(shape), values)
    _check_types(name, values, {bool} if _numpy_type(name, datatype) is np.bool_ else {int, float, NoneType}, "numbers")
    return Tensor(name, datatype, tuple(shape), values)


def read_binary_tensor(name: str, datatype: str, shape: Sequence[int], data: memoryview) -> Tensor:
    """Return the tensor that bytes are. Raises `InvalidBody`."""
    if datatype == "BYTES":
        texts = list(_split_texts(name, data))
        _check_count(name, shape, len(texts))
        return Tensor(name, datatype, tuple(shape), texts)
    dtype = np.dtype(_numpy_type(name, datatype)).newbyteorder("<")
    if len(data) != prod(shape) * dtype.itemsize:
        raise refuse(
            name, f"has {len(data):,} bytes, where its shape and datatype take {prod(shape) * dtype.itemsize:,}"
        )
    return Tensor(name, datatype, tuple(shape), np.frombuffer(data, dtype))


def refuse(name: str, detail: str) -> InvalidBody:
    """Return the error about a tensor."""
    return InvalidBody([BodyError(f"tensor {shorten(name)!r} {detail}", "")])


def _numpy_type(name: str, datatype: str) -> type[np.generic]:
    if datatype not in DATATYPES:
        raise refuse(name, f"has the datatype {shorten(datatype)!r}; there are {', '.join(DATATYPES)} and BYTES")
    return DATATYPES[datatype]


def _flatten(name: str, data: Any, depth: int) -> Iterator[Any]:
    if not isinstance(data, list):
        raise refuse(name, "needs a list as its data")
    if depth > 1 and data and isinstance(data[0], list):
        return chain.from_iterable(_flatten(name, each, depth - 1) for each in data)
    return iter(data)


def _check_count(name: str, shape: Sequence[int], count: int) -> None:
    if prod(shape) != count:
        raise refuse(name, f"has {count:,} values, where its shape {list(shape)} takes {prod(shape):,}")


def _check_types(name: str, values: Sequence[Any], allowed: set[type], words: str) -> None:
    if not set(map(type, values)) <= allowed:
        raise refuse(name, f"should hold {'true and false' if allowed == {bool} else words} alone")


def _split_texts(name: str, data: memoryview) -> Iterator[str]:
    """Yield the texts in bytes. Raises `InvalidBody`."""
    start = 0
    while start < len(data):
        length = int.from_bytes(data[start : start + 4], "little")
        end = start + 4 + length
        if end > len(data):
            raise refuse(name, "ends within a text")
        try:
            yield bytes(data[start + 4 : end]).decode()
        except UnicodeDecodeError:
            raise refuse(name, "holds a text that is not UTF-8") from None
        start = end
