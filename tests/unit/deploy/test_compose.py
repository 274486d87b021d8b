"""The first look with Prometheus and Grafana: valid, for this machine alone, and with the paths and numbers of the image."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml  # type: ignore[import-untyped]  # it is there with what validates OpenAPI

from app.settings import Settings
from tests.support.deployed import DASHBOARD, DEPLOY
from tests.support.image_facts import GRACE_SECONDS, PORT, ROOT, SPARE_SECONDS, STORE, VERSION
from tests.support.metrics import promtool
from tests.support.needs import needs

FOLDER = DEPLOY / "compose"
COMPOSE: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SCHEMA = json.loads((ROOT / "tests" / "data" / "compose-spec.json").read_text())


def mounts(service: str) -> dict[str, str]:
    """Return what is mounted, by where: files by their paths, volumes by their names."""
    parts = (volume.split(":") for volume in SERVICES[service]["volumes"])
    return {target: source for source, target, *_ in parts}


def test_it_is_valid() -> None:
    jsonschema.Draft7Validator(SCHEMA).validate(COMPOSE)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(SCHEMA).validate({**COMPOSE, "service": {}})


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_is_pinned_without_privileges_and_for_this_machine_alone(name: str) -> None:
    service = SERVICES[name]
    assert re.fullmatch(r"[a-z/]+:v?\d+\.\d+\.\d+", service["image"])
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    for source in mounts(name).values():
        assert (FOLDER / source).is_file() if source.startswith(".") else source in COMPOSE["volumes"]


def test_scorecast_runs_as_its_image_is_made_to(monkeypatch: pytest.MonkeyPatch) -> None:
    service = SERVICES["scorecast"]
    assert service["image"] == f"scorecast:{VERSION}"
    assert (FOLDER / service["build"]["context"]).resolve() == ROOT
    assert list(mounts("scorecast")) == [STORE]
    assert service["ports"] == [f"127.0.0.1:{PORT}:{PORT}"]
    assert service["read_only"] is True
    assert int(service["stop_grace_period"].removesuffix("s")) >= GRACE_SECONDS + SPARE_SECONDS
    for setting, value in service["environment"].items():
        assert setting.removeprefix("SCORECAST_").lower() in Settings.model_fields
        monkeypatch.setenv(setting, value)
    assert "scorecast" in Settings().hosts  # as Prometheus calls it
    assert Settings().allow_anonymous


@needs("promtool")
def test_prometheus_finds_the_service_and_its_rules(tmp_path: Path) -> None:
    for target, source in mounts("prometheus").items():
        if source.startswith("."):
            shutil.copy(FOLDER / source, tmp_path / Path(target).name)
            assert Path(target).parent == Path("/etc/prometheus")
    assert not promtool(["check", "config", str(tmp_path / "prometheus.yml")])

    config = yaml.safe_load((tmp_path / "prometheus.yml").read_text())
    (job,) = config["scrape_configs"]
    assert job["job_name"] == "scorecast"  # as rules and dashboard call it
    assert job["static_configs"] == [{"targets": [f"scorecast:{PORT}"]}]
    assert config["rule_files"] == ["scorecast.rules.yml"]


def test_grafana_finds_prometheus_and_the_dashboard() -> None:
    mounted = mounts("grafana")
    provisioned = {
        Path(target).parent.name: yaml.safe_load((FOLDER / source).read_text())
        for target, source in mounted.items()
        if target.startswith("/etc/grafana/provisioning/")
    }
    (source,) = provisioned["datasources"]["datasources"]
    (provider,) = provisioned["dashboards"]["providers"]
    home = SERVICES["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]

    assert (source["type"], source["isDefault"]) == ("prometheus", True)
    assert source["url"] == "http://prometheus:9090"
    assert SERVICES["prometheus"]["ports"] == ["127.0.0.1:9090:9090"]
    assert Path(home).parent == Path(provider["options"]["path"])
    assert json.loads((FOLDER / mounted[home]).read_text()) == DASHBOARD
