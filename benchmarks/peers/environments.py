"""The peers' virtual environments, under `.peers/`, and their servers in them."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

from benchmarks.peers.table import PEERS, SCIKIT_LEARN, Peer
from benchmarks.processes import family, free_port, tell
from tests.support.waiting import until

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / ".peers"


def install(name: str) -> str:
    """Make an environment with a peer, unless there is one; return why that could not be done, or nothing."""
    folder, requirements = FOLDER / name, [*PEERS[name].requirements, SCIKIT_LEARN]
    stamp = folder / "installed.txt"
    if stamp.exists() and stamp.read_text().split() == requirements:
        return ""
    print(f"installing {' '.join(requirements)}", file=sys.stderr, flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
    pip = [str(folder / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run([*pip, *requirements], capture_output=True, text=True, check=False)
    if done.returncode:
        return next((line for line in done.stderr.splitlines() if line.startswith("ERROR")), "pip failed")
    stamp.write_text("\n".join(requirements))
    return ""


@contextmanager
def served(name: str) -> Iterator[tuple[int, str]]:
    """Serve by a peer; yield its process and the address that predicts, once it does."""
    port = free_port()
    command = [str(FOLDER / name / "bin/python"), "-m", f"benchmarks.peers.{name}_app", str(port)]
    with tempfile.TemporaryDirectory() as work, Path(work, "log").open("wb") as log:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(command, cwd=work, env=environment, stdout=log, stderr=log, start_new_session=True)
        try:
            until(lambda: _answers(port) or process.poll() is not None, f"{name} serves", 120)
            assert process.poll() is None, Path(work, "log").read_text()
            yield process.pid, f"http://127.0.0.1:{port}{PEERS[name].path}"
        finally:
            tell(list(family(process.pid)), signal.SIGKILL)
            process.wait()


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/")
        connection.getresponse().read()
    except OSError:
        return False
    return True


def versions(peer: Peer) -> str:
    """Return what a peer is, for the table."""
    return peer.requirements[0].replace("==", " ")
