"""Messages between the two processes: a JSON object, and buffers behind it, over a socket."""

import json
import socket
from collections.abc import Sequence
from typing import Any

import numpy as np

from app.frames.frame import NO_BUFFER, Buffer

LENGTH_BYTES = 8

BEGUN = b"b"
"""What comes before the answer to a request, as soon as somebody reads that."""


class Interrupted(Exception):
    """The other end has gone before a message was complete."""


def send(connection: socket.socket, head: dict[str, Any], buffers: Sequence[Buffer]) -> None:
    """Send a message. Raises `OSError` if nobody reads it."""
    plain = [np.ascontiguousarray(buffer).view(np.uint8) if buffer.nbytes else NO_BUFFER for buffer in buffers]
    text = json.dumps({**head, "buffers": [buffer.nbytes for buffer in plain]}).encode()
    connection.sendall(len(text).to_bytes(LENGTH_BYTES, "big") + text)
    for buffer in plain:
        connection.sendall(buffer.data)


def receive(connection: socket.socket, most: int) -> tuple[dict[str, Any], list[Buffer]]:
    """Return the next message. Raises `Interrupted`, and `ValueError` for one of more than so many bytes, or that is none."""
    length = int.from_bytes(_receive(connection, LENGTH_BYTES).tobytes(), "big")
    _check_size(length, most)
    head = json.loads(_receive(connection, length).tobytes())
    sizes = [int(size) for size in head["buffers"]]
    _check_size(sum(sizes), most)
    return head, [_receive(connection, size) for size in sizes]


def _check_size(size: int, most: int) -> None:
    if not 0 <= size <= most:
        raise ValueError(f"{size} bytes")


def _receive(connection: socket.socket, size: int) -> Buffer:
    """Return so many bytes, at an address that numbers of any width may have."""
    found = np.empty(size, dtype=np.uint8)
    waiting = found.data
    while waiting.nbytes:
        count = connection.recv_into(waiting)
        if not count:
            raise Interrupted
        waiting = waiting[count:]
    return found
