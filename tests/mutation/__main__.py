"""Put one bug after the other into a copy of this checkout, and see the suite find it: `python -m tests.mutation [NAME ...]`.

A bug is found when the tests that are to find it fail within `MAX_SECONDS`; before that all of them must pass without it.
Servers that tests start run the copy, too: PYTHONPATH comes before what is installed.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.mutation.mutants import MUTANTS, ROOT, Mutant

MAX_SECONDS = 60
"""In which a bug must be found."""
FEW = 3
"""Files that are not worth a second process."""
FAILED = 1
"""The exit code of pytest when tests have failed; other codes say that it could not run them."""


def main(names: Sequence[str]) -> int:
    """Print what became of each bug; return how many were not found."""
    chosen = [each for each in MUTANTS if not names or each.name in names]
    missing = set(names) - {each.name for each in chosen}
    assert not missing, f"there is no such mutant: {missing}"
    for each in chosen:
        each.apply((ROOT / each.file).read_text())
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "checkout")
        _copy(copy)
        tests = dict.fromkeys(test for each in chosen for test in each.tests)
        code, seconds = _run_tests(copy, list(tests), MAX_SECONDS * len(tests))
        _tell(f"{'without any bug':80} {'passed' if code == 0 else f'exit code {code}'} {seconds:6.1f} s")
        return 1 if code else sum(not _is_found(copy, each, place) for place, each in enumerate(chosen, 1))


def _is_found(copy: Path, mutant: Mutant, place: int) -> bool:
    path = copy / mutant.file
    before = path.read_text()
    path.write_text(mutant.apply(before))
    os.utime(path, (place, place))  # so that no bytecode of another moment is taken for it
    code, seconds = _run_tests(copy, mutant.tests, MAX_SECONDS)
    path.write_text(before)
    _tell(f"{mutant.name:80} {'found' if code == FAILED else f'NOT FOUND ({code})'} {seconds:6.1f} s")
    return code == FAILED


def _run_tests(copy: Path, tests: Sequence[str], seconds: float) -> tuple[int | None, float]:
    """Return pytest's exit code, None if it took too long, and how long it took."""
    workers = ["-n", "2", "--dist", "loadfile"] if len(tests) > FEW else []
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *workers, *tests]
    began = time.monotonic()
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    with subprocess.Popen(
        command, cwd=copy, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            said, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)  # so that it ends the servers it has started
            process.wait(MAX_SECONDS)
            return None, time.monotonic() - began
    if process.returncode not in {0, FAILED}:
        _tell(said)
    return process.returncode, time.monotonic() - began


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _copy(folder: Path) -> None:
    """Copy what belongs to the checkout, whether or not it is committed."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
