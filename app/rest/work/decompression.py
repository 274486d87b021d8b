"""Bodies that were sent compressed (Content-Encoding, RFC 9110): gzip and deflate, to at most as many bytes as a body may have."""

import zlib

from app.budget import BODY_SETTINGS, SEND_FEWER
from app.errors import BodyTooLarge, MalformedBody, UnsupportedMediaType, shorten

CODINGS = {"gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}
"""What zlib is told to expect; deflate is the zlib format, not what is inside of it."""

PLAIN = frozenset({"", "identity"})

PIECE_BYTES = 64 * 1024
"""Of a body that is only measured."""


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
    machine = zlib.decompressobj(CODINGS[coding])
    try:
        is_longer = _is_longer(body, coding, limit)
        plain = b"" if is_longer else machine.decompress(body, limit + 1)
    except zlib.error as error:
        raise MalformedBody(f"the body is not {coding}, as its Content-Encoding says: {error}") from None
    if is_longer or len(plain) > limit:
        raise BodyTooLarge(
            f"the body, once decompressed, is larger than the {limit} bytes allowed {BODY_SETTINGS}: {SEND_FEWER}"
        )
    if not machine.eof:
        raise MalformedBody(f"the body ends within its {coding} data")
    return plain


def _is_longer(body: bytes, coding: str, limit: int) -> bool:
    """Whether a body would be longer than the limit; it is decompressed in pieces, of which none is kept. Raises `zlib.error`."""
    machine, count = zlib.decompressobj(CODINGS[coding]), 0
    for start in range(0, len(body), PIECE_BYTES):
        left = body[start : start + PIECE_BYTES]
        while left and count <= limit and not machine.eof:
            count += len(machine.decompress(left, PIECE_BYTES * 16))
            left = machine.unconsumed_tail
    return count > limit
