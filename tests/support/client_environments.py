"""Clients of other servers, each in a virtual environment of its own: they need other versions of what the service needs.

What each needs is pinned in `tests/system/clients/requirements/`. The environments are under `.peers/clients/`, which git
ignores, and are built again only when that changes: by uv where there is one, else by pip.
"""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".peers" / "clients"
CLIENTS = ROOT / "tests" / "system" / "clients"
REQUIREMENTS, SCRIPTS = CLIENTS / "requirements", CLIENTS / "asking"

NAMES = tuple(sorted(path.stem for path in REQUIREMENTS.glob("*.txt")))
"""The clients that there are."""


def is_at_hand(name: str) -> bool:
    """Return whether there is a client's environment; it is built if it can be."""
    return not _build(name)


def run_client(name: str, *arguments: str, path: Path | None = None) -> str:
    """Run Python in a client's environment, whose programs are found; return what it writes. `path` has further modules."""
    assert not _build(name), _build(name)
    programs = _folder(name) / "bin"
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    found = {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(path or "")}
    command = [str(programs / "python"), *arguments]
    done = subprocess.run(command, env={**kept, **found}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def ask_by(name: str, script: str, *arguments: str, path: Path | None = None) -> Any:
    """Return what one of the scripts in `tests/system/clients/asking/` has been told."""
    return json.loads(run_client(name, str(SCRIPTS / f"{script}.py"), *arguments, path=path))


@cache
def _build(name: str) -> str:
    """Make a client's environment, unless there is one; return why that could not be done, or nothing."""
    folder, requirements = _folder(name), REQUIREMENTS / f"{name}.txt"
    stamp, wanted = folder / "installed.txt", f"{sys.version}\n{requirements.read_text()}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # other test processes wait
        if stamp.exists() and stamp.read_text() == wanted:
            return ""
        for command in _commands(folder, requirements):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                return done.stderr[-2000:] or f"{command[0]} failed"
        stamp.write_text(wanted)
    return ""


def _commands(folder: Path, requirements: Path) -> list[list[str]]:
    python = str(folder / "bin" / "python")
    if _has_uv():
        return [
            ["uv", "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)],
            ["uv", "pip", "install", "--quiet", "--python", python, "--requirement", str(requirements)],
        ]
    return [
        [sys.executable, "-m", "venv", "--clear", str(folder)],
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", str(requirements)],
    ]


def _has_uv() -> bool:
    """Whether uv can be run: what stands for it on the path may be of another Python, and fail."""
    return (
        shutil.which("uv") is not None
        and subprocess.run(["uv", "--version"], capture_output=True, check=False).returncode == 0
    )


def _folder(name: str) -> Path:
    return FOLDER / name
