"""The README's session: pasted into a shell, it gives the answers that stand there."""

import json
import re
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


def test_every_setting_is_in_the_table() -> None:
    """The table of settings names what the service reads, no more and no less."""
    from app.settings import Settings  # noqa: PLC0415 - the other tests of this file need no code

    documented = set(re.findall(r"^\| `SCORECAST_(\w+)` \|", README, re.MULTILINE))
    assert documented == {name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)]+)\)", README))
def test_links_lead_somewhere(link: str) -> None:
    """Each file that the README refers to is there."""
    assert (Path(__file__).parents[2] / link).exists()
