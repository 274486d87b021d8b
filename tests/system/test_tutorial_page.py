"""The tutorial's page: pasted into a shell from top to bottom, it gives the numbers that stand there."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import StartServer
from tests.support.pages import blocks, json_lines, matches, run
from tests.support.server import Server

FILE = Path(__file__).parents[2] / "docs" / "tutorial.md"
PAGE = FILE.read_text()


class Reader:
    """Somebody who pastes the page's commands one block after another, and waits for trainings to end."""

    def __init__(self, server: Server, folder: Path) -> None:
        self._server = server
        self._folder = folder
        self._address = str(server.client.base_url).rstrip("/")
        self._shells = iter(blocks(PAGE, "sh"))

    def paste(self) -> str:
        """Paste the next block; return what it prints."""
        return run(next(self._shells), self._address, self._folder)

    def train(self, trained: dict[str, Any]) -> dict[str, Any]:
        """Return the report of a training that a block has begun."""
        version = self._server.wait_for(trained["job_id"], "succeeded")["model_version"]
        report: dict[str, Any] = self._server.client.get(f"/models/exam-score/versions/{version}").json()["report"]
        return report


@pytest.mark.slow
def test_the_page_works_as_pasted(start_server: StartServer, tmp_path: Path) -> None:
    """Trainings end as document; answers are those shown, to two digits; the weights to ten; the script says what it says."""
    reader = Reader(start_server(), tmp_path)
    taught, asked, default = (json.loads(block) for block in blocks(PAGE, "json"))

    first = reader.train(*json_lines(reader.paste()))
    assert first["epochs"] == 100_000
    assert f"| {first['loss']:.3e} |" in PAGE
    assert f"| {first['scores']['score']['rmse']:.3e} |" in PAGE
    (taught_answer,), (asked_answer,) = json_lines(reader.paste()), json_lines(reader.paste())
    assert matches(taught_answer, taught)
    assert matches(asked_answer, asked)

    (shown,) = blocks(PAGE, "text")
    np.testing.assert_allclose(np.array(reader.paste().split(), float), np.array(shown.split(), float), rtol=1e-10)
    script = blocks(PAGE, "python")[1]
    said = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    assert said.startswith(re.findall(r"# (\d+\.\d+)\.\.\.", script)[0])

    steps = dict(reader.train(*json_lines(reader.paste()))["learning_curve"])
    assert f"falls from {steps[0]:.2f} to {steps[6]:.1e} in 6 steps" in PAGE
    assert steps[7] < 1.94e-18

    trained, answered = json_lines(reader.paste())
    assert reader.train(trained)["epochs"] == pytest.approx(138, abs=30)
    assert matches(answered, default)


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)]+)\)", PAGE))
def test_links_lead_somewhere(link: str) -> None:
    """Each file that the page refers to is there."""
    assert (FILE.parent / link).exists()
