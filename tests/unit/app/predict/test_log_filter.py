"""The same line is written once a minute, however often it comes."""

import logging
import time

import pytest

from app.predict import log_filter
from app.predict.log_filter import OncePerMinute


def record(line: str, *values: object) -> logging.LogRecord:
    return logging.LogRecord("scorecast", logging.ERROR, __file__, 1, line, values, None)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [5.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def test_a_line_is_written_again_when_a_minute_has_passed(clock: list[float]) -> None:
    once = OncePerMinute()

    written: list[bool] = []
    for clock[0] in (5.0, 64.9, 65.0, 124.0):
        written.append(once.filter(record("model %s", "a")))

    assert written == [True, False, True, False]


def test_lines_with_other_values_are_other_lines(clock: list[float]) -> None:
    once = OncePerMinute()

    assert [once.filter(record("model %s", name)) for name in "aba"] == [True, True, False]


def test_no_more_lines_are_remembered_than_there_is_room_for(
    clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_filter, "MAX_LINES", 2)
    once = OncePerMinute()

    assert [once.filter(record("model %s", name)) for name in "abca"] == [True, True, True, True]
