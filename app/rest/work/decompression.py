"""Bodies that were sent compressed (Content-Encoding, RFC 9110): gzip and deflate, to at most as many bytes as a body may have."""

import zlib
from collections.abc import Iterator
from io import BytesIO
from itertools import accumulate

from app.budget import BODY_SETTINGS, SEND_FEWER
from app.errors import BodyTooLarge, MalformedBody, UnsupportedMediaType, shorten

CODINGS = {"gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}
"""What zlib is told to expect; deflate is the zlib format, not what is inside of it."""

PLAIN = frozenset({"", "identity"})

PIECE_BYTES = 64 * 1024
"""Of a body, that are decompressed at a time."""

MAX_MEMBERS = 10_000
"""Of a gzip body (RFC 1952, section 2.2). Each takes some time, even one that holds nothing."""


def check_coding(coding: str) -> str:
    """Return a Content-Encoding in lower case. Raises `UnsupportedMediaType` for one that is not read."""
    known = coding.strip().lower()
    if known not in PLAIN and known not in CODINGS:
        raise UnsupportedMediaType(
            f"a body with Content-Encoding {shorten(known)} is not read here: send it as it is, or with gzip or deflate"
        )
    return known


def decompress(body: bytes, coding: str, limit: int) -> bytes:
    """Return what a body is without its coding. Raises `MalformedBody`, and `BodyTooLarge` before any of it is held."""
    if coding in PLAIN:
        return body
    plain = BytesIO()
    try:
        if _is_longer(body, coding, limit):
            raise BodyTooLarge(
                f"the body, once decompressed, is larger than the {limit} bytes allowed {BODY_SETTINGS}: {SEND_FEWER}"
            )
        plain.writelines(_pieces(body, coding))
    except zlib.error as error:
        raise MalformedBody(f"the body is not {coding}, as its Content-Encoding says: {error}") from None
    return plain.getvalue()


def _is_longer(body: bytes, coding: str, limit: int) -> bool:
    """Whether a body would be longer than the limit; none of it is kept. Raises as `_pieces` does."""
    return any(count > limit for count in accumulate(map(len, _pieces(body, coding))))


def _pieces(body: bytes, coding: str) -> Iterator[bytes]:
    """Yield a body decompressed, piece by piece. Raises `zlib.error`, and `MalformedBody` if it ends too early or too late."""
    machine, members = zlib.decompressobj(CODINGS[coding]), 1
    for start in range(0, len(body), PIECE_BYTES):
        left = body[start : start + PIECE_BYTES]
        while left:
            if machine.eof:
                machine, members = zlib.decompressobj(CODINGS[coding]), members + 1
                _check_members(members, coding)
            yield machine.decompress(left, PIECE_BYTES * 16)
            left = machine.unused_data if machine.eof else machine.unconsumed_tail
    if not machine.eof:
        raise MalformedBody(f"the body ends within its {coding} data")


def _check_members(count: int, coding: str) -> None:
    """Raise `MalformedBody` if a body has more members than its coding may have."""
    if coding != "gzip":
        raise MalformedBody(f"the body goes on after its {coding} data: send one piece of it, and nothing more")
    if count > MAX_MEMBERS:
        raise MalformedBody(f"the body has more than {MAX_MEMBERS} gzip members: compress it as one")
