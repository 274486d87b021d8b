"""Every system call of a publish, a job and a removal fails in turn: what is acknowledged is there, nothing half is seen,
and the same process goes on by itself.

strace has the kernel answer the n-th call of a kind with an error instead of doing it, for each n until there are no more.
"""

import multiprocessing
import os
import shutil
import subprocess
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from app.errors import StoreError
from app.registry import BUILT_IN, EXAM_SCORE
from model.checkpoint import Checkpoint
from tests.support.crashes.story import Service, view
from tests.support.dose import figures, times
from tests.support.needs import needs
from tests.support.trained import publish, spec

pytestmark = [needs("strace"), pytest.mark.slow, pytest.mark.timeout(1800)]

CALLS = {
    "write": "write",
    "fsync": "fsync",
    "link": "link,linkat",
    "rename": "rename,renameat,renameat2",
    "open": "open,openat",
    "unlink": "unlink,unlinkat",
    "mkdir": "mkdir,mkdirat",
}
ERRORS = ("EIO", "ENOSPC", "EINTR")


def _publish(service: Service) -> None:
    publish(service.registry, seed=3)


def _train(service: Service) -> None:
    job_id = service.submit(spec(seed=4))
    service.executor.run_all()
    job = service.jobs.job(job_id)
    if job.status != "succeeded":
        raise StoreError(str(job.error))


def _delete(service: Service) -> None:
    if "other" in service.registry.names():
        service.registry.delete("other")


ACTS: Mapping[str, Callable[[Service], None]] = {"publish": _publish, "train": _train, "delete": _delete}

OUTCOMES = ACKNOWLEDGED, REFUSED, BROKEN = range(3)
TRIES = 3


def _act(folder: str, act: str, ready: Connection) -> None:
    """Do something a few times, of which a fault strikes one, and end with what came of each as the exit code."""
    warm = Service(f"{folder}-warm")
    for each in ACTS:  # so that whatever is imported only when it is needed is there
        _try(warm, each)
    service = Service(folder)
    assert service.registry.load_all() == {}
    ready.send(None)
    ready.recv()
    code = 0
    for _ in range(TRIES):
        code = code * len(OUTCOMES) + _try(service, act)
    os._exit(code)  # what an interpreter does as it ends is not meant


def _try(service: Service, act: str) -> int:
    try:
        ACTS[act](service)
    except StoreError:
        return REFUSED
    except Exception:
        traceback.print_exc()
        return BROKEN
    return ACKNOWLEDGED


@dataclass(frozen=True)
class _Fault:
    """The n-th call of a kind, and how it fails."""

    call: str
    error: str
    number: int

    def strike(self, folder: Path, act: str) -> list[int] | None:
        """Have it strike while something is done in a folder; return what came of each try, None: it did not."""
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["tests.system.test_failing_calls"])
        here, there = context.Pipe()
        process = context.Process(target=_act, args=(os.fspath(folder / "store"), act, there))
        process.start()
        there.close()
        here.recv()
        lines = self._watch(process.pid or 0, here, folder / "calls")
        process.join()
        code = process.exitcode or 0
        assert code >= 0, f"ended by signal {-code}"
        outcomes = [code // len(OUTCOMES) ** place % len(OUTCOMES) for place in range(TRIES)]
        return outcomes if "(INJECTED)" in lines else None

    def _watch(self, pid: int, go: Connection, output: Path) -> str:
        inject = f"inject={CALLS[self.call]}:error={self.error}:when={self.number}"
        watched = f"trace={CALLS[self.call]}"
        command = ["strace", "-f", "-o", os.fspath(output), "-e", watched, "-e", inject, "-p", str(pid)]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as strace:
            assert strace.stderr is not None
            assert "attached" in strace.stderr.readline()
            go.send(None)
            strace.stderr.read()
        return output.read_text()


def _faults() -> Iterator[tuple[str, str]]:
    """Yield kinds of calls and errors: all pairs, or every day each call with one of the errors."""
    for place, call in enumerate(CALLS):
        for error in (ERRORS * 2)[place % len(ERRORS) :][: times(1, len(ERRORS))]:
            yield call, error


@pytest.mark.parametrize("act", ACTS)
def test_whichever_call_fails_nothing_acknowledged_is_lost(act: str, tmp_path: Path) -> None:
    template = tmp_path / "template"
    template.mkdir()
    _prepare(template)
    tried = 0
    for place, (call, error) in enumerate(_faults()):
        for number in count(1 + place % times(4, 1), times(4, 1)):
            folder = tmp_path / "struck"
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(template, folder)
            came = _Fault(call, error, number).strike(folder, act)
            if came is None:
                break
            tried += 1
            _check(folder, act, came, f"{error} of {call} {number}")
    figures.append(f"failing calls of {act}: {tried}")
    assert tried > times(8, 60)


def _prepare(folder: Path) -> None:
    service = Service(f"{folder}/store")
    publish(service.registry, seed=1)
    service.registry.declare("other", BUILT_IN[EXAM_SCORE])
    publish(service.registry, seed=2, name="other")


def _check(folder: Path, act: str, came: list[int], fault: str) -> None:
    """Only the try that the fault struck may have been refused, and it may yet have been done."""
    assert BROKEN not in came, fault
    assert came.count(REFUSED) <= 1, fault
    service = Service(f"{folder}/store")
    assert service.registry.load_all() == {}
    models = view(service.registry)
    if act == "delete":
        assert "other" not in models, fault
        return
    made = set(models[EXAM_SCORE].versions) - {1}
    assert came.count(ACKNOWLEDGED) <= len(made) <= TRIES, f"{fault}: {came}, {made}"
    for number in models[EXAM_SCORE].versions:
        assert isinstance(service.registry.checkpoint(EXAM_SCORE, number), Checkpoint)
