"""The page on exports: its program runs as it stands, in onnxruntime, and answers what the service answers."""

import subprocess
import sys
from pathlib import Path

from tests.conftest import StartServer
from tests.support.pages import ADDRESS, blocks
from tests.support.tables import TABLE

PAGE = (Path(__file__).parents[2] / "docs" / "export.md").read_text()


def test_the_program_works_as_pasted(start_server: StartServer) -> None:
    server = start_server()
    assert server.train(TABLE).status_code == 200
    (program,) = blocks(PAGE, "python")
    address = str(server.client.base_url).rstrip("/")

    done = subprocess.run(
        [sys.executable, "-c", program.replace(ADDRESS, address)], capture_output=True, text=True, check=True
    )

    rows = [{"hours_studied": 4.0, "hours_slept": 8.0}, {"hours_studied": 2.0, "hours_slept": 6.0}]
    answered = server.client.post("/predict", json={"rows": rows, "coverage": 0.9}).json()
    said = [float(text) for text in done.stdout.replace("[", " ").replace("]", " ").split()]
    expected = [row["score"] for row in answered["predictions"]]
    expected += [row["score"][side] for side in ("lower", "upper") for row in answered["intervals"]]
    assert all(abs(one - other) < 1e-6 for one, other in zip(said, expected, strict=True))
