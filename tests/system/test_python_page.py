"""The page on Python: its blocks, one after the other, are a program that works."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import StartServer
from tests.support.pages import blocks

PAGE = (Path(__file__).parents[2] / "docs" / "python.md").read_text()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_blocks_are_a_program_that_works(start_server: StartServer, tmp_path: Path) -> None:
    server = start_server()
    environment = {**os.environ, "SCORECAST_URL": str(server.client.base_url)}

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "\n".join(blocks(PAGE, "python"))],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "succeeded" in done.stdout
    assert "rent_lower" in done.stdout
    assert "area district" in done.stdout
    assert "rents 3 ['rent', 'rent_lower', 'rent_upper', 'extrapolated']" in done.stdout
    assert [each["name"] for each in server.client.get("/models").json()["models"]] == ["exam-score"]
