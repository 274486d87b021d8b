"""Requests that the document of the API leads to, sent to a real server by schemathesis, with all of its checks.

`make test` sends the same few each time, so that it fails for what has changed and for nothing else. `make fuzz` sends as many
as are asked for, others each time, and tells the seed that brings them again.
"""

import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import StartServer
from tests.support.tables import TABLE

ROOT = Path(__file__).parents[2]
CONFIGURATION = ROOT / "tests" / "support" / "fuzzing" / "schemathesis.toml"

CASES = int(os.environ.get("FUZZ_CASES") or 0)
"""How many requests there have to be at the least; 0: the few of every day."""
SEED = int(os.environ.get("FUZZ_SEED") or (random.SystemRandom().randrange(2**32) if CASES else 1785))

OTHERS = 2000
"""How many requests there are whatever is asked for: examples, and the limits of each value."""
A_NUMBER = 30
"""How many there are, at the least, for each one more that is asked for of an operation."""

SETTINGS = {"max_train_seconds": 1, "max_queued_jobs": 5, "keep_jobs": 50, "keep_versions": 5}
"""A training that is asked for by chance may be of any size; none takes long here."""


@pytest.mark.slow
@pytest.mark.timeout(600 + CASES)
def test_every_answer_is_as_documented(start_server: StartServer) -> None:
    server = start_server(**SETTINGS)
    server.train(TABLE)
    examples = max(10, (CASES - OTHERS) // A_NUMBER)
    command: list[str | Path] = [
        Path(sys.executable).with_name("schemathesis"),
        "--config-file",
        CONFIGURATION,
        "run",
        "--no-color",
    ]
    options = ["--max-examples", str(examples), "--seed", str(SEED), f"{server.client.base_url}/openapi.json"]

    done = subprocess.run(
        [*command, *options], env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )

    print(f"FUZZ_SEED={SEED}\n{done.stdout[-1000:]}")  # noqa: T201 - how many there were, for `make fuzz`
    assert done.returncode == 0, done.stdout + done.stderr
    found = re.search(r"(\d+) generated, (\d+) passed", done.stdout)
    assert found is not None, done.stdout
    assert int(found[1]) == int(found[2]) >= CASES
    assert "Traceback" not in server.log
