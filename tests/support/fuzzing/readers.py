"""All that reads bytes from outside: for each reader valid bytes to be damaged, and how it is called.

A reader returns, or refuses: whatever else it raises is an error of ours.
"""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from app.errors import RequestError
from app.frames import ARROW, ARROW_FILE, PARQUET
from app.jobs.task import Policy, Task
from app.registry import BUILT_IN, EXAM_SCORE
from app.rest.dialects.open_inference import read_inference
from app.tables import CSV, JSON, NDJSON, XLSX, Body, read_kept_table
from app.tables.forms.form_data import split_form
from app.upload.request import read_checkpoint
from model.checkpoint import Checkpoint
from model.errors import CheckpointError, SignatureError
from tests.support.checkpoints import EVERY_KIND
from tests.support.forms import BOUNDARY, FORMS, as_csv
from tests.support.frames import read_or_refuse
from tests.support.tables import TABLE
from tests.support.trained import SIGNATURE, spec

LIMIT = 8 * 1024 * 1024
ROWS: list[dict[str, Any]] = [
    {"size": 1.5, "wood": "oak", "built": "2024-01-31", "count": 3, "rent": "1,234.50"},
    {"size": None, "wood": "größer", "built": "2023-12-01", "count": -7, "rent": ""},
    {"size": 2e300, "wood": 'a "b", c', "built": None, "count": 10**15, "rent": "n/a"},
]
CONNECT = partial(RuntimeError, "a worker is needed for that")


@dataclass(frozen=True)
class Reader:
    """A reader, and bytes that it reads."""

    samples: Sequence[bytes]
    read: Callable[[bytes], object]
    refusals: tuple[type[Exception], ...] = (RequestError,)

    def try_out(self, data: bytes) -> None:
        """Read the bytes, or have them refused."""
        with suppress(*self.refusals):
            self.read(data)


def _table(media_type: str, *forms: str) -> Reader:
    samples = [FORMS[form](ROWS)[1] for form in forms]
    return Reader(samples, lambda data: read_or_refuse(Body(data, media_type, max_bytes=LIMIT)))


def _infer(data: bytes) -> object:
    """Read a request whose first two bytes say how long its JSON is."""
    return read_inference(data[2:], int.from_bytes(data[:2], "little"), BUILT_IN[EXAM_SCORE].signature)


def _inference(*tensors: tuple[str, str, list[int], bytes]) -> bytes:
    inputs = [
        {"name": name, "datatype": kind, "shape": shape, "parameters": {"binary_data_size": len(data)}}
        for name, kind, shape, data in tensors
    ]
    head = json.dumps({"inputs": inputs, "id": "1", "outputs": [{"name": "score"}]}).encode()
    return len(head).to_bytes(2, "little") + head + b"".join(data for *_, data in tensors)


def _plain_inference() -> bytes:
    tensor = {"name": "features", "shape": [2, 2], "datatype": "FP64", "data": [[4, 8], [2.5, 6]]}
    body = json.dumps({"inputs": [tensor], "parameters": {"binary_data_output": True}}).encode()
    return len(body).to_bytes(2, "little") + body


HOURS = np.array([[4.0, 8.0], [2.0, 6.0]])
TEXTS = b"".join(len(text).to_bytes(4, "little") + text for text in (b"4", b"8.5"))
POLICY = Policy(1.0, None, True, "lock")

READERS = {
    "csv": _table(CSV, "csv", "csv with semicolons"),
    "json": _table(JSON, "rows", "list of rows", "columns", "columns under rows", "split"),
    "lines of json": _table(NDJSON, "lines"),
    "workbook": _table(XLSX, "workbook"),
    "arrow": _table(ARROW, "arrow"),
    "arrow file": _table(ARROW_FILE, "arrow file"),
    "parquet": _table(PARQUET, "parquet"),
    "form": Reader(
        [FORMS["form with csv"](ROWS)[1]], lambda data: split_form(data, f"multipart/form-data; boundary={BOUNDARY}")
    ),
    "kept table": Reader(
        [as_csv(TABLE)], lambda data: read_kept_table(data, SIGNATURE), (RequestError, SignatureError)
    ),
    "uploaded checkpoint": Reader(
        [each.to_bytes() for each in EVERY_KIND.values()], lambda data: read_checkpoint(data, 10**7)
    ),
    "stored checkpoint": Reader(
        [each.to_bytes() for each in EVERY_KIND.values()], Checkpoint.from_bytes, (CheckpointError,)
    ),
    "open inference": Reader(
        [
            _inference(("features", "FP64", [2, 2], HOURS.tobytes())),
            _inference(
                ("hours_studied", "FP32", [2], HOURS[0].astype("<f4").tobytes()),
                ("hours_slept", "BYTES", [2, 1], TEXTS),
            ),
            _inference(("hours_studied", "INT64", [1], bytes(8)), ("hours_slept", "BOOL", [1], b"\1")),
            _plain_inference(),
        ],
        _infer,
    ),
    "stored task": Reader(
        [Task(spec(), CONNECT, POLICY, "exam-score").to_bytes()],  # type: ignore[arg-type]  # it connects to nothing
        lambda data: Task.from_bytes(data, CONNECT, POLICY),  # type: ignore[arg-type]
        (ValueError,),
    ),
}
