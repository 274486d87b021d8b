"""A listener of which no one is lost: on Linux, it can stop taking connections without losing those that are being made."""

import ctypes
import os
import socket
import struct
from collections.abc import Iterable
from contextlib import suppress

SO_ATTACH_FILTER = 26
DROP_SYN = b"".join(
    struct.pack("HBBI", *instruction)
    for instruction in (
        (0x30, 0, 0, 13),  # load the byte of the TCP header that has the flags
        (0x45, 0, 1, 0x02),  # with SYN go on, without it pass over the next
        (0x06, 0, 0, 0),  # drop the packet
        (0x06, 0, 0, 0xFFFFFFFF),  # take it
    )
)
"""A filter of a listener (socket-filter in Linux's documentation) for which no one can begin to connect."""


def take_no_new_connections(listeners: Iterable[int]) -> None:
    """Let no one begin to connect to these sockets any more, on Linux; those who have begun get through."""
    code = ctypes.create_string_buffer(DROP_SYN)
    for descriptor in listeners:
        with suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as listener:
            program = struct.pack("HP", len(DROP_SYN) // 8, ctypes.addressof(code))
            listener.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)
