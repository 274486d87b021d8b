"""A request's body: JSON text in, a checked request out, or an error that says what is wrong and where."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError


@dataclass(frozen=True)
class Body:
    """A request's body as it came."""

    data: bytes
    is_csv: bool


@dataclass(frozen=True)
class BodyError:
    """One thing that is wrong with a body, and a JSON pointer (RFC 6901) to it."""

    detail: str
    pointer: str


class MalformedBody(Exception):
    """The body is not JSON; the text says why."""


class InvalidBody(Exception):
    """The body is JSON, but not what was asked for."""

    def __init__(self, errors: Sequence[BodyError]) -> None:
        more = f" (and {len(errors) - 1} more, see errors)" if len(errors) > 1 else ""
        super().__init__(errors[0].detail + more)
        self.errors = tuple(errors)


MOST_ERRORS = 20
"""So many errors of one body are told; a table of a million bad cells needs no million sentences."""


class _Repeated(dict[str, Any]):
    """An object in which a key occurs twice, which JSON leaves open and every parser reads differently."""

    key: str


def parse(body: bytes) -> Any:
    """Return what a JSON text says. Raises `MalformedBody`, and `InvalidBody` for an object with a key twice."""
    repeated: list[_Repeated] = []

    def build(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        built = dict(pairs)
        if len(built) == len(pairs):
            return built
        names = [name for name, _ in pairs]
        twice = _Repeated(built)
        twice.key = next(name for name in names if names.count(name) > 1)
        repeated.append(twice)
        return twice

    try:
        value = json.loads(body.decode("utf-8-sig"), object_pairs_hook=build)
    except UnicodeDecodeError:
        raise MalformedBody("the body is not UTF-8 text") from None
    except RecursionError:
        raise MalformedBody("the body's brackets are nested too deeply") from None
    except json.JSONDecodeError as error:
        raise MalformedBody(f"the body is not JSON: {error}" if body.strip() else "the body is empty") from None
    except ValueError:
        raise MalformedBody("the body holds a number of too many digits") from None
    if repeated:
        raise InvalidBody(
            [
                BodyError(f"{_place(path)}the key {found.key!r} occurs more than once", _pointer((*path, found.key)))
                for path, found in _find(value, ())
            ][:MOST_ERRORS]
        )
    return value


Request = TypeVar("Request", bound=BaseModel)


Path = tuple[str | int, ...]
"""Keys and indexes, from the body down to a value."""


def check(schema: type[Request], value: Any, at: Path = ()) -> Request:
    """Return a value, which stands `at` a place in the body, as what it should be. Raises `InvalidBody`."""
    try:
        return schema.model_validate(value)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)[:MOST_ERRORS]
        raise InvalidBody(
            [_body_error(at + _path(value, each["loc"]), each["type"], each["msg"]) for each in found]
        ) from None


_WORDS = {"missing": "is missing", "extra_forbidden": "is not known here"}


def _body_error(path: Path, kind: str, message: str) -> BodyError:
    return BodyError(_place(path) + _WORDS.get(kind, message.replace("Input should", "should")), _pointer(path))


def _path(value: Any, loc: tuple[str | int, ...]) -> Path:
    """Return pydantic's location without the steps that are not in the body, such as which trainer it took for meant."""
    path: list[str | int] = []
    for index, step in enumerate(loc):
        inside = (isinstance(value, dict) and step in value) or (isinstance(value, list) and isinstance(step, int))
        if inside:
            value = value[step]
        if inside or (index == len(loc) - 1 and isinstance(value, dict)):
            path.append(step)
    return tuple(path)


def _find(value: Any, path: Path) -> Iterator[tuple[Path, _Repeated]]:
    if isinstance(value, _Repeated):
        yield path, value
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield from _find(inner, (*path, step))


def _place(path: Path) -> str:
    """Say where in words: rows are counted from 1, as in a spreadsheet."""
    if len(path) > 1 and path[0] == "rows":
        column = f", column {path[2]!r}" if len(path) > 2 else ""
        return f"row {int(path[1]) + 1}{column}: "
    return f"{'.'.join(map(str, path))!r}: " if path else "the body: "


def _pointer(path: Path) -> str:
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)
