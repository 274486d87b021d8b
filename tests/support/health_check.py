"""The health check of the image, run without a container."""

import json
import re
import subprocess
import sys
from pathlib import Path

DOCKERFILE = Path(__file__).parents[2] / "Dockerfile"


def check_health(**environment: str) -> int:
    """Return the exit code of the image's health check where its variables are these."""
    found = re.search(r"HEALTHCHECK.*\n *CMD (\[.*\])\n", DOCKERFILE.read_text())
    assert found
    arguments = json.loads(found[1])[1:]
    done = subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, check=False, timeout=30)
    return done.returncode
