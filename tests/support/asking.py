"""A process of its own that asks a server to predict a row, again and again, and writes down how long each answer took.

In a thread beside a test it would wait for the test, too, which makes bodies of 127 MB and sends them.
It needs nothing but the standard library, so that it starts at once: `python -m tests.support.asking HOST PORT BODY`.
It writes a line for each answer: when it was asked for, in seconds of the monotonic clock, how long it took, and its status.
It ends once its standard input does.
"""

import select
import socket
import sys
import time

INTERVAL = 0.005
"""Seconds between an answer and the next question."""

MAX_SECONDS = 60
"""How long an answer is waited for."""


def main(host: str, port: str, body: str) -> None:
    """Ask until there is no more standard input."""
    question = (
        b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    )
    question = question % len(body) + body.encode()
    with socket.create_connection((host, int(port)), MAX_SECONDS) as line:
        while not select.select([sys.stdin], [], [], INTERVAL)[0]:
            began = time.monotonic()
            line.sendall(question)
            status = read_status(line)
            sys.stdout.write(f"{began} {time.monotonic() - began} {status}\n")
            sys.stdout.flush()


def read_status(line: socket.socket) -> int:
    """Read an answer whole; return its status."""
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += receive(line)
    head, _, rest = answer.partition(b"\r\n\r\n")
    length = next(
        int(each.split(b":")[1]) for each in head.lower().split(b"\r\n") if each.startswith(b"content-length")
    )
    while len(rest) < length:
        rest += receive(line)
    return int(head.split()[1])


def receive(line: socket.socket) -> bytes:
    """Return what has come. Raises `ConnectionError` at the end."""
    if not (piece := line.recv(65536)):
        raise ConnectionError("the server has closed the connection")
    return piece


if __name__ == "__main__":
    main(*sys.argv[1:])
