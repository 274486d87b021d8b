"""What the headers and the query of a request are read as."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from app.rest.paging import Page
from app.rest.preconditions import parse_tags
from app.rest.preferences import DEFAULT_WAIT_SECONDS as DEFAULT
from app.rest.preferences import read_prefer


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [
        ("", DEFAULT),
        ("respond-async", 0),
        ("Respond-Async", 0),
        ("respond-async, wait=10", 10),
        ("wait=10, respond-async", 10),
        ("wait=5", 5),
        ("wait = 5", 5),
        ('wait="5"', 5),
        ("wait=5; because=hurry", 5),
        ("WAIT=5", 5),
        ("wait=0", 0),
        ("handling=lenient, wait=5", 5),
        ("wait=", DEFAULT),
        ("wait=-5", DEFAULT),
        ("wait=5.5", DEFAULT),
        ("wait=inf", DEFAULT),
        ("wait=1e3", DEFAULT),
        ("wait=9999999", DEFAULT),
        ("wait=²", DEFAULT),
        ("return=minimal", DEFAULT),
        (",,=,;", DEFAULT),
    ],
)
def test_a_preference_says_how_long_to_wait(prefer: str, seconds: float) -> None:
    assert asyncio.run(read_prefer(prefer)).wait_seconds == seconds


@pytest.mark.parametrize(
    ("header", "tags"),
    [
        ("", set()),
        ('"a"', {"a"}),
        ('"a", "b"', {"a", "b"}),
        ('W/"a"', {"a"}),
        ('"a,b"', {"a,b"}),
        ("a", set()),
        ('"', set()),
        ('""', {""}),
    ],
)
def test_entity_tags_are_what_stands_in_quotes(header: str, tags: set[str]) -> None:
    assert parse_tags(header) == tags


LETTERS = ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize(
    ("page", "keys", "descending", "expected"),
    [
        (Page(2, None), LETTERS, False, (["a", "b"], "b")),
        (Page(2, "b"), LETTERS, False, (["c", "d"], "d")),
        (Page(2, "d"), LETTERS, False, (["e"], None)),
        (Page(5, None), LETTERS, False, (LETTERS, None)),
        (Page(2, "bb"), LETTERS, False, (["c", "d"], "d")),
        (Page(2, "z"), LETTERS, False, ([], None)),
        (Page(2, 3), [5, 4, 3, 2, 1], True, ([2, 1], None)),
        (Page(2, 10), [5, 4, 3, 2, 1], True, ([5, 4], "4")),
        (Page(2, None), [], False, ([], None)),
    ],
)
def test_a_page_holds_what_comes_after_and_tells_if_there_is_more(
    page: Page[Any],
    keys: Sequence[Any],
    descending: bool,
    expected: tuple[list[Any], str | None],
) -> None:
    assert page.select(keys, descending=descending) == expected
