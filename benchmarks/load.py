"""Load on a server over HTTP, by wrk (Debian: apt-get install wrk): requests a second, and the time that they take."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

SCRIPT = """
local bodies, requests, turn = {BODIES}, {{}}, 0
wrk.headers["User-Agent"], wrk.headers["Accept"] = "curl/8.14.1", "*/*"
wrk.headers["Content-Type"] = "application/json"
{HEADERS}
function init()
  for place, body in ipairs(bodies) do requests[place] = wrk.format("POST", nil, nil, body) end
end
function request()
  turn = turn % #requests + 1
  return requests[turn]
end
"""
"""Sends one body after the other, with the headers that curl sends, and those that are added."""
MILLISECONDS = {"us": 1e-3, "ms": 1.0, "s": 1e3}
NO_MORE: Mapping[str, str] = {}
MISSING = "needs wrk: apt-get install wrk"


class Load(NamedTuple):
    """What a server has done."""

    rate: float
    """Requests a second."""
    p50: float
    """Half of the answers took at most so long, in milliseconds."""
    p99: float


def is_at_hand() -> bool:
    """Say whether there is a wrk; and how to get one."""
    found = shutil.which("wrk") is not None
    if not found:
        print(MISSING)
    return found


def posting(script: Path, bodies: Iterable[object], headers: Mapping[str, str] = NO_MORE) -> Path:
    """Write the script that posts these bodies, as JSON, in turns, with these headers."""
    # JSON between brackets of this level is text to Lua as it stands
    listed = ", ".join(f"[==[{json.dumps(body)}]==]" for body in bodies)
    added = "\n".join(f"wrk.headers[{json.dumps(name)}] = {json.dumps(value)}" for name, value in headers.items())
    script.write_text(SCRIPT.format(BODIES=f"{{{listed}}}", HEADERS=added))
    return script


def load(url: str, script: Path | None = None, connections: int = 16, seconds: float = 3) -> Load:
    """Ask a server as fast as it answers. Every answer has to be a success."""
    posts = ["-s", str(script)] if script else []
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", "--timeout", "30s", "--latency", *posts, url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in said, said
    assert "Socket errors" not in said, said
    return Load(
        _number(r"Requests/sec:\s+([\d.]+)()", said), *(_number(rf" {p}%\s+([\d.]+)(us|ms|s)", said) for p in (50, 99))
    )


def _number(pattern: str, said: str) -> float:
    found = re.search(pattern, said)
    assert found is not None, said
    return float(found[1]) * MILLISECONDS.get(found[2], 1.0)
