"""Answers that are made in pieces: a short one is sent whole, a long one piece by piece, and never is all of it in memory."""

from collections.abc import AsyncIterator, Iterator

from fastapi.responses import Response, StreamingResponse

from app.rest.work.threads import run_cheaply

MAX_WHOLE_BYTES = 4 * 1024 * 1024
"""Of an answer that is sent whole, with its length."""

Pieces = tuple[list[bytes], Iterator[bytes] | None]


def begin(pieces: Iterator[bytes]) -> Pieces:
    """Return the first pieces of an answer, and the others, if there may be more than are sent whole."""
    first, total = [], 0
    for piece in pieces:
        first.append(piece)
        total += len(piece)
        if total > MAX_WHOLE_BYTES:
            return first, pieces
    return first, None


def send_pieces(pieces: Pieces, media_type: str) -> Response:
    """Return the response that sends an answer."""
    first, others = pieces
    whole = b"".join(first)
    first.clear()
    if others is None:
        return Response(whole, media_type=media_type)
    return StreamingResponse(_go_on(whole, others), media_type=media_type)


async def _go_on(whole: bytes, others: Iterator[bytes]) -> AsyncIterator[bytes]:
    yield whole
    while piece := await run_cheaply(lambda: b"".join(_take(others))):
        yield piece


def _take(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the next pieces: together so many bytes that the way to the thread and back costs little."""
    total = 0
    for piece in pieces:
        yield piece
        total += len(piece)
        if total > MIN_PIECE_BYTES:
            return


MIN_PIECE_BYTES = 256 * 1024
