"""Valid bodies of Arrow and Parquet, and what becomes of them on the way: for tests, and for longer runs."""

import random

import pyarrow as pa

from app.errors import RequestError
from app.frames import ARROW, ARROW_FILE, PARQUET
from app.tables import Body, read_table
from tests.support.forms import as_arrow, as_parquet

LIMIT = 8 * 1024 * 1024
"""As predictions have."""

TABLE = pa.table(
    {
        "x": [1.5, None, 3.0],
        "n": [1, 2, 3],
        "word": ["a", None, "größer"],
        "kind": pa.array(["u", "v", "u"]).dictionary_encode(),
        "truth": [True, False, None],
        "when": pa.array([0, 10**15, None], pa.timestamp("us")),
        "list": [[1], [], None],
        "money": pa.array([1, 2, None]).cast(pa.decimal128(30, 2)),
    }
)
VALID: dict[str, Body] = {
    "stream": Body(as_arrow(TABLE), ARROW, max_bytes=LIMIT),
    "packed stream": Body(as_arrow(TABLE, compression="zstd"), ARROW, max_bytes=LIMIT),
    "packed file": Body(as_arrow(TABLE, ARROW_FILE, compression="lz4"), ARROW_FILE, max_bytes=LIMIT),
    "file": Body(as_arrow(TABLE, ARROW_FILE), ARROW_FILE, max_bytes=LIMIT),
    "parquet": Body(as_parquet(TABLE, compression="none"), PARQUET, max_bytes=LIMIT),
    "packed parquet": Body(as_parquet(TABLE, compression="zstd", data_page_version="2.0"), PARQUET, max_bytes=LIMIT),
}
ENDING = (b"\x00" * 8, b"\xff" * 8, (10**12).to_bytes(8, "little"), b"\xff\xff\xff\x7f")
"""What takes the place of some bytes: sizes and offsets, and ends of what is nested."""


def damage(valid: Body, chance: random.Random) -> Body:
    """Return a body with some of its bytes replaced, left out or repeated."""
    damaged = bytearray(valid.data)
    for _ in range(chance.choice((1, 1, 2, 4))):
        place = chance.randrange(len(damaged))
        kind = chance.choice((0, 0, 0, 1, 1, 2, 2, 3, 4))
        if kind == 0:
            damaged[place] ^= 1 << chance.randrange(8)
        elif kind == 1:
            damaged[place] = chance.randrange(256)
        elif kind == 2:
            piece = chance.choice(ENDING)
            damaged[place : place + len(piece)] = piece
        elif kind == 3:
            del damaged[place : place + chance.randint(1, 64)]
        else:
            damaged[place:place] = damaged[place : place + chance.randint(1, 64)]
    return Body(bytes(damaged), valid.media_type, max_bytes=valid.max_bytes)


def read_or_refuse(body: Body) -> bool:
    """Return whether a body is a table, all of whose cells can be read, or is refused; anything else is raised."""
    try:
        table = read_table(body).table
    except RequestError:
        return False
    assert len(table)
    for cells in table.columns.values():
        assert len(list(cells)) == len(table)
    return True
