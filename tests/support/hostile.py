"""Bodies that no client should send, and what each is answered with; for every route that reads a body."""

from tests.support.tables import QUESTION

BIG = b"1" + b"0" * 400
"""An integer that is no float any more."""

MALFORMED: dict[str, bytes] = {
    "nothing": b"",
    "blank": b" \r\n",
    "no JSON": b"hello",
    "half": b'{"rows": [{"hours_studied": 4',
    "two": b"{} {}",
    "trailing comma": b'{"hours_studied": 4, "hours_slept": 8,}',
    "single quotes": b"{'hours_studied': 4}",
    "invalid UTF-8": b'{"hours_studied": 4, "hours_slept\xff": 8}',
    "UTF-16": '{"hours_studied": 4, "hours_slept": 8}'.encode("utf-16"),
    "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
    "null bytes": b"\0" * 10,
    "nested arrays": b"[" * 100_000,
    "nested objects": b'{"rows":' * 100_000,
    "many digits": b'{"hours_studied": ' + b"9" * 5000 + b"}",
    "half a surrogate pair": b'{"\\ud800": 1}',
}
"""Answered 400, whatever the route."""

NO_OBJECTS: dict[str, bytes] = {
    "null": b"null",
    "true": b"true",
    "number": b"7",
    "string": b'"rows"',
    "NaN": b"NaN",
}
"""Answered 422, whatever the route."""

NO_NUMBERS: dict[str, bytes] = {
    "NaN": b"NaN",
    "Infinity": b"Infinity",
    "-Infinity": b"-Infinity",
    "1e999": b"1e999",
    "a string": b'"5"',
    "true": b"true",
    "null": b"null",
    "an array": b"[4]",
    "an object": b'{"4": 4}',
    "a huge integer": BIG,
    "too much": b"24.000001",
    "too little": b"-0.000001",
}
"""Instead of hours studied: answered 422 with row and column."""


def row(value: bytes = b"4", more: bytes = b"") -> bytes:
    """Return a row with a text instead of the hours studied, and more members."""
    return b'{"hours_studied": ' + value + b', "hours_slept": %d' % QUESTION["hours_slept"] + more + b"}"


def labelled(value: bytes = b"4") -> bytes:
    """Return a row of a training with a text instead of the hours studied."""
    return row(value, b', "score": 90')


def rows(*several: bytes, more: bytes = b"") -> bytes:
    """Return a body with several rows, and more members."""
    return b'{"rows": [' + b", ".join(several) + b"]" + more + b"}"
