"""A training costs the answers beside it little: p99 of /livez and /predict, idle and while a training runs.

Load comes from wrk (Debian: apt-get install wrk), 16 connections, in alternating rounds on one server.
"""

import re
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path

from tests.server import Server, running
from tests.tables import TABLE

ROUNDS = 3
SECONDS = 4
SCRIPT = """
wrk.method = "POST"
wrk.body = '{"hours_studied": 2, "hours_slept": 8}'
wrk.headers["Content-Type"] = "application/json"
"""
LONG = {"name": "gradient_descent", "max_epochs": 10_000_000}
UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3}


def main() -> None:
    """Print the medians over the rounds, and their ratios."""
    if shutil.which("wrk") is None:
        print("needs wrk: apt-get install wrk")
        return
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as server:
        script = Path(folder, "predict.lua")
        script.write_text(SCRIPT)
        server.train(TABLE).raise_for_status()
        for path, arguments in (("/livez", []), ("/predict", ["-s", str(script)])):
            _compare(server, path, arguments)


def _compare(server: Server, path: str, arguments: list[str]) -> None:
    idle, busy = [], []
    _load(server, path, arguments)
    for _ in range(ROUNDS):
        idle.append(_load(server, path, arguments))
        job = server.begin_training(TABLE, trainer=LONG)
        busy.append(_load(server, path, arguments))
        server.client.post(f"/jobs/{job}/cancel").raise_for_status()
        server.wait_for(job, "cancelled")
    for name, column in (("requests a second", 0), ("p99, ms", 1)):
        before, after = (statistics.median(each[column] for each in rounds) for rounds in (idle, busy))
        print(f"{path:9} {name:18} idle {before:9.2f}   while training {after:9.2f}   ratio {after / before:5.2f}")


def _load(server: Server, path: str, arguments: list[str]) -> tuple[float, float]:
    """Return requests a second, and p99 in milliseconds."""
    url = str(server.client.base_url).rstrip("/") + path
    command = ["wrk", "-t1", "-c16", f"-d{SECONDS}s", "--latency", *arguments, url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in said, said
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    tail = re.search(r"99%\s+([\d.]+)(us|ms|s)", said)
    assert rate is not None, said
    assert tail is not None, said
    return float(rate[1]), float(tail[1]) * UNITS[tail[2]]


if __name__ == "__main__":
    main()
