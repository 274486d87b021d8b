"""Searching the bytes of a body, a piece at a time: one call over 127 MB would hold up all other threads for 0.2 seconds."""

from collections.abc import Iterator

PIECE_BYTES = 1024 * 1024
"""How much is looked through at a time; between two pieces other threads may run."""


def count_byte(body: bytes, byte: bytes) -> int:
    """Return how often a single byte occurs."""
    return sum(body.count(byte, start, start + PIECE_BYTES) for start in _starts(body))


def has_byte(body: bytes, byte: bytes, start: int = 0) -> bool:
    """Return whether a single byte occurs, from a place on."""
    return any(body.find(byte, place, place + PIECE_BYTES) >= 0 for place in _starts(body, start))


def is_ascii(body: bytes) -> bool:
    """Return whether all bytes are ASCII."""
    return all(piece.isascii() for piece in cut(body))


def is_blank(body: bytes) -> bool:
    """Return whether there is nothing but blanks and line ends."""
    return not any(piece.strip() for piece in cut(body))


def cut(body: bytes) -> Iterator[bytes]:
    """Yield the pieces of a body."""
    return (body[start : start + PIECE_BYTES] for start in _starts(body))


def _starts(body: bytes, start: int = 0) -> range:
    return range(start, len(body), PIECE_BYTES)
