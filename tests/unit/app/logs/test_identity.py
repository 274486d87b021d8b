"""A request's id: what it says of itself if that is well formed, else its trace, else a new one."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.logs import identify

TRACE_ID, SPAN_ID = b"0af7651916cd43dd8448eb211c80319c", b"b7ad6b7169203331"
TRACEPARENT = b"00-" + TRACE_ID + b"-" + SPAN_ID + b"-01"


def test_an_id_that_comes_is_kept() -> None:
    request = identify([(b"host", b"x"), (b"x-request-id", b"Root=1-6789/a+b:c@d_e.f"), (b"traceparent", TRACEPARENT)])

    assert request.request_id == "Root=1-6789/a+b:c@d_e.f"
    assert request.trace_id == TRACE_ID.decode()


def test_without_one_the_trace_is_the_id() -> None:
    assert identify([(b"traceparent", TRACEPARENT)]).request_id == TRACE_ID.decode()


@pytest.mark.parametrize("given", [b"", b"two words", b'a"b', b"a\\b", b"\xc3\xa9", b"a" * 129, b"a\x1b[0m"])
def test_an_id_that_is_not_well_formed_is_replaced(given: bytes) -> None:
    first, second = (identify([(b"x-request-id", given)]).request_id for _ in range(2))

    assert first != second
    assert re.fullmatch("[0-9a-f]{12}-[0-9a-f]+", first)


@pytest.mark.parametrize(
    "value",
    [
        TRACEPARENT.replace(b"00-", b"ff-", 1),
        TRACEPARENT.upper(),
        TRACEPARENT + b"-more",
        TRACEPARENT[:-1],
        TRACEPARENT.replace(TRACE_ID, b"0" * 32),
        TRACEPARENT.replace(SPAN_ID, b"0" * 16),
        b"",
    ],
)
def test_a_traceparent_that_is_not_valid_is_passed_over(value: bytes) -> None:
    assert identify([(b"traceparent", value)]).trace_id == ""


def test_later_versions_may_say_more() -> None:
    later = TRACEPARENT.replace(b"00-", b"01-", 1) + b"-more"

    assert identify([(b"traceparent", later)]).trace_id == TRACE_ID.decode()


@given(st.binary(), st.binary())
def test_whatever_comes_there_is_an_id_that_is_safe_to_repeat(request_id: bytes, traceparent: bytes) -> None:
    told = identify([(b"x-request-id", request_id), (b"traceparent", traceparent)]).request_id

    assert 0 < len(told) <= 128
    assert told.isascii()
    assert told.isprintable()
    assert not set(told) & set(' "\\')
