"""JSON text, read strictly: nothing is taken that two parsers might read differently, and nothing takes long."""

import json
import math
import sys
import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import BodyTooLarge, InvalidBody, MalformedBody
from app.tables import Body, read_table
from app.tables.json_scanner import MAX_KEYS
from app.tables.json_text import JsonList, parse_json, write_json, write_json_pieces
from app.tables.validation import MAX_ERRORS, make_pointer

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=20,
)


@given(VALUES)
def test_what_json_says_is_what_one_gets(value: Any) -> None:
    assert parse_json(json.dumps(value).encode()) == value
    assert parse_json(b"\xef\xbb\xbf" + json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.dictionaries(st.text(), VALUES))
def test_what_is_written_says_what_was_meant(members: dict[str, Any]) -> None:
    assert json.loads(write_json(members)) == members


@pytest.mark.parametrize("length", [0, 1, 2, 3, 4, 5, 9])
def test_a_list_that_is_made_in_pieces_is_written_as_any(length: int) -> None:
    items = [{"number": number} for number in range(length)]
    members = {"before": 1, "list": items, "after": [[]]}

    pieces = write_json_pieces({**members, "list": JsonList(length, 3, lambda place: items[place])})

    assert b"".join(pieces) == write_json(members)
    assert b"".join(write_json_pieces({})) == b"{}"


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_null(number: float) -> None:
    assert write_json({"number": number}) == b'{"number":null}'


@given(st.binary())
def test_whatever_else_the_bytes_are_they_are_called_malformed_or_invalid(data: bytes) -> None:
    try:
        parse_json(data)
    except (MalformedBody, InvalidBody) as error:
        str(error).encode()


@given(st.lists(st.sampled_from(['"a"', ":", ",", "{", "}", "[", "]", "1", '"\\ud800"', "NaN", " "])).map("".join))
def test_whatever_the_pieces_are_put_together_to_it_is_read_or_refused_in_words(text: str) -> None:
    try:
        parse_json(text.encode())
    except MalformedBody as error:
        str(error).encode()
    except InvalidBody as error:
        for each in error.errors:
            f"{each.detail} {each.pointer}".encode()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty"),
        (b" \n\t ", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"{", "not JSON: .*line 1 column 2"),
        (b"{'a': 1}", "not JSON"),
        (b'{"a": 1} {"b": 2}', "not JSON: Extra data"),
        (b'"\xff"', "not UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "not UTF-8"),
        (b"\x1f\x8b\x08\x00", "not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b"9" * 5000, "too many digits"),
        (b'"\\ud800"', "surrogate"),
        (b'{"\\uDFFF": 1}', "surrogate"),
        (b'["\\ud83d\\ude00", "\\ud83d"]', "surrogate"),
    ],
)
def test_what_is_no_json_is_told_why(body: bytes, words: str) -> None:
    with pytest.raises(MalformedBody, match=words):
        parse_json(body)


def test_what_is_no_number_in_json_is_left_to_the_schema_which_names_its_place() -> None:
    found = parse_json(b'{"a": NaN, "b": -Infinity, "c": 1e999}')

    assert found["a"] != found["a"]
    assert (found["b"], found["c"]) == (-float("inf"), float("inf"))


def test_a_whole_pair_of_surrogates_is_a_character() -> None:
    assert parse_json(b'"\\ud83d\\ude00"') == "\N{GRINNING FACE}"


@pytest.mark.parametrize(
    ("body", "detail", "pointer"),
    [
        (b'{"a": 1, "a": 2}', "the body: the key 'a' occurs more than once", "/a"),
        (b'{"a": 1, "\\u0061": 1}', "the body: the key 'a' occurs more than once", "/a"),
        (b'{"b": 1, "c": 2, "a": 3, "c": 4}', "the body: the key 'c' occurs more than once", "/c"),
        (b'{"rows": [{"a": 1}, {"a": 1, "a": 2}]}', "row 2: the key 'a' occurs more than once", "/rows/1/a"),
        (
            b'{"trainer": {"a": {"x/y~z": 1, "x/y~z": 1}}}',
            "'trainer.a': the key 'x/y~z' occurs more than once",
            "/trainer/a/x~1y~0z",
        ),
        (b'{"rows": {"x": {"a": 1, "a": 2}}}', "'rows.x': the key 'a' occurs more than once", "/rows/x/a"),
        (b'[0, [{"a": 1, "a": 2}]]', "'1.0': the key 'a' occurs more than once", "/1/0/a"),
    ],
)
def test_a_key_that_occurs_twice_is_named_with_its_place(body: bytes, detail: str, pointer: str) -> None:
    with pytest.raises(InvalidBody) as found:
        parse_json(body)

    assert [(error.detail, error.pointer) for error in found.value.errors] == [(detail, pointer)]


def test_keys_that_occur_twice_are_told_in_their_order_and_no_more_of_them_than_anybody_reads() -> None:
    row = b'{"a": 1, "a": 2}'
    with pytest.raises(InvalidBody) as found:
        parse_json(b'{"rows": [' + b",".join([row] * 1000) + b"]}")

    assert [error.pointer for error in found.value.errors] == [f"/rows/{row}/a" for row in range(MAX_ERRORS)]


@pytest.mark.parametrize("depth", [10, 900, 3000, 30_000])
def test_a_key_that_occurs_twice_is_found_at_every_depth_that_can_be_read(depth: int) -> None:
    body = b"[" * depth + b'{"a": 1, "a": 2}' + b"]" * depth
    with pytest.raises((InvalidBody, MalformedBody)) as found:
        parse_json(body)

    if isinstance(found.value, InvalidBody):
        assert found.value.errors[0].pointer == make_pointer((*[0] * depth, "a"))
    else:
        assert depth >= sys.getrecursionlimit() - 200


def test_an_object_of_more_keys_than_any_table_has_columns_is_refused() -> None:
    keys = ",".join(f'"{number}": 0' for number in range(MAX_KEYS + 1))

    with pytest.raises(InvalidBody, match="more than 10000 keys"):
        parse_json(f"[{{{keys}}}]".encode())


def _quickest(body: bytes) -> float:
    times = []
    for _ in range(5):
        began = time.perf_counter()
        with suppress(InvalidBody):
            parse_json(body)
        times.append(time.perf_counter() - began)
    return min(times)


def test_to_find_a_key_that_occurs_twice_takes_no_longer_than_to_read_the_body_a_few_times() -> None:
    keys = [f'"{number}": 0' for number in range(MAX_KEYS - 1)]

    once = _quickest(f"{{{','.join(keys)}}}".encode())
    twice = _quickest(f"{{{','.join([*keys, keys[-1]])}}}".encode())

    assert twice < 20 * once  # to compare each with each other would take hundreds of times as long


def test_an_object_that_is_too_long_to_be_read_at_once_is_read_member_by_member() -> None:
    row = {f"{number:0100}": "x" * 50 for number in range(10_000)}

    assert parse_json(json.dumps([[[row]]]).encode()) == [[[row]]]


@pytest.mark.parametrize("value", ['"' + "x" * 300_000 + '"', "[" + "[1]," * 100_000 + "1]", "0." + "1" * 300_000])
def test_what_would_take_long_to_read_at_once_is_refused_with_its_place(value: str) -> None:
    with pytest.raises(BodyTooLarge, match=r"more than 131,072 characters, at line 2 column 16 \(char 16\)"):
        read_table(Body(b'\n{"rows":[{"a": %b}]}' % value.encode()))


def test_a_body_that_is_no_table_may_have_so_many_values() -> None:
    assert len(parse_json(b"[%b1]" % (b"1," * 150_000))) == 150_001
    with pytest.raises(BodyTooLarge, match="the body holds about 250,001 values, of at most 200,000"):
        parse_json(b"[%b1]" % (b"1," * 250_000))
