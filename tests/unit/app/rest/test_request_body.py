"""What the headers and the query of a request are read as."""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from app.errors import InvalidBody
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
    ("page", "keys", "kind", "descending", "expected"),
    [
        (Page(2, None), LETTERS, str, False, (["a", "b"], "b")),
        (Page(2, "b"), LETTERS, str, False, (["c", "d"], "d")),
        (Page(2, "d"), LETTERS, str, False, (["e"], None)),
        (Page(5, None), LETTERS, str, False, (LETTERS, None)),
        (Page(2, "bb"), LETTERS, str, False, (["c", "d"], "d")),
        (Page(2, "z"), LETTERS, str, False, ([], None)),
        (Page(2, "3"), [5, 4, 3, 2, 1], int, True, ([2, 1], None)),
        (Page(2, "10"), [5, 4, 3, 2, 1], int, True, ([5, 4], "4")),
        (Page(2, None), [], str, False, ([], None)),
    ],
)
def test_a_page_holds_what_comes_after_and_tells_if_there_is_more(
    page: Page,
    keys: Sequence[str],
    kind: Callable[[str], str],
    descending: bool,
    expected: tuple[list[str], str | None],
) -> None:
    assert page.select(keys, kind, descending=descending) == expected


def test_what_cannot_be_come_after_is_named() -> None:
    with pytest.raises(InvalidBody, match="nothing after 'x'"):
        Page(2, "x").select([1, 2], int)
