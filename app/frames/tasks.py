"""What the server asks of the other process: to read a body, and to write one."""

import atexit
from importlib.util import find_spec
from typing import Any, NoReturn

import numpy as np

from app.budget import BODY_SETTINGS, SEND_FEWER
from app.errors import BodyError, BodyTooLarge, InvalidBody, MalformedBody, NotAcceptable
from app.extras import needs_extra
from app.frames.frame import Frame, describe, restore
from app.frames.media_types import PARQUET
from app.frames.process import FrameProcess, Message
from app.memory import BODIES, check_room, reserving

MEBIBYTE = 1024 * 1024

BASE_BYTES = 32 * MEBIBYTE
"""What reading takes, however short a body. With four times its length it is enough for what is packed little."""

MAX_UNPACKED = 6
"""How many times the size that a table may unpack to reading it takes at the most."""

BASE_SECONDS, BYTES_A_SECOND = 5, 10 * MEBIBYTE
"""How much processor time a body may take; in our measurements a tenth of it was enough."""

WRITE_AGAIN = "write it again with pandas, polars or pyarrow, or send it as CSV"

_process = FrameProcess()
atexit.register(_process.close)


def check_extra(what: str) -> None:
    """Raise `MissingExtra` where pyarrow is not installed. It is not imported: that takes 50 MB."""
    with needs_extra("arrow", what):
        if find_spec("pyarrow") is None:
            raise ModuleNotFoundError("pyarrow")


def read_frame(body: bytes, media_type: str, max_bytes: int) -> Frame:
    """Return the frame that a body of Arrow or Parquet is, of at most so many bytes when it is unpacked.

    Raises `MalformedBody`, `InvalidBody`, `BodyTooLarge`, `MissingExtra`, and `MemoryError` if there is no room for it.
    """
    check_extra(f"a body of {media_type}")
    buffers = [np.frombuffer(body, dtype=np.uint8)]
    head = {"task": "read", "media_type": media_type, "max_bytes": max_bytes}
    least = BODIES * len(body) + BASE_BYTES  # of which who calls has set all but the base aside
    for place, memory in enumerate((least, least + MAX_UNPACKED * max_bytes)):
        with reserving(memory if place else BASE_BYTES):
            answer = _process.ask({**head, **_limits(memory, len(body) + place * max_bytes)}, buffers, memory)
        if answer is not None and answer[0].get("error") != "memory":
            return _take(answer, media_type, len(body))
    if answer is None:
        raise _refuse(media_type, "it is damaged")
    raise BodyTooLarge(
        f"the table unpacks to more than, or almost, the {max_bytes} bytes allowed {BODY_SETTINGS}: {SEND_FEWER}"
    )


def write_frame(frame: Frame, media_type: str) -> bytes:
    """Return a frame as a body of Arrow or Parquet.

    Raises `MissingExtra`, `NotAcceptable` for what has no such form, and `MemoryError` if there is no room for it.
    """
    check_extra(f"an answer as {media_type}")
    told, buffers = describe(frame)
    memory = BODIES * frame.byte_count + BASE_BYTES
    head = {"task": "write", "media_type": media_type, "frame": told, **_limits(memory, frame.byte_count)}
    with reserving(memory):
        answer = _process.ask(head, buffers, memory)
    if answer is None or answer[0].get("error") == "memory":
        raise MemoryError("to write a frame")
    if "body" not in answer[0]:
        raise NotAcceptable(
            f"the answer cannot be written as {media_type} ({answer[0].get('detail')}): ask for text/csv"
        )
    return answer[1][0].tobytes()


def _limits(memory: int, size: int) -> dict[str, int]:
    return {"memory": memory, "seconds": BASE_SECONDS + size // BYTES_A_SECOND}


def _take(answer: Message, media_type: str, body_bytes: int) -> Frame:
    """Return the frame that was answered, or raise what is wrong with the body."""
    head, buffers = answer
    try:
        if "error" in head:
            _raise(head, media_type)
        frame = restore(head["frame"], buffers)
    except (KeyError, TypeError, ValueError):
        raise _refuse(media_type, "it is damaged") from None
    if frame.byte_count > body_bytes:
        check_room(BODIES * frame.byte_count)
    return frame


def _raise(head: dict[str, Any], media_type: str) -> NoReturn:
    if head["error"] == "invalid":
        raise InvalidBody([BodyError(str(detail), str(pointer)) for detail, pointer in head["errors"]])
    if head["error"] == "large":
        raise BodyTooLarge(str(head["detail"]))
    raise _refuse(media_type, str(head["detail"]))


def _refuse(media_type: str, reason: str) -> MalformedBody:
    kind = "Parquet file" if media_type == PARQUET else "Arrow table"
    return MalformedBody(f"the {kind} cannot be read ({reason}): {WRITE_AGAIN}")
