"""Damaged bytes, as hypothesis draws them: valid ones in which some were changed, removed, repeated or put in; or any bytes."""

from collections.abc import Sequence

from hypothesis import strategies as st

PIECES = (
    b"\0" * 8,
    b"\xff" * 8,
    b"\xff\xff\xff\x7f",
    (10**12).to_bytes(8, "little"),
    *b"{ } [ ] \" ' , ; : \\ \n \r\n \t - . 0 1e999 -1 9007199254740993 NaN null true \\ud800 \xef\xbb\xbf \xc3 \xed\xa0\x80".split(
        b" "
    ),
    b"9" * 400,
    b"[" * 300,
    b'"a":',
    b"2024-02-30",
    b"1.234,5",
)
"""What takes the place of some bytes, or comes between them."""

Edit = tuple[int, str, bytes, int]


def damaged(samples: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """Bytes that are damaged like this."""
    pieces = st.one_of(st.sampled_from(PIECES), st.binary(min_size=1, max_size=8))
    kinds = st.sampled_from(["flip", "replace", "insert", "remove", "repeat", "end"])
    edits = st.lists(st.tuples(st.integers(0, 2**20), kinds, pieces, st.integers(1, 64)), max_size=6)
    return st.one_of(
        st.builds(_apply, st.sampled_from(samples), edits),
        st.builds(_apply, st.sampled_from(samples), edits),
        st.lists(pieces, max_size=20).map(b"".join),
        st.binary(max_size=200),
    )


def _apply(data: bytes, edits: Sequence[Edit]) -> bytes:
    changed = bytearray(data)
    for place, kind, piece, count in edits:
        at = place % (len(changed) or 1)
        if kind == "flip" and changed:
            changed[at] ^= 1 << count % 8
        elif kind == "replace":
            changed[at : at + len(piece)] = piece
        elif kind == "insert":
            changed[at:at] = piece
        elif kind == "remove":
            del changed[at : at + count]
        elif kind == "repeat":
            changed[at:at] = changed[at : at + count] * 4
        elif kind == "end" and count == 1:
            del changed[at:]
    return bytes(changed)
