"""A real server for tests: `scorecast serve` in a process of its own, over a store of its own."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from tests.support.waiting import until

COMMAND = Path(sys.executable).with_name("scorecast")
ADDRESS = re.compile(r"Uvicorn running on (http://\S+)")

Answer = httpx.Response


class Server:
    """`scorecast serve`, to be started, asked, killed and started again over the same store."""

    command = COMMAND

    def __init__(self, folder: Path, **settings: object) -> None:
        self.store = folder / "store"
        self._log_file = folder / "server.log"
        self._settings = {name.upper(): str(value) for name, value in settings.items()}
        self._log_begins = 0
        self.start()

    def start(self) -> None:
        """Start the process, and return once it answers."""
        self._log_begins = self._log_file.stat().st_size if self._log_file.exists() else 0
        with self._log_file.open("ab") as log:
            self.process = subprocess.Popen(
                [self.command, "serve"], env=self._environment(), stdout=log, stderr=log, start_new_session=True
            )
        self.client = httpx.Client(trust_env=False)
        try:
            self._reach()
        except BaseException:  # the test that was given up, too
            self.close()
            raise

    def _reach(self) -> None:
        found = until(lambda: ADDRESS.search(self.log) or self.process.poll() is not None, "the server starts")
        assert isinstance(found, re.Match), f"the server did not start:\n{self.log}"
        self.client = httpx.Client(base_url=found[1], timeout=60, trust_env=False)
        until(self._answers, "the server answers")  # of several workers the first may be longer in coming

    def new_connections(self) -> httpx.Client:
        """Return a client that takes a connection of its own for each request, so that any worker may answer."""
        return httpx.Client(base_url=self.client.base_url, timeout=60, trust_env=False, headers={"Connection": "close"})

    def kill(self) -> None:
        """End the server as a power cut does: SIGKILL, to it alone."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask the server to stop: SIGTERM, to it alone. Returns its exit code."""
        return self._end(signal.SIGTERM)

    def restart(self) -> None:
        """Start again, over the same store."""
        if self.process.poll() is None:
            self.stop()
        self.start()

    def signal_group(self, number: int) -> None:
        """Send a signal to the server and all that it has started, as a terminal does."""
        os.killpg(self.process.pid, number)

    def close(self) -> None:
        """Leave nothing behind, whatever state the server is in."""
        self.client.close()
        if self.processes():
            self.signal_group(signal.SIGKILL)
        self.process.wait(10)

    @property
    def log(self) -> str:
        """What the server has logged since it was last started."""
        with self._log_file.open("rb") as log:
            log.seek(self._log_begins)
            return log.read().decode()

    def processes(self) -> list[int]:
        """Return the ids of the living processes that the server consists of, its own among them."""
        return [each.pid for each in _processes() if each.session == self.process.pid and each.state != "Z"]

    def training_process(self) -> int:
        """Return the id of the process that trains: the one of lower priority."""
        return until(lambda: next(iter(low_priority(self.processes())), None), "there is a training process")

    def train(self, rows: list[dict[str, float]], prefer: str = "", **options: Any) -> Answer:
        """POST /train."""
        return self.client.post("/train", json={"rows": rows, **options}, headers={"Prefer": prefer})

    def begin_training(self, rows: list[dict[str, float]], **options: Any) -> str:
        """POST /train without waiting for it; returns the job's id once the training runs."""
        job_id: str = self.train(rows, "respond-async", **options).json()["job_id"]
        self.wait_for(job_id, "running")
        return job_id

    def wait_for(self, job_id: str, status: str) -> dict[str, Any]:
        """Return the job once it has this status."""
        return until(lambda: self._job_if(job_id, status), f"job {job_id} is {status}")

    def _answers(self) -> bool:
        try:
            return self.client.get("/livez").status_code in {200, 401}  # which asks for a key
        except httpx.TransportError:
            return False

    def _job_if(self, job_id: str, status: str) -> dict[str, Any] | None:
        job: dict[str, Any] = self.client.get(f"/jobs/{job_id}").json()
        return job if job["status"] == status else None

    def _end(self, number: int) -> int:
        self.client.close()
        self.process.send_signal(number)
        return self.process.wait(40)

    def _environment(self) -> Mapping[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("SCORECAST_")}
        ours = {"PORT": "0", "STORE": str(self.store), **self._settings}
        return {**inherited, **{f"SCORECAST_{name}": value for name, value in ours.items()}}


@contextmanager
def running(folder: Path, **settings: object) -> Iterator[Server]:
    """A server that is gone afterwards."""
    server = Server(folder, **settings)
    try:
        yield server
    finally:
        server.close()


def low_priority(processes: Iterable[int]) -> list[int]:
    """Return the ids of the processes that have a lower priority than this one."""
    ours, found = os.getpriority(os.PRIO_PROCESS, 0), list[int]()
    for pid in processes:
        with suppress(ProcessLookupError):  # it has ended since
            if os.getpriority(os.PRIO_PROCESS, pid) > ours:
                found.append(pid)
    return found


def parents(processes: Iterable[int]) -> dict[int, int]:
    """Return the parent of each of these processes that lives."""
    asked = set(processes)
    return {each.pid: each.parent for each in _processes() if each.pid in asked}


class _Process(NamedTuple):
    """What `proc_pid_stat(5)` tells of a process."""

    pid: int
    state: str
    parent: int
    session: int


def _processes() -> Iterator[_Process]:
    """Yield every process."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it has ended since
                continue
            yield _Process(int(entry.name), fields[0], int(fields[1]), int(fields[3]))
