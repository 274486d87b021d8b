"""Frames: tables of typed columns, as Arrow and Parquet have them, read and written in a process of their own.

pyarrow is C++, and its input comes from anyone. So it is never loaded in the server: what it reads, it reads in a process
that may end, that has a limit to its memory and its time, and that sees one body alone.
"""

from app.frames.frame import Frame, FrameColumn, Kind
from app.frames.media_types import ARROW, ARROW_FILE, PARQUET
from app.frames.packing import pack_numbers, pack_texts
from app.frames.process import FrameProcess
from app.frames.tasks import check_extra, read_frame, write_frame

__all__ = [
    "ARROW",
    "ARROW_FILE",
    "PARQUET",
    "Frame",
    "FrameColumn",
    "FrameProcess",
    "Kind",
    "check_extra",
    "pack_numbers",
    "pack_texts",
    "read_frame",
    "write_frame",
]
