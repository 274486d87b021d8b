"""The documentation's pages, as a reader meets them who pastes their blocks into a shell."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

ADDRESS = "http://127.0.0.1:8000"
"""Where the pages say that the service is."""


def blocks(page: str, kind: str) -> list[str]:
    """Return a page's blocks of one kind, such as `sh` or `json`."""
    return re.findall(rf"```{kind}\n(.*?)```", page, re.DOTALL)


def run(shell: str, address: str, folder: Path) -> str:
    """Paste a block of commands into a shell that is in `folder`, for a service at `address`; return what it prints."""
    # A curl in the session does not end its answer with a line break: a pasting person's terminal shows one.
    script = re.sub(r"^curl -s", "echo; curl -s", shell.replace(ADDRESS, address), flags=re.MULTILINE)
    done = subprocess.run(["bash", "-c", script], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def json_lines(text: str) -> list[dict[str, Any]]:
    """Return the answers that were printed, one a line."""
    return [json.loads(line) for line in text.splitlines() if line]


def matches(answer: Any, documented: Any) -> bool:
    """Tell whether an answer is the documented one, numbers to two digits after the point."""
    if isinstance(documented, dict):
        return answer.keys() == documented.keys() and all(matches(answer[name], documented[name]) for name in answer)
    if isinstance(documented, list):
        return len(answer) == len(documented) and all(map(matches, answer, documented))
    if isinstance(documented, float):
        return bool(round(answer, 2) == documented)
    return bool(answer == documented)
