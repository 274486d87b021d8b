"""The unit for systemd: valid, with few rights, and with the numbers of the service."""

import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

from tests.support.deployed import DEPLOY
from tests.support.image_facts import GRACE_SECONDS, SPARE_SECONDS
from tests.support.needs import needs

UNIT = DEPLOY / "systemd" / "scorecast.service"
PROGRAM = "/opt/scorecast/bin/scorecast"
MAX_EXPOSURE = 15
"""In tenths: systemd's own measure, from 0 to 100, of what a service may do."""


def read_unit() -> ConfigParser:
    unit = ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read(UNIT)
    return unit


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The unit, for a program that is there."""
    text = UNIT.read_text()
    assert f"ExecStart={PROGRAM} serve\n" in text
    unit = tmp_path / UNIT.name
    unit.write_text(text.replace(PROGRAM, f"{sys.prefix}/bin/scorecast"))
    return unit


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, check=False)


@needs("systemd-analyze")
def test_it_is_valid(installed: Path) -> None:
    done = analyze("verify", str(installed))
    assert (done.returncode, done.stderr) == (0, "")


@needs("systemd-analyze")
def test_what_is_wrong_would_be_noticed(installed: Path) -> None:
    installed.write_text(installed.read_text().replace("ProtectHome=", "ProtectHouse="))
    assert "ProtectHouse" in analyze("verify", str(installed)).stderr


@needs("systemd-analyze")
def test_it_may_do_little(installed: Path) -> None:
    done = analyze("security", "--no-pager", "--offline=true", f"--threshold={MAX_EXPOSURE}", str(installed))
    assert done.returncode == 0, done.stdout


def test_it_is_given_the_time_to_stop_and_a_store_that_it_may_write_to() -> None:
    service = read_unit()["Service"]
    assert int(service["TimeoutStopSec"]) >= GRACE_SECONDS + SPARE_SECONDS
    assert f"SCORECAST_STORE=/var/lib/{service['StateDirectory']}" in service["Environment"].split()
    assert service["KillMode"] == "mixed"


def test_the_documentation_installs_it_as_it_expects() -> None:
    page = (DEPLOY.parent / "docs" / "deploying.md").read_text()
    service = read_unit()["Service"]
    assert "deploy/systemd/scorecast.service" in page
    assert f"useradd --system --home-dir /var/lib/scorecast --shell /usr/sbin/nologin {service['User']}" in page
    assert service["EnvironmentFile"].removeprefix("-") in page
    assert f"{Path(PROGRAM).parent}/pip" in page
