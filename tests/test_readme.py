"""The README's session: pasted into a shell, it gives the answers that stand there."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import StartServer

README = (Path(__file__).parent.parent / "README.md").read_text()
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
SESSION = README.partition("## A session with curl")[2].partition("\n## ")[0]


def test_the_session_works_as_pasted(start_server: StartServer, tmp_path: Path) -> None:
    """Each command is answered as documented, numbers to the digits that are shown."""
    server = start_server()
    address = str(server.client.base_url).rstrip("/")
    shells = [block.replace("http://127.0.0.1:8000", address) for kind, block in BLOCK.findall(SESSION) if kind == "sh"]
    documented = [json.loads(block) for kind, block in BLOCK.findall(SESSION) if kind == "json"]
    answers = [_run(shell, tmp_path) for shell in shells]

    trained, predicted = _jsons(answers[0])
    assert trained["status"] == "succeeded"
    assert _matches(predicted, documented[0])

    (many,) = _jsons(answers[1])
    assert len(many["predictions"]) == len(many["intervals"]) == 2
    assert many["coverage"] == 0.8

    declared, table = answers[2].split("\n", 1)
    assert json.loads(declared)["model_name"] == "prices"
    assert table.splitlines()[0] == "width,height,price,price_lower,price_upper,extrapolated"
    assert len(table.splitlines()) == 6


def test_every_setting_is_in_the_table() -> None:
    """The table of settings names what the service reads, no more and no less."""
    from app.settings import Settings  # noqa: PLC0415 - the other tests of this file need no code

    documented = set(re.findall(r"^\| `SCORECAST_(\w+)` \|", README, re.MULTILINE))
    assert documented == {name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)]+)\)", README))
def test_links_lead_somewhere(link: str) -> None:
    """Each file that the README refers to is there."""
    assert (Path(__file__).parent.parent / link).exists()


def _run(shell: str, folder: Path) -> str:
    # A curl in the session does not end its answer with a line break: a pasting person's terminal shows one.
    script = re.sub(r"^curl -s", "echo; curl -s", shell, flags=re.MULTILINE)
    done = subprocess.run(["bash", "-c", script], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _jsons(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines() if line]


def _matches(answer: Any, documented: Any) -> bool:
    if isinstance(documented, dict):
        return answer.keys() == documented.keys() and all(_matches(answer[name], documented[name]) for name in answer)
    if isinstance(documented, float):
        return bool(round(answer, 2) == documented)
    return bool(answer == documented)
