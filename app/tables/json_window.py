"""The part of a JSON text that is being read: decoded a piece at a time, since decoding holds up all other threads."""

import codecs
import json
import re
from collections.abc import Callable
from typing import Any

from app.errors import MalformedBody

WINDOW_BYTES = 256 * 1024
"""How much is decoded at a time."""

codecs.lookup("utf-8-sig")  # loads it now: later there may be no file that can be opened

_BLANK = re.compile(r"[ \t\n\r]*")


class JsonWindow:
    """A text from a place on, as far as it is decoded; more of it is decoded as that is wanted."""

    def __init__(self, body: bytes) -> None:
        self.text = ""
        self.place = 0
        """In the text."""
        self._dropped = 0
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
        return self._body.decode("utf-8-sig", "replace").count("\n", 0, self.position) + 1

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
        self._dropped += self.place
        self.text, self.place = self.text[self.place :] + more, 0

    def scan(self, scanner: Callable[[str, int], tuple[Any, int]]) -> Any:
        """Return what a scanner of JSON reads from the place on, and go behind it. Raises `JSONDecodeError`."""
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
            self.grow()

    def _translate(self, failed: StopIteration | json.JSONDecodeError) -> json.JSONDecodeError:
        if isinstance(failed, StopIteration):
            return self.error("Expecting value", failed.value)
        return self.error(failed.msg, failed.pos)

    def error(self, message: str, place: int | None = None) -> json.JSONDecodeError:
        """Return the error for a place in the text, or for the present one."""
        position = self.position if place is None else self._dropped + place
        return json.JSONDecodeError(message, self._body.decode("utf-8-sig", "replace"), position)
