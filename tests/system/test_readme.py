"""The README's session: pasted into a shell, it gives the answers that stand there."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import StartServer
from tests.support.pages import blocks, json_lines, matches, run

README = (Path(__file__).parents[2] / "README.md").read_text()
SESSION = README.partition("## A session with curl")[2].partition("\n## ")[0]


@pytest.mark.slow
def test_the_session_works_as_pasted(start_server: StartServer, tmp_path: Path) -> None:
    """Each command is answered as documented, numbers to the digits that are shown."""
    server = start_server()
    address = str(server.client.base_url).rstrip("/")
    documented = [json.loads(block) for block in blocks(SESSION, "json")]
    answers = [run(shell, address, tmp_path) for shell in blocks(SESSION, "sh")]

    trained, predicted = json_lines(answers[0])
    assert trained["status"] == "succeeded"
    assert matches(predicted, documented[0])

    (many,) = json_lines(answers[1])
    assert len(many["predictions"]) == len(many["intervals"]) == 2
    assert many["coverage"] == 0.8

    declared, table = answers[2].split("\n", 1)
    assert json.loads(declared)["model_name"] == "prices"
    assert table.splitlines()[0] == "width,height,price,price_predicted,price_lower,price_upper,extrapolated"
    assert len(table.splitlines()) == 6


@pytest.mark.slow
def test_the_client_and_the_commands_work_as_pasted(start_server: StartServer, tmp_path: Path) -> None:
    address = str(start_server().client.base_url).rstrip("/")
    section = README.partition("## From Python, and from the shell")[2].partition("\n## ")[0]
    (program,), (commands,) = blocks(section, "python"), blocks(section, "sh")
    (tmp_path / "table.csv").write_text("width,height,price\n1,2,5.1\n2,2,7.9\n3,1,8.2\n4,3,14.8\n2,5,13.1\n")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "SCORECAST_URL": address}

    for command in ([sys.executable, "-c", program.replace("http://127.0.0.1:8000", address)], ["sh", "-ec", commands]):
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    assert "2 (default)" in done.stdout
    assert "price_lower" in (tmp_path / "answers.csv").read_text()


def test_every_setting_is_in_the_table() -> None:
    """The table of settings names what the service reads, no more and no less."""
    from app.settings import Settings  # noqa: PLC0415 - the other tests of this file need no code

    documented = set(re.findall(r"^\| `SCORECAST_(\w+)` \|", README, re.MULTILINE))
    assert documented == {name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)]+)\)", README))
def test_links_lead_somewhere(link: str) -> None:
    """Each file that the README refers to is there."""
    assert (Path(__file__).parents[2] / link.partition("#")[0]).exists()
