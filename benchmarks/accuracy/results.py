"""Results as lines of JSON in a file that only grows: what is there is not computed again."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from benchmarks.accuracy.environment import PYTHON, ROOT
from benchmarks.accuracy.tables import Table

Line = dict[str, Any]

SCORECAST = ("ours", "http", "before")
PEERS = ("mean", "ridge", "catboost", "lightgbm", "xgboost", "ngboost", "process")
FOR_CLASSES = (*SCORECAST, "mean", "ridge", "catboost")
"""`mean` stands for how often each class is, `ridge` for logistic regression."""


@dataclass(frozen=True)
class Contestant:
    """Who takes part; of Scorecast also which code."""

    name: str
    checkout: str = ""
    """The folder whose code is run, where that is not this one."""

    @property
    def identity(self) -> str:
        """Its name, and the revision of its code."""
        if self.name not in SCORECAST:
            return self.name
        return f"{self.name}@{revision(Path(self.checkout or ROOT))}"


def revision(folder: Path) -> str:
    """Return the commit of a checkout, with a digest of what is changed in `app` and `model`."""
    commit = _git(folder, "rev-parse", "--short=8", "HEAD").decode().strip()
    changes = _git(folder, "diff", "HEAD", "--", "app", "model")
    for name in _git(folder, "ls-files", "--others", "--exclude-standard", "app", "model").decode().split():
        changes += (folder / name).read_bytes()
    return commit + (f"+{sha256(changes).hexdigest()[:8]}" if changes else "")


def _git(folder: Path, *arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True).stdout


def read(path: Path) -> dict[tuple[str, str, int], Line]:
    """Return what is known, by contestant, table and seed; of several the last."""
    if not path.exists():
        return {}
    lines = [json.loads(text) for text in path.read_text().splitlines()]
    return {(line["contestant"], line["table"], line["seed"]): line for line in lines}


def run(path: Path, contestants: Iterable[Contestant], tables: Iterable[Table], seeds: Iterable[int]) -> None:
    """Judge each contestant on each table at each seed that is not known, and write it down at once."""
    known, tables = read(path), list(tables)
    for contestant in contestants:
        identity = contestant.identity
        with Judge(contestant) as judge:
            for table in tables:
                missing = [seed for seed in seeds if (identity, table.name, seed) not in known]
                if missing and (table.group != "classes" or contestant.name in FOR_CLASSES):
                    for line in judge.lines(table, missing):
                        _append(path, {"contestant": identity, **line})


def _append(path: Path, line: Line) -> None:
    with path.open("a") as file:
        file.write(json.dumps(line) + "\n")
    said = line.get("error") or f"{line.get('rmse', line.get('log_loss')):.4g}, {line['seconds']:.2f} s"
    print(f"{line['contestant']}  {line['table']}  seed {line['seed']}: {said}", file=sys.stderr, flush=True)


class Judge:
    """A process that has loaded a contestant, and judges each table in a child of its own; see `judge.py`."""

    def __init__(self, contestant: Contestant) -> None:
        self._python = str(PYTHON) if contestant.name in PEERS else sys.executable
        self._arguments = [contestant.name, contestant.checkout]
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> "Judge":
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.communicate()

    def lines(self, table: Table, seeds: list[int]) -> Iterator[Line]:
        """Yield a line for each seed, once it is there; what a child that ended left open is an error."""
        process = self._process = self._process or self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        print(json.dumps([table.name, seeds]), file=process.stdin, flush=True)
        missing = set(seeds)
        for text in process.stdout:
            line: Line = json.loads(text)
            if "ended" in line:
                yield from ({"table": table.name, "seed": seed, "error": line["ended"]} for seed in sorted(missing))
                return
            missing.discard(line["seed"])
            yield line
        raise RuntimeError(f"the judge of {self._arguments[0]} ended")

    def _started(self) -> "subprocess.Popen[str]":
        threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        command = [self._python, "-m", "benchmarks.accuracy.judge", *self._arguments]
        environment = {**os.environ, **threads, "PYTHONPATH": str(ROOT)}
        return subprocess.Popen(
            command, env=environment, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
