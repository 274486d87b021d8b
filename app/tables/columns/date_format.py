"""Date formats: how a column writes dates and times: as ISO 8601 has them, day or month first, or with the month as a word.

A date is the number of days since 1970 began, in UTC; a text without a zone is taken for UTC. A format is kept with its
column as the text of 31 January 2024, half past five in the afternoon. What can only be read in one way, such as ISO 8601,
is read in every column of dates.
"""

import datetime as dt
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from app.tables.csv_text import iterate_chunks
from model.arrays import FloatArray

DAY_FIRST, MONTH_FIRST = "day-first", "month-first"
ISO = "2024-01-31"
_SAMPLE_DAY, _SAMPLE_MONTH = "31", "01"

_EPOCH = dt.date(1970, 1, 1).toordinal()
_PIVOT = 69
"""Years of two digits are from 1969 to 2068, as POSIX has them."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
_TIME = (
    r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}(?:[.,][0-9]{1,9})?))?"
    r"(?:\s?(?P<half>[ap])\.?m\.?)?(?:\s?(?P<zone>z|utc|gmt|[+-][0-9]{2}:?(?:[0-9]{2})?))?"
)
_DATES = (
    r"(?P<year>[0-9]{4})(?P<mark>[-/.])(?P<month>[0-9]{1,2})(?:(?P=mark)(?P<day>[0-9]{1,2}))?",
    r"(?P<one>[0-9]{1,2})(?P<mark>[-/.])(?P<two>[0-9]{1,2})(?P=mark)(?P<year>[0-9]{4}|[0-9]{2})",
    rf"(?P<day>[0-9]{{1,2}})\.?[ -]?(?P<word>{_MONTH})\.?,?[ -]?(?P<year>[0-9]{{4}}|[0-9]{{2}})",
    rf"(?P<word>{_MONTH})\.?[ -](?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?,?[ -](?P<year>[0-9]{{4}})",
)
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s)?"
_MOMENTS = tuple(re.compile(rf"{_WEEKDAY}{date}(?:(?:t|,?\s){_TIME})?", re.IGNORECASE) for date in _DATES)
_TIME_ALONE = re.compile(_TIME, re.IGNORECASE)

_LINE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6})?)?)?"
_ALL_ISO = re.compile(rf"(?:{_LINE}\n)*{_LINE}")

MICROSECONDS_PER_DAY = 86_400e6

MAX_MET = 20_000
"""Texts whose days are remembered, since dates repeat."""

MIN_DIGITS = 6
"""Of a date with points or hyphens whose year comes last."""


class AmbiguousDates(ValueError):
    """A column of dates may be read in two ways; the text is one of its cells."""


@dataclass(frozen=True)
class DateFormat:
    """How a column writes its dates, or its times of day."""

    name: str = ISO
    """The text of 31 January 2024, or of half past five."""

    def read(self, text: str) -> float:
        """Return the days since 1970 that a text stands for; NaN if it is no date that can be read in one way."""
        found = match_date(text)
        if found is None or (found["one"] and self.order is None) or (found["year"] is None) != self.is_time:
            return np.nan
        try:
            return _count_days(found, self.order)
        except ValueError:  # 30 February
            return np.nan

    def read_all(self, values: Iterable[Any], count: int) -> FloatArray:
        """Return the days (count,) of texts; of anything else, NaN."""
        days = np.empty(count)
        start = 0
        met: dict[Any, float] = {}
        for piece in iterate_chunks(values):
            days[start : start + len(piece)] = self._read_piece(piece, met)
            start += len(piece)
            if len(met) > MAX_MET:
                met.clear()
        return days

    def _read_piece(self, values: list[Any], met: dict[Any, float]) -> Any:
        if not self.is_time and set(map(type, values)) == {str} and are_iso("\n".join(values)):
            with suppress(ValueError):  # 30 February
                return np.array(values, "datetime64[us]").astype(np.int64) / MICROSECONDS_PER_DAY
        met |= {value: self.read(value) for value in set(filter(_is_text, values)) - met.keys()}
        return [met[value] if _is_text(value) else np.nan for value in values]

    @cached_property
    def order(self) -> str | None:
        """What comes first where day and month are both numbers, and the year comes last; None: not known."""
        found = _MOMENTS[1].fullmatch(self.name)
        return None if found is None else DAY_FIRST if found["one"] == _SAMPLE_DAY else MONTH_FIRST

    @cached_property
    def is_time(self) -> bool:
        """Whether it is one of times of day, without dates."""
        return _TIME_ALONE.fullmatch(self.name) is not None


def are_iso(joined: str) -> bool:
    """Return whether all lines of a text are dates as ISO 8601 has them, without zones, as NumPy reads them, too."""
    return _ALL_ISO.fullmatch(joined) is not None


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


@lru_cache(maxsize=1024)
def parse_date_format(name: str | None) -> DateFormat:
    """Return the format of this name; that of ISO 8601 for none."""
    return DateFormat(name or ISO)


class _Parts(dict[str, str | None]):
    """The parts of a date by name; None for one that is not there."""

    def __missing__(self, _: str) -> None:
        return None


def match_date(text: str) -> _Parts | None:
    """Return the parts of a text that looks like a date or a time; None if it does not."""
    bare = text.strip()
    for pattern in (*_MOMENTS, _TIME_ALONE):
        if found := pattern.fullmatch(bare):
            parts = _Parts(found.groupdict())
            return None if _is_version(parts) else parts
    return None


def _is_version(parts: _Parts) -> bool:
    """Whether numbers are too short for a date whose year has two digits: 3.9.18 is a version, 03.09.18 a date."""
    one, two, year = parts["one"], parts["two"], parts["year"]
    return bool(one and two and year and parts["mark"] != "/") and len(f"{one}{two}{year}") < MIN_DIGITS


def _count_days(found: _Parts, order: str | None) -> float:
    days = 0.0
    if (year := found["year"]) is not None:
        full = int(year) + ((1900 if int(year) >= _PIVOT else 2000) if len(year) == 2 else 0)
        month, day = found["month"], found["day"]
        if found["one"]:
            month, day = (found["two"], found["one"]) if order == DAY_FIRST else (found["one"], found["two"])
        number = _MONTHS.index(found["word"][:3].lower()) + 1 if found["word"] else int(month or "1")
        days = dt.date(full, number, int(day or "1")).toordinal() - _EPOCH
    return days + _read_time(found)


def _read_time(found: _Parts) -> float:
    """Return the part of a day that has passed. Raises `ValueError` for a time that there is not."""
    if found["hour"] is None:
        return 0.0
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    second = float((found["second"] or "0").replace(",", "."))
    if found["half"]:
        if not 1 <= hour <= 12:
            raise ValueError(hour)
        hour = hour % 12 + (12 if found["half"].lower() == "p" else 0)
    is_midnight = (hour, minute, second) == (24, 0, 0.0)
    if not ((hour < 24 and minute < 60 and second < 61) or is_midnight):
        raise ValueError(hour)
    return (hour * 60 + minute - _read_zone(found["zone"])) / 1440 + second / 86_400


def _read_zone(zone: str | None) -> int:
    """Return by how many minutes a zone is ahead of UTC."""
    if zone is None or zone[0] not in "+-":
        return 0
    digits = zone[1:].replace(":", "").ljust(4, "0")
    return (1 if zone[0] == "+" else -1) * (int(digits[:2]) * 60 + int(digits[2:]))
