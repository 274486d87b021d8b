"""Files of arrays: safetensors, plain arrays behind a JSON header, with a text of ours in it."""

import json

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from model.checkpoint.values import Arrays
from model.errors import ModelError


def write_file(name: str, text: str, arrays: Arrays) -> bytes:
    """Return a safetensors file: plain arrays, behind a text of this name."""
    # It writes memory as it lies.
    return save({each: np.ascontiguousarray(array) for each, array in arrays.items()}, {name: text})


def read_header(name: str, data: bytes) -> str:
    """Return the text of this name in what `write_file` wrote. Raises one of `DAMAGE`."""
    # A safetensors file opens with its header: eight bytes of length, then JSON.
    length = int.from_bytes(data[:8], "little")
    text: str = json.loads(data[8 : 8 + length])["__metadata__"][name]
    return text


def read_arrays(data: bytes) -> Arrays:
    """Return the arrays of what `write_file` wrote. Raises one of `DAMAGE`."""
    return load(data)


DAMAGE = (ModelError, SafetensorError, AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError)
"""What reading a damaged header may raise, or building what it describes."""
