"""The bill of materials, made as `make sbom` makes it, and the lock that it is made from."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements-core.lock"


def make_sbom(path: Path) -> Any:
    """Write the bill of materials to a path by the Makefile's own command, with what is installed here; return it."""
    installed = [f"--assume-old={sys.prefix}/{stamp}" for stamp in (".ready", ".core")]
    command = ["make", "--silent", *installed, "sbom", f"VENV={sys.prefix}", f"SBOM={path}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(path.read_text())


def read_lock() -> set[tuple[str, str]]:
    """Return the packages that are locked, with their versions; some have one for each version of Python."""
    return set(re.findall(r"^([\w.-]+)==([^ ;\\]+)", LOCK.read_text(), re.MULTILINE))


def find_components(bill: Any) -> set[tuple[str, str]]:
    """Return the components of a bill of materials, with their versions."""
    return {(component["name"], component["version"]) for component in bill["components"]}
