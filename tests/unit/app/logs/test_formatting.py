"""What lines say: whose, when, what; of errors where they came from, but not their words, which may quote a row."""

import json
import logging
import sys
from collections.abc import Callable
from typing import Any

import pytest

from app.errors import StoreError
from app.logs import RequestIdentity, within_request
from app.logs.formatting import make_formatter
from app.logs.lines import MAX_WRITE_BYTES

MARK = "4711.0815"


def record(message: str, error: BaseException | None = None, **extra: Any) -> logging.LogRecord:
    info = None if error is None else (type(error), error, error.__traceback__)
    made = logging.LogRecord("scorecast.test", logging.ERROR, __file__, 1, message, (), info)
    made.__dict__.update(extra)
    return made


def told(made: logging.LogRecord) -> dict[str, Any]:
    line: dict[str, Any] = json.loads(make_formatter("json").format(made))
    return line


def raised(act: Callable[[], object]) -> BaseException:
    try:
        act()
    except Exception:
        error = sys.exc_info()[1]
        assert error is not None
        return error
    raise AssertionError


def deep(levels: int) -> None:
    if levels:
        deep(levels - 1)
    raise ValueError(MARK)


def chained() -> None:
    try:
        float("x" + MARK)
    except ValueError as error:
        raise RuntimeError(MARK) from error


def test_a_line_says_when_how_bad_what_and_who() -> None:
    line = told(record("it is so", job_id="7", color_message=MARK))

    assert list(line) == ["time", "level", "event", "logger", "job_id"]
    assert (line["level"], line["event"], line["logger"], line["job_id"]) == (
        "error",
        "it is so",
        "scorecast.test",
        "7",
    )


def test_within_a_request_it_says_which() -> None:
    with within_request(RequestIdentity("abc", "def", "concrete", 3)):
        line = told(record("it is so", model_version=4))

    assert (line["request_id"], line["trace_id"], line["model_name"]) == ("abc", "def", "concrete")
    assert line["model_version"] == 4  # what the event says of itself comes first


def test_an_error_is_told_without_its_words() -> None:
    line = told(record("failed", raised(chained)))

    assert [each["type"] for each in line["exception"]] == ["RuntimeError", "ValueError"]
    assert line["exception"][0]["frames"][-1].endswith(" chained")
    assert "unit/app/logs/test_formatting.py:" in line["exception"][0]["frames"][-1]
    assert MARK not in json.dumps(line)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), StoreError("the store has gone")])
def test_the_words_of_errors_that_are_about_no_row_are_told(error: Exception) -> None:
    assert told(record("failed", error))["exception"][0]["message"] == str(error)


def test_of_an_event_of_several_lines_the_first_is_told() -> None:
    """asyncio's describe in the others what failed, with the error's words."""
    assert told(record(f"Task exception was never retrieved\nfuture: {MARK}"))["event"] == (
        "Task exception was never retrieved"
    )


@pytest.mark.parametrize("form", ["json", "text"])
def test_no_line_is_longer_than_what_is_written_in_one_piece(form: Any) -> None:
    made = record("ä" * 10_000, raised(lambda: deep(100)), job_id="7")

    text = make_formatter(form).format(made)

    assert len(text.encode()) < MAX_WRITE_BYTES
    assert MARK not in text
    assert "ValueError" in text


def test_text_is_for_people() -> None:
    first, second, *frames = make_formatter("text").format(record("it is so", raised(chained), job_id="7")).split("\n")

    assert first.endswith(" error    it is so logger=scorecast.test job_id=7")
    assert second == "    RuntimeError"
    assert frames[0].startswith("        ")
