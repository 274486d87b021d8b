"""The words that a column of categories knows: which of them a cell means, and what is said of one that it does not know.

A text is the word that it is, in Unicode's composed form (NFC). A number is the one word that means this number: spreadsheets
and data frames write the category 2 as `2`, `2.0` or `02`. Of texts only whole numbers are: 3.1 and 3.10 may be versions. True and false are the same words in
capitals.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from pydantic_core import to_json

from app.errors import shorten
from model.arrays import FloatArray
from model.table import UNSEEN

MAX_SHOWN_WORDS = 5
"""So many known words are all shown in an error."""

MAX_EXAMPLES = 3
"""Of more known words, that an error shows."""

MAX_SHOWN_CHARACTERS = 60
"""Of a word that an error shows."""

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?")
_WHOLE = re.compile(r"([+-]?[0-9]+)(\.0*)?")
_NOTHING = np.nan
_TRUTHS = frozenset({"true", "false"})
"""Words that JSON, Python and spreadsheets write in their own ways: true, True, TRUE."""


class CategoryIndex:
    """Words and their numbers, from 0. Threads may share it."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words
        self._codes = {word: float(code) for code, word in enumerate(words)}

    def encode(self, values: Iterable[Any], count: int) -> FloatArray:
        """Return (count,): the number of the word that each text or JSON value means.

        `UNSEEN` stands for any other text, number or truth value, NaN for what is none: null, a blank, a list.
        """
        met = dict(self._codes)
        return np.fromiter((self._remember(value, met) for value in values), np.float64, count)

    def describe(self, value: Any) -> str:
        """Return what is wrong with a value that is none of the words."""
        text = repr(shorten(name_category(value), MAX_SHOWN_CHARACTERS))
        if len(self._words) <= MAX_SHOWN_WORDS:
            return f"should be {_join(self._words, 'or')}, not {text}"
        examples = _join(self._words[:MAX_EXAMPLES], "and")
        return f"{text} is none of the {len(self._words)} words that are known, such as {examples}"

    def _remember(self, value: Any, met: dict[str, float]) -> float:
        if type(value) is not str:
            return self._find_value(value)
        found = met.get(value)
        if found is None:
            found = self._find_text(value.strip())
            if found >= 0:  # the others may be many
                met[value] = found
        return found

    def _find_text(self, text: str) -> float:
        if not text:
            return _NOTHING
        if (code := self._codes.get(text)) is not None:
            return code
        if (whole := _WHOLE.fullmatch(text)) is None:
            code = self._composed.get(compose(text), UNSEEN)
            return self._truths.get(text.lower(), UNSEEN) if code == UNSEEN else code
        code = self._codes.get(whole[1])
        return self._numbers.get(Decimal(whole[1]), UNSEEN) if code is None else code

    def _find_value(self, value: Any) -> float:
        """Return the number of the word that a value of JSON means which is no text."""
        if not isinstance(value, bool | int | float) or value != value:  # noqa: PLR0124 - NaN
            return _NOTHING
        text = name_category(value)
        if (code := self._codes.get(text)) is not None:
            return code
        if isinstance(value, bool):
            return self._truths.get(text, UNSEEN)
        return self._numbers.get(Decimal(text), UNSEEN) if np.isfinite(float(text)) else UNSEEN

    @cached_property
    def _composed(self) -> dict[str, float]:
        return _drop_ambiguous((compose(word), code) for word, code in self._codes.items())

    @cached_property
    def _truths(self) -> dict[str, float]:
        return _drop_ambiguous((word.lower(), code) for word, code in self._codes.items() if word.lower() in _TRUTHS)

    @cached_property
    def _numbers(self) -> dict[Decimal, float]:
        return _drop_ambiguous(
            (Decimal(word), code) for word, code in self._codes.items() if _NUMBER.fullmatch(word) is not None
        )


@lru_cache(maxsize=256)
def know_words(words: tuple[str, ...]) -> CategoryIndex:
    """Return the known words of a column's categories; they are prepared once."""
    return CategoryIndex(words)


def compose(text: str) -> str:
    """Return a text in Unicode's composed form (NFC): macOS writes ö as o and two dots."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def name_category(value: Any) -> str:
    """Return the text that a JSON value stands for where a category is wanted: of a number its digits."""
    if isinstance(value, str):
        return value.strip()
    return to_json(int(value) if isinstance(value, float) and value.is_integer() else value).decode()


def _drop_ambiguous(pairs: Iterable[tuple[Any, float]]) -> dict[Any, float]:
    """Return the keys that occur once."""
    found: dict[Any, float] = {}
    twice: set[Any] = set()
    for key, code in pairs:
        twice |= {key} if key in found else set()
        found[key] = code
    return {key: code for key, code in found.items() if key not in twice}


def _join(words: Iterable[str], conjunction: str) -> str:
    *others, last = [repr(shorten(word, MAX_SHOWN_CHARACTERS)) for word in words]
    return f"{', '.join(others)} {conjunction} {last}" if others else last
