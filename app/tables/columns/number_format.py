"""Number formats: how a column writes its numbers, where that is not the way of JSON: $1,234.50, 12 %, 1.234,5 or 80 kg.

A format is found for a whole column, or for none of it, and kept with the column as the text that 1234.5 has in it.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from model.arrays import FloatArray

SAMPLE = 1234.5
"""A format is named by the text of this number."""

_CURRENCY = (
    r"(?:(?:US|A|C|R)?\$|[€£¥₹₩₽₺₫฿₴₪]|USD|EUR|GBP|CHF|JPY|CNY|INR|AUD|CAD|SEK|NOK|DKK|PLN|CZK|HUF|BRL|MXN|ZAR|NZD|"
    r"Fr\.|kr\.?|zł|Kč)"
)
_SYMBOL = rf"(?:[%‰]|{_CURRENCY})"
_UNIT = r"(?:°?[^\W\d_]{1,12}[²³]?(?:/[^\W\d_]{1,12}[²³]?)?|°)"
_APOSTROPHES = "'\u2019"
_GROUPS = f",. {_APOSTROPHES}\u00a0\u2009\u202f"
"""What stands between groups of three digits in one country or another."""

_SIGN = "[-+−–]?"  # noqa: RUF001 - as typographers and spreadsheets write minus
_ANY = re.compile(
    rf"{_SIGN}\s*(?P<prefix>{_CURRENCY})?\s*{_SIGN}(?P<core>[0-9][0-9{_GROUPS}]*|[.,][0-9]+)(?P<power>[eE][-+]?[0-9]+)?"
    rf"\s?(?P<suffix>{_SYMBOL}|{_UNIT})?"
)
_NAMED = re.compile(
    rf"(?P<prefix>.*?)1(?P<group>[{_GROUPS}]?)234(?P<decimal>[.,])5(?P<gap>\s?)(?P<suffix>.*)", re.DOTALL
)
_IN_PARENTHESES = re.compile(r"\((.*)\)")
_AMBIGUOUS = re.compile(r"[1-9][0-9]{0,2},[0-9]{3}")
_PLAIN = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WHOLE = re.compile(r"[0-9]+")


class AmbiguousNumbers(ValueError):
    """A column may be read in two ways; the text is one of its cells."""


@dataclass(frozen=True)
class NumberFormat:
    """What stands before and after a number, between groups of three digits, and before its decimals."""

    prefix: str = ""
    suffix: str = ""
    """With the blank before it."""
    group: str = ""
    decimal: str = "."

    @property
    def name(self) -> str:
        """The text of `SAMPLE`."""
        return f"{self.prefix}1{self.group}234{self.decimal}5{self.suffix}"

    def read(self, text: str) -> float:
        """Return the number that a text stands for, NaN if it is none; signs of currency and units may be left out."""
        text = text.strip()
        inner = _IN_PARENTHESES.fullmatch(text)  # how accountants write what is owed
        found = self._pattern.fullmatch(inner[1].strip() if inner else text)
        if found is None or not (found["whole"] or found["decimals"]):
            return float(text) if _PLAIN.fullmatch(text) else np.nan  # as the service itself writes tables
        digits = re.sub(r"\D", "", found["whole"])
        value = float(f"{digits or '0'}.{found['decimals'] or '0'}{found['power'] or ''}")
        signs = f"{found['sign']}{found['second']}"
        is_negative = bool(inner) != any(sign in signs for sign in "-−–")  # noqa: RUF001
        return -value if is_negative else value

    def read_value(self, value: Any) -> Any:
        """Return the number of a text; anything else, and a text that is no number, as it is."""
        number = self.read(value) if isinstance(value, str) else np.nan
        return value if np.isnan(number) else number

    def read_all(self, texts: Iterable[str], count: int) -> FloatArray:
        """Return the numbers (count,) that texts stand for."""
        return np.fromiter(map(self.read, texts), np.float64, count)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        prefix = f"(?:{re.escape(self.prefix)})?" if self.prefix else ""
        suffix = rf"\s?(?:{re.escape(self.suffix.strip())})?" if self.suffix else ""
        whole = r"[0-9]*"
        if self.group:
            space = (
                r"\s"
                if self.group.isspace()
                else f"[{_APOSTROPHES}]"
                if self.group in _APOSTROPHES
                else re.escape(self.group)
            )
            whole = rf"[1-9][0-9]{{0,2}}(?:{space}[0-9]{{3}})+|[0-9]*"
        return re.compile(
            rf"(?P<sign>{_SIGN})\s*{prefix}\s*(?P<second>{_SIGN})(?P<whole>{whole})"
            rf"(?:{re.escape(self.decimal)}(?P<decimals>[0-9]*))?(?P<power>[eE][-+]?[0-9]+)?{suffix}"
        )


@lru_cache(maxsize=1024)
def parse_format(name: str) -> NumberFormat:
    """Return the format of this name."""
    found = _NAMED.fullmatch(name)
    if found is None:
        raise ValueError(f"{name!r} is not how 1234.5 might be written")
    return NumberFormat(found["prefix"], found["gap"] + found["suffix"], found["group"], found["decimal"])


Signs = tuple[str, str]
"""What stands before and after a number."""


def find_signs(text: str) -> Signs | None:
    """Return the signs, or the unit, of a text that seems to be a number; None if it is none."""
    part = _match_any(text)
    return None if part is None else (part["prefix"] or "", part["suffix"] or "")


def _match_any(text: str) -> re.Match[str] | None:
    """Return the parts of a text that seems to be a number, in whatever format."""
    return _ANY.fullmatch(_IN_PARENTHESES.sub(r"\1", text.strip()).strip())


def find_format(texts: Collection[str]) -> NumberFormat | None:
    """Return the format in which all texts, of one column, are numbers; None if there is none.

    Raises `AmbiguousNumbers` where a comma might stand before decimals or between groups of digits.
    """
    found = []
    for text in texts:
        part = _match_any(text)
        if part is None:
            return None
        found.append(part)
    if not found:
        return None
    prefixes = {part["prefix"] for part in found if part["prefix"]}
    suffixes = {part["suffix"] or "" for part in found}
    if any(suffix and not re.fullmatch(_SYMBOL, suffix) for suffix in suffixes) and len(suffixes) > 1:
        return None  # 12, 13 and 14b: no unit, since not all have it
    suffixes -= {""}
    if len(prefixes) > 1 or len(suffixes) > 1:
        return None
    gap = " " if any(part[0].endswith(f" {part['suffix']}") for part in found if part["suffix"]) else ""
    suffix = gap + suffixes.pop() if suffixes else ""
    return _find_marks("".join(prefixes), suffix, [part["core"].strip() for part in found], texts)


def _find_marks(prefix: str, suffix: str, cores: Sequence[str], texts: Collection[str]) -> NumberFormat | None:
    """Return the format whose marks between digits suit all cores, the digits of the texts."""
    marks = {mark for core in cores for mark in core if not mark.isdigit()}
    marks = {" " if mark.isspace() else "'" if mark in _APOSTROPHES else mark for mark in marks}
    tried = [NumberFormat(prefix, suffix, group, decimal) for group, decimal in _candidates(marks)]
    fitting = [each for each in tried if np.isfinite(each.read_all(texts, len(texts))).all()]
    if len(fitting) > 1:
        return _decide(fitting, cores)
    return fitting[0] if fitting else None


def _candidates(marks: set[str]) -> Iterable[tuple[str, str]]:
    """Yield what may stand between groups and before decimals, if these marks occur."""
    others = marks - {",", "."}
    if len(others) > 1:
        return
    group = next(iter(others), "")
    if group or marks <= {"."}:
        yield from ((group, decimal) for decimal in ".," if marks - others <= {decimal})
    if not group and marks:
        yield from ((",", "."), (".", ","))
        yield from (("", decimal) for decimal in "," if marks <= {decimal})


def _decide(fitting: Sequence[NumberFormat], cores: Sequence[str]) -> NumberFormat:
    """Return the one that the other cells call for, where several suit."""
    plain = next((each for each in fitting if not each.group and each.decimal == "."), None)
    if plain is not None:
        return plain
    with_comma = [core for core in cores if "," in core]
    if not with_comma:
        return fitting[
            -1
        ]  # groups with blanks or apostrophes and no decimals: a comma is what most would write before them
    if not all(_AMBIGUOUS.fullmatch(core) for core in with_comma):
        return next(each for each in fitting if each.group != ".")
    others = [core for core in cores if "," not in core]
    if not others or not all(map(_WHOLE.fullmatch, others)):
        raise AmbiguousNumbers(min(with_comma))
    has_groups = all(int(core) < 1000 for core in others)
    return next(each for each in fitting if (each.group == ",") == has_groups and each.group != ".")
