"""JSON text, read strictly: its value, or why it is refused (RFC 8259, and no key twice in an object)."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

from pydantic_core import to_json

from app.budget import check_json_values
from app.errors import MalformedBody
from app.tables.byte_search import count_byte
from app.tables.json_scanner import JsonScanner
from app.tables.json_window import NotJson
from app.tables.validation import Path


@dataclass(frozen=True)
class JsonList:
    """A long list that is made, and written, some items at a time, so that other threads may run."""

    length: int
    piece: int
    """How many items are made at a time."""
    make: Callable[[slice], list[Any]]
    """Returns the items of a slice."""


def parse_json(body: bytes) -> Any:
    """Return the value of a JSON text that is no table.

    Raises `MalformedBody`, `InvalidBody` for an object with a key twice, and `BodyTooLarge` for too many values.
    """
    check_json_values(sum(count_byte(body, mark) for mark in (b",", b"[", b"{")))
    scanner = JsonScanner(body)
    with malformed_json():
        value = _read(scanner, ())
        scanner.finish()
    return value


def _read(scanner: JsonScanner, path: Path) -> Any:
    """Return the next value; what it holds is read one after the other, so that other threads may run."""
    start = scanner.peek()
    if start == "{" and len(path) < MAX_DEPTH:
        return {key: _read(scanner, (*path, key)) for key in scanner.keys(path)}
    if start == "[" and len(path) < MAX_DEPTH:
        return list(chain.from_iterable(scanner.pieces(path, partial(_read, scanner))))
    return scanner.read(path)


MAX_DEPTH = 4
"""How deep values are looked into, such as {"features": [{"categories": [...]}]}; what is deeper is read at once."""


def write_json(members: Mapping[str, Any]) -> bytes:
    """Return an object as JSON text."""
    return _dump(members)


def write_json_pieces(members: Mapping[str, Any]) -> Iterator[bytes]:
    """Yield an object as JSON text, each piece when it is asked for; its members may be `JsonList`s."""
    before = b"{"
    for name, value in members.items():
        yield b"%b%b:" % (before, _dump(name))
        before = b","
        if isinstance(value, JsonList):
            yield from _write_list(value)
        else:
            yield _dump(value)
    yield b"{}" if before == b"{" else b"}"


def _write_list(value: JsonList) -> Iterator[bytes]:
    before = b"["
    for start in range(0, value.length, value.piece):
        yield before + _dump(value.make(slice(start, start + value.piece)))[1:-1]
        before = b","
    yield b"[]" if before == b"[" else b"]"


def _dump(value: Any) -> bytes:
    return to_json(value, inf_nan_mode="null")  # by default it would write NaN, which is not JSON


@contextmanager
def malformed_json() -> Iterator[None]:
    """Raise what a scanner finds wrong with a text as `MalformedBody`."""
    try:
        yield
    except UnicodeEncodeError:
        raise MalformedBody("the body holds half of a surrogate pair, which is no text") from None
    except RecursionError:
        raise MalformedBody("the body's brackets are nested too deeply") from None
    except NotJson as error:
        detail = f"the body is not JSON: {error}{_hint(error)}" if error.beginning else "the body is empty"
        raise MalformedBody(detail) from None
    except ValueError:
        raise MalformedBody("the body holds a number of too many digits") from None


def _hint(error: NotJson) -> str:
    """Return what else a text may be that is not JSON."""
    start = error.beginning.lstrip()
    if error.reason == "Extra data" and start.startswith("{"):
        return "; if each line is an object, send it with Content-Type: application/x-ndjson"
    first, _, below = start.partition("\n")
    is_csv = below and not start.startswith(("{", "["))
    return "; a CSV needs Content-Type: text/csv" if is_csv and re.search(r"[,;\t|]", first) else ""
