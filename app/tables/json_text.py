"""JSON text, read strictly: its value, or why it is refused (RFC 8259, and no key twice in an object)."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from pydantic_core import to_json

from app.errors import BodyError, InvalidBody, MalformedBody
from app.tables.validation import MAX_ERRORS, Path, describe_place, make_pointer

MAX_KEYS = 10_000
"""The most keys that one object may have."""

ITEMS_PER_PIECE = 1000
"""How many items of a long list are written at a time; between two pieces other threads may run."""

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class _Repeated(dict[str, Any]):
    """An object in which a key occurs twice: JSON leaves open what that means, and parsers differ."""

    key: str


def parse_json(body: bytes) -> Any:
    """Return the value of a JSON text. Raises `MalformedBody`, and `InvalidBody` for an object with a key twice."""
    repeated: list[_Repeated] = []

    def build(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(pairs) > MAX_KEYS:
            raise InvalidBody([BodyError(f"the body holds an object of more than {MAX_KEYS} keys", "")])
        built = dict(pairs)
        if len(built) == len(pairs):
            return built
        twice = _Repeated(built)
        twice.key = _find_first_repeated([name for name, _ in pairs])
        repeated.append(twice)
        return twice

    value = _read(body, build)
    if repeated:
        raise InvalidBody(
            [
                BodyError(
                    f"{describe_place(path)}the key {found.key!r} occurs more than once",
                    make_pointer((*path, found.key)),
                )
                for path, found in islice(_find_repeated(value), MAX_ERRORS)
            ]
        )
    return value


def write_json(members: Mapping[str, Any]) -> bytes:
    """Return an object as JSON text; a long list is written some items at a time, so that other threads may run."""
    if not any(isinstance(value, list) and len(value) > ITEMS_PER_PIECE for value in members.values()):
        return _dump(members)
    return b"{%b}" % b",".join(b"%b:%b" % (_dump(name), _write_value(value)) for name, value in members.items())


def _write_value(value: Any) -> bytes:
    if not isinstance(value, list):
        return _dump(value)
    pieces = (value[start : start + ITEMS_PER_PIECE] for start in range(0, len(value), ITEMS_PER_PIECE))
    return b"[%b]" % b",".join(_dump(piece)[1:-1] for piece in pieces)


def _dump(value: Any) -> bytes:
    return to_json(value, inf_nan_mode="null")  # by default it would write NaN, which is not JSON


def _read(body: bytes, build: Callable[[list[tuple[str, Any]]], dict[str, Any]]) -> Any:
    try:
        text = body.decode("utf-8-sig")
        value = json.loads(text, object_pairs_hook=build)
        if _SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeDecodeError:
        raise MalformedBody("the body is not UTF-8 text") from None
    except UnicodeEncodeError:
        raise MalformedBody("the body holds half of a surrogate pair, which is no text") from None
    except RecursionError:
        raise MalformedBody("the body's brackets are nested too deeply") from None
    except json.JSONDecodeError as error:
        raise MalformedBody(f"the body is not JSON: {error}" if error.doc.strip() else "the body is empty") from None
    except ValueError:
        raise MalformedBody("the body holds a number of too many digits") from None
    return value


def _find_first_repeated(names: Sequence[str]) -> str:
    seen: set[str] = set()
    return next(name for name in names if name in seen or seen.add(name))  # type: ignore[func-returns-value]


def _find_repeated(value: Any) -> Iterator[tuple[Path, _Repeated]]:
    """Yield each object with a key twice, and where it stands, from the first to the last."""
    within: list[Iterator[tuple[Path, Any]]] = [iter([((), value)])]
    while within:
        if (found := next(within[-1], None)) is None:
            within.pop()
            continue
        path, value = found
        if isinstance(value, _Repeated):
            yield path, value
        within.append(_iterate_members(path, value))


def _iterate_members(path: Path, value: Any) -> Iterator[tuple[Path, Any]]:
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield (*path, step), inner
