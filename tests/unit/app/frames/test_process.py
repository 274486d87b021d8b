"""The process in which pyarrow is loaded: what happens to it does not happen to the server, and it ends with that."""

import os
import resource
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from app.errors import MalformedBody
from app.frames import ARROW, PARQUET, FrameProcess, read_frame
from app.frames.frame import restore
from tests.conftest import StartServer
from tests.support.forms import as_arrow, as_csv, as_parquet, frame
from tests.support.problems import problem
from tests.support.server import Server
from tests.support.waiting import until

MEBIBYTE = 1024 * 1024
BODY = as_arrow(pa.table({"x": np.arange(1000.0)}))
ROWS = [{"x": row + 0.5, "y": 2 * row} for row in range(12)]
HEADERS = {"Content-Type": PARQUET}


@pytest.fixture
def process() -> Iterator[FrameProcess]:
    process = FrameProcess()
    yield process
    process.close()


def ask(process: FrameProcess, body: bytes = BODY, memory: int = 64 * MEBIBYTE) -> dict[str, Any] | None:
    head = {"task": "read", "media_type": ARROW, "max_bytes": 512 * MEBIBYTE, "memory": memory, "seconds": 5}
    answer = process.ask(head, [np.frombuffer(body, np.uint8)], 64 * MEBIBYTE)
    if answer is None or "frame" not in answer[0]:
        return answer and answer[0]
    return {"values": restore(answer[0]["frame"], answer[1]).columns[0].values.tolist()}


def test_what_needs_more_memory_than_it_may_have_is_told_apart_and_the_next_is_read(process: FrameProcess) -> None:
    packed = as_arrow(pa.table({"x": np.zeros(20_000_000)}), compression="zstd")

    answer = ask(process, packed, memory=MEBIBYTE)
    assert answer is None or answer["error"] == "memory"
    assert ask(process) == {"values": np.arange(1000.0).tolist()}


def test_a_process_that_was_killed_is_started_anew(process: FrameProcess) -> None:
    assert ask(process)
    for number in (signal.SIGKILL, signal.SIGSEGV):
        assert process._process is not None
        os.kill(process._process.pid, number)
        process._process.wait()
        assert ask(process) == {"values": np.arange(1000.0).tolist()}


def test_a_process_that_may_have_less_than_a_body_may_take_reads_what_fits(process: FrameProcess) -> None:
    """As in a server whose own address space is limited, which its processes inherit."""
    assert ask(process)
    assert process._process is not None
    most = address_space(process._process.pid) + 96 * MEBIBYTE
    resource.prlimit(process._process.pid, resource.RLIMIT_AS, (most, most))

    assert ask(process, memory=512 * MEBIBYTE) == {"values": np.arange(1000.0).tolist()}
    answer = ask(process, as_arrow(pa.table({"x": np.zeros(40_000_000)}), compression="zstd"), memory=512 * MEBIBYTE)
    assert answer is None or answer["error"] == "memory"


def address_space(pid: int) -> int:
    """Return how many bytes of address space a process has."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[0]) * resource.getpagesize()


def test_many_threads_share_it(process: FrameProcess) -> None:
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(ask(process))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [{"values": np.arange(1000.0).tolist()}] * 12


def test_where_no_process_can_be_had_there_is_no_memory(process: FrameProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.frames.process.COMMAND", ["/bin/false"])

    with pytest.raises(MemoryError, match="no process"):
        ask(process)


def test_what_a_process_answers_is_not_trusted(process: FrameProcess) -> None:
    """It has read what anyone may have sent."""
    column = {"name": "x", "kind": "number", "about": "", "dtype": "d", "has_gaps": False, "words": None}
    rows = [np.zeros(16, np.uint8), np.zeros(0, np.uint8), np.zeros(0, np.uint8)]
    assert restore({"rows": 2, "columns": [column]}, rows).rows == 2
    ends = [np.array([0, 99], np.int64).view(np.uint8), *rows[1:]]
    codes = [np.array([0, 5], np.int64).view(np.uint8), *rows[1:], *rows]
    words = {**column, "rows": 2}
    for head, buffers in (
        ({"rows": 3, "columns": [column]}, rows),
        ({"rows": 2, "columns": [{**column, "dtype": "O"}]}, rows),
        ({"rows": 2, "columns": [{**column, "has_gaps": True}]}, rows),
        ({"rows": 2, "columns": [column, column]}, rows),
        ({"rows": 2, "columns": [{}]}, rows),
        ({"rows": 2, "columns": [{**column, "kind": "date", "dtype": "l", "about": "fortnight"}]}, rows),
        ({"rows": 1, "columns": [{**column, "kind": "text", "dtype": "l"}]}, ends),
        ({"rows": 2, "columns": [{**column, "kind": "category", "dtype": "l"}]}, codes),
        ({"rows": 2, "columns": [{**column, "kind": "category", "dtype": "l", "words": words}]}, codes),
    ):
        with pytest.raises(ValueError, match=r"rows|dtype|words|text|unit|StopIteration|Error"):
            restore(head, buffers)


def test_a_body_is_read_in_the_other_process() -> None:
    assert read_frame(BODY, ARROW, MEBIBYTE).rows == 1000
    with pytest.raises(MalformedBody):
        read_frame(BODY[:200], ARROW, MEBIBYTE)


@pytest.mark.slow
def test_the_server_does_not_load_pyarrow_and_the_process_ends_with_it(start_server: StartServer) -> None:
    server = start_server()
    before = server.processes()
    train(server, "frames")
    assert "pyarrow" not in Path(f"/proc/{server.process.pid}/maps").read_text()
    assert len(server.processes()) > len(before)

    server.kill()
    until(lambda: not server.processes(), "all processes have ended")


@pytest.mark.slow
def test_a_signal_to_the_group_does_not_end_it_before_the_server(start_server: StartServer) -> None:
    server = start_server()
    train(server, "frames")

    server.signal_group(signal.SIGTERM)
    assert server.process.wait(30) == 0
    until(lambda: not server.processes(), "all processes have ended")
    assert "Traceback" not in server.log


def train(server: Server, name: str) -> None:
    answer = server.client.post(
        f"/models/{name}/train?targets=y&members=1&max_epochs=5", content=as_parquet(frame(ROWS)), headers=HEADERS
    )
    assert answer.status_code == 200, answer.text


@pytest.fixture
def without_pyarrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python finds no pyarrow."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "class Finder:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'pyarrow': raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Finder())\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


@pytest.mark.slow
@pytest.mark.usefixtures("without_pyarrow")
def test_where_pyarrow_is_not_installed_it_is_said_what_to_install(start_server: StartServer) -> None:
    server = start_server()
    for path in ("train?targets=y", "check?targets=y"):
        answer = server.client.post(f"/models/frames/{path}", content=as_parquet(frame(ROWS)), headers=HEADERS)
        assert "pip install 'scorecast[arrow]'" in problem(answer, 415)["detail"]
    path = "/models/frames/train?targets=y&members=1&max_epochs=5"
    assert server.client.post(path, content=as_csv(ROWS), headers={"Content-Type": "text/csv"}).is_success
    answer = server.client.post(
        "/models/frames/predict", content=as_csv(ROWS), headers={"Content-Type": "text/csv", "Accept": ARROW}
    )
    assert "pip install 'scorecast[arrow]'" in problem(answer, 406)["detail"]
