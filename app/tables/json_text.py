"""JSON text, read strictly: what it says, or why it says nothing that everybody would read alike."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from pydantic_core import to_json

from app.tables.validation import MOST_ERRORS, BodyError, InvalidBody, MalformedBody, Path, place_of, pointer_to

MOST_KEYS = 10_000
"""So many an object may have."""

ITEMS_AT_A_TIME = 1000
"""Of a long list that is written."""

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class _Repeated(dict[str, Any]):
    """An object in which a key occurs twice, which JSON leaves open and every parser reads differently."""

    key: str


def parse(body: bytes) -> Any:
    """Return what a JSON text says. Raises `MalformedBody`, and `InvalidBody` for an object with a key twice."""
    repeated: list[_Repeated] = []

    def build(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(pairs) > MOST_KEYS:
            raise InvalidBody([BodyError(f"the body holds an object of more than {MOST_KEYS} keys", "")])
        built = dict(pairs)
        if len(built) == len(pairs):
            return built
        twice = _Repeated(built)
        twice.key = _first_repeated([name for name, _ in pairs])
        repeated.append(twice)
        return twice

    value = _read(body, build)
    if repeated:
        raise InvalidBody(
            [
                BodyError(
                    f"{place_of(path)}the key {found.key!r} occurs more than once", pointer_to((*path, found.key))
                )
                for path, found in islice(_find(value), MOST_ERRORS)
            ]
        )
    return value


def write(members: Mapping[str, Any]) -> bytes:
    """Return an object as JSON text; of a long list some items at a time, so that other threads get their turn."""
    if not any(isinstance(value, list) and len(value) > ITEMS_AT_A_TIME for value in members.values()):
        return _text(members)
    return b"{%b}" % b",".join(b"%b:%b" % (_text(name), _written(value)) for name, value in members.items())


def _written(value: Any) -> bytes:
    if not isinstance(value, list):
        return _text(value)
    pieces = (value[start : start + ITEMS_AT_A_TIME] for start in range(0, len(value), ITEMS_AT_A_TIME))
    return b"[%b]" % b",".join(_text(piece)[1:-1] for piece in pieces)


def _text(value: Any) -> bytes:
    return to_json(value, inf_nan_mode="null")  # by default it would write NaN, which is no JSON


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


def _first_repeated(names: Sequence[str]) -> str:
    seen: set[str] = set()
    return next(name for name in names if name in seen or seen.add(name))  # type: ignore[func-returns-value]


def _find(value: Any) -> Iterator[tuple[Path, _Repeated]]:
    """Yield each object with a key twice, and where it stands, from the first to the last."""
    within: list[Iterator[tuple[Path, Any]]] = [iter([((), value)])]
    while within:
        if (found := next(within[-1], None)) is None:
            within.pop()
            continue
        path, value = found
        if isinstance(value, _Repeated):
            yield path, value
        within.append(_inside(path, value))


def _inside(path: Path, value: Any) -> Iterator[tuple[Path, Any]]:
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield (*path, step), inner
