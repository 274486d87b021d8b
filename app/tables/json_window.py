"""The part of a JSON text that is being read: decoded a piece at a time, since decoding holds up all other threads."""

import codecs
import json
import re
from collections.abc import Callable
from typing import Any

from app.errors import BodyTooLarge, MalformedBody
from app.tables.byte_search import is_blank

WINDOW_BYTES = 128 * 1024
"""How much is decoded at a time."""

MAX_VALUE_CHARACTERS = 128 * 1024
"""Of a value that is read at once, which holds up all other threads: 127 MB of nested lists did for 18 seconds."""

SHOWN_BYTES = 40_000
"""Of a text that is not JSON, in which it is seen what else it may be."""

codecs.lookup("utf-8-sig")  # loads it now: later there may be no file that can be opened

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_BLANK = re.compile(r"[ \t\n\r]*")


class NotJson(ValueError):
    """A text is not JSON, for the reason and at the place that Python's own error names."""

    def __init__(self, reason: str, place: str, beginning: str) -> None:
        super().__init__(f"{reason}: {place}")
        self.reason = reason
        self.beginning = beginning
        """Of the text; nothing, if there is nothing in it."""


class JsonWindow:
    """A text from a place on, as far as it is decoded; more of it is decoded as that is wanted."""

    def __init__(self, body: bytes) -> None:
        self.text = ""
        self.place = 0
        """In the text."""
        self.has_escapes = False
        """Whether there may be escaped characters in the text."""
        self._dropped = self._dropped_lines = self._line_begin = 0
        self._body, self._decoded = body, 0
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()

    @property
    def is_complete(self) -> bool:
        """Whether the text has been decoded to its end."""
        return self._decoded >= len(self._body)

    @property
    def position(self) -> int:
        """The place in the whole text."""
        return self._dropped + self.place

    def text_since(self, position: int) -> str:
        """Return the text between a position that was reached since more was last decoded, and the place."""
        return self.text[self.place - (self.position - position) : self.place]

    @property
    def line(self) -> int:
        """The number of the line that the place is in, from 1."""
        return self._dropped_lines + self.text.count("\n", 0, self.place) + 1

    def peek(self) -> str:
        """Go to the next character that is not blank, and return it; nothing at the end."""
        while True:
            if match := _BLANK.match(self.text, self.place):
                self.place = match.end()
            if self.place < len(self.text) or self.is_complete:
                return self.text[self.place : self.place + 1]
            self.grow()

    def ensure(self, characters: int) -> None:
        """Decode until there are so many characters from the place on, or no more. Raises `MalformedBody`."""
        while len(self.text) - self.place < characters and not self.is_complete:
            self.grow()

    def grow(self) -> None:
        """Decode as much again as there is from the place on, and forget what is before it. Raises `MalformedBody`."""
        size = max(WINDOW_BYTES, len(self.text) - self.place)
        piece = self._body[self._decoded : self._decoded + size]
        self._decoded += size
        try:
            more = self._decoder.decode(piece, self.is_complete)
        except UnicodeDecodeError:
            raise MalformedBody("the body is not UTF-8 text") from None
        self._forget()
        self.text += more
        self.has_escapes = "\\u" in self.text

    def _forget(self) -> None:
        """Drop what is before the place, and count its lines."""
        newline = self.text.rfind("\n", 0, self.place)
        if newline >= 0:
            self._dropped_lines += self.text.count("\n", 0, self.place)
            self._line_begin = self._dropped + newline + 1
        self._dropped += self.place
        self.text, self.place = self.text[self.place :], 0

    def scan(self, scanner: Callable[[str, int], tuple[Any, int]]) -> Any:
        """Return what a scanner of JSON reads from the place on, and go behind it.

        Raises `NotJson`, and `BodyTooLarge` for a value that is too long to be read at once.
        """
        while True:
            try:
                value, end = scanner(self.text, self.place)
            except (StopIteration, json.JSONDecodeError) as failed:
                if self.is_complete:
                    raise self._translate(failed) from None
            else:
                if end < len(self.text) or self.is_complete:  # a number may go on
                    self.place = end
                    return value
            if len(self.text) - self.place >= MAX_VALUE_CHARACTERS:
                raise self.refuse_long(self.place, MAX_VALUE_CHARACTERS)
            self.grow()

    def refuse_long(self, place: int, most: int) -> BodyTooLarge:
        """Return the error for a value at a place in the text that has too many characters."""
        return BodyTooLarge(
            f"the body holds a single value of more than {most:,} characters, at {self._describe(place)}: only lists "
            "of rows, and of a column's cells, may be longer"
        )

    def check_text(self, value: Any, text: str) -> None:
        """Raise `UnicodeEncodeError` if a value of this text holds half of a surrogate pair, which the parser lets pass."""
        if self.has_escapes and _SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False).encode()

    def _translate(self, failed: StopIteration | json.JSONDecodeError) -> NotJson:
        if isinstance(failed, StopIteration):
            return self.error("Expecting value", failed.value)
        return self.error(failed.msg, failed.pos)

    def error(self, message: str, place: int | None = None) -> NotJson:
        """Return the error for a place in the text, or for the present one."""
        beginning = self._body[:SHOWN_BYTES].decode("utf-8-sig", "replace")
        if not beginning.strip() and is_blank(self._body):
            beginning = ""
        return NotJson(message, self._describe(self.place if place is None else place), beginning)

    def _describe(self, place: int) -> str:
        newline = self.text.rfind("\n", 0, place)
        line_begin = self._line_begin if newline < 0 else self._dropped + newline + 1
        line = self._dropped_lines + self.text.count("\n", 0, place) + 1
        position = self._dropped + place
        return f"line {line} column {position - line_begin + 1} (char {position})"
