"""Where requests are worked on: at once, or in threads that are there for work of its size; and how long answers are sent."""

from app.rest.work.arrival import arriving
from app.rest.work.decompression import PLAIN, check_coding, decompress
from app.rest.work.loading import load
from app.rest.work.quota import ROOM, StoreQuota
from app.rest.work.sending import Pieces, begin, send_pieces
from app.rest.work.threads import limit_requests, run, run_cheaply, run_reading, run_storing, run_submitting

__all__ = [
    "PLAIN",
    "ROOM",
    "Pieces",
    "StoreQuota",
    "arriving",
    "begin",
    "check_coding",
    "decompress",
    "limit_requests",
    "load",
    "run",
    "run_cheaply",
    "run_reading",
    "run_storing",
    "run_submitting",
    "send_pieces",
]
