"""JSON text, scanned value by value, so that a long list need not be in memory as a whole (RFC 8259)."""

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from app.errors import BodyError, BodyTooLarge, InvalidBody, shorten
from app.tables.json_window import JsonWindow
from app.tables.validation import MAX_ERRORS, Path, describe_place, make_pointer

MAX_KEYS = 10_000
"""The most keys that one object may have."""

MAX_OBJECT_CHARACTERS = 2 * 1024 * 1024
"""Of one object that is no table, such as a row: 10,000 cells with names of 200 characters."""

PIECE_CHARACTERS = 4096
"""How much of a list is read at a time; between two pieces other threads may run."""

MAX_SINGLE_ITEMS = 100
"""How many items are read one by one before it is tried again to read many at once."""

_ENDS = {"{": "},", "[": "],", '"': '",'}
"""How an item ends that begins so; any other before a comma."""


class _Repeated(dict[str, Any]):
    """An object in which a key occurs twice: JSON leaves open what that means, and parsers differ."""

    key: str


class JsonScanner:
    """Reads values from a place in a text on, and remembers keys that occur twice.

    Its methods raise `NotJson`, `MalformedBody` where the text is not UTF-8, and `BodyTooLarge` for too long a value.
    """

    def __init__(self, body: bytes) -> None:
        self.window = JsonWindow(body)
        self._scan = json.JSONDecoder(object_pairs_hook=self._build).scan_once  # type: ignore[attr-defined]
        self._repeated: list[_Repeated] = []
        self._errors: list[BodyError] = []

    def peek(self) -> str:
        """Return the next character that is not blank; nothing at the end."""
        return self.window.peek()

    def read(self, path: Path) -> Any:
        """Return the next value, which stands at this path in the body."""
        self.peek()
        begin = self.window.position
        try:
            value = self.window.scan(self._scan)
        except BodyTooLarge:
            if self.peek() == "{":
                return self._read_object(path, begin)
            raise
        self.window.check_text(value, self.window.text_since(begin))
        self._check_keys(value, path)
        return value

    def _read_object(self, path: Path, begin: int) -> dict[str, Any]:
        """Return the object that begins here, read member by member. Raises `BodyTooLarge`."""
        found: dict[str, Any] = {}
        for key in self.keys(path):
            found[key] = self.read((*path, key))
            if self.window.position - begin > MAX_OBJECT_CHARACTERS:
                raise self.window.refuse_long(self.window.place, MAX_OBJECT_CHARACTERS)
        return found

    def pieces(self, path: Path, read: Callable[[Path], Any] | None = None) -> Iterator[list[Any]]:
        """Yield the items of the list that begins here, some at a time; what stands alone as `read` reads it."""
        self.window.place += 1
        if self.peek() == "]":
            self.window.place += 1
            return
        count = singly = 0
        while True:
            piece = None if singly else self._read_many((*path, count))
            singly = MAX_SINGLE_ITEMS if piece is None and not singly else max(singly - 1, 0)
            piece = piece or [(read or self.read)((*path, count))]
            yield piece
            count += len(piece)
            if self._goes_on("]"):
                return

    def _read_many(self, path: Path) -> list[Any] | None:
        """Return further items of a list, of which the first has this path; None if they cannot be told apart at once.

        What stands before a comma between items, and is a list of values in brackets of its own, is that in the list, too.
        """
        window, mark = self.window, _ENDS.get(self.peek(), ",")
        window.ensure(PIECE_CHARACTERS)
        end = window.text.rfind(mark, window.place, window.place + PIECE_CHARACTERS) + len(mark) - 1
        if end <= window.place:
            return None
        text = f"[{window.text[window.place : end]}]"
        try:
            found, length = self._scan(text, 0)
        except (StopIteration, ValueError):
            length = 0  # a text holds what looks like an end; or it is wrong, which `read` will say
        if length != len(text):
            self._repeated.clear()
            return None
        window.place = end
        window.check_text(found, text)
        self._check_keys(found, path[:-1], path[-1])
        return list(found)

    def _check_keys(self, value: Any, path: Path, first: str | int | None = None) -> None:
        """Remember the keys that occur twice in a value; of items, `first` is the number of the first."""
        if self._repeated:
            self._repeated.clear()
            for at, found in islice(_find_repeated(value), MAX_ERRORS):
                place = (int(at[0]) + first, *at[1:]) if isinstance(first, int) else at
                self.note_repeated((*path, *place), found.key)

    def keys(self, path: Path) -> Iterator[str]:
        """Yield the keys of the object that begins here; the value of each is to be read before the next.

        Raises `InvalidBody` for too many of them.
        """
        self.window.place += 1
        seen: set[str] = set()
        if self.peek() == "}":
            self.window.place += 1
            return
        for number in range(MAX_KEYS + 1):
            if self.peek() != '"':
                raise self.window.error("Expecting property name enclosed in double quotes")
            key = self.read(path)
            if self.peek() != ":":
                raise self.window.error("Expecting ':' delimiter")
            self.window.place += 1
            if key in seen:
                self.note_repeated(path, key)
            if number == MAX_KEYS:
                raise InvalidBody([BodyError(f"the body holds an object of more than {MAX_KEYS} keys", "")])
            seen.add(key)
            yield key
            if self._goes_on("}"):
                return

    def note_repeated(self, path: Path, key: str) -> None:
        """Remember that a key occurs twice in the object at a path."""
        detail = f"{describe_place(path)}the key {shorten(key)!r} occurs more than once"
        if len(self._errors) < MAX_ERRORS:
            self._errors.append(BodyError(detail, make_pointer((*path, key))))

    def finish(self) -> None:
        """Raise what is wrong at the end: `NotJson` for further text, `InvalidBody` for keys that occur twice."""
        if self.peek():
            raise self.window.error("Extra data")
        if self._errors:
            raise InvalidBody(self._errors[:MAX_ERRORS])

    def _goes_on(self, end: str) -> bool:
        """Read a comma, or the end, of which it returns whether it was that."""
        found = self.peek()
        if found not in {",", end} or not found:
            raise self.window.error("Expecting ',' delimiter")
        self.window.place += 1
        return found == end

    def _build(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(pairs) > MAX_KEYS:
            raise InvalidBody([BodyError(f"the body holds an object of more than {MAX_KEYS} keys", "")])
        built = dict(pairs)
        if len(built) == len(pairs):
            return built
        twice = _Repeated(built)
        twice.key = _find_first_repeated([name for name, _ in pairs])
        self._repeated.append(twice)
        return twice


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
