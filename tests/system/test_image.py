"""The container image: built, looked into, and run as carefully as anyone would run it."""

import json
import re
import socket
import sys
import threading
import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest

from tests.support.base_image import base_image, docker
from tests.support.bill_of_materials import find_components
from tests.support.containers import ROOT, Container, build_image, running, volumes
from tests.support.image_facts import VERSION
from tests.support.needs import needs
from tests.support.tables import QUESTION, TABLE
from tests.support.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), needs("docker", "base image")]

MEGABYTE = 1_000_000
TEXT_CSV = {"Content-Type": "text/csv"}
LOAD: dict[str, dict[str, Any]] = {
    "row": {"url": "/predict", "json": QUESTION},
    "table": {"url": "/predict", "content": "hours_studied,hours_slept\n" + "4,8\n" * 2000, "headers": TEXT_CSV},
    "training": {"url": "/train", "json": {"rows": TABLE}},
    "large table": {
        "url": "/predict",
        "content": "hours_studied,hours_slept\n" + "4,8.25\n" * 600_000,
        "headers": TEXT_CSV,
    },
}
ASK_AS_SAGEMAKER = """
import time
from urllib.request import Request, urlopen
for _ in range(300):
    try:
        assert urlopen("http://127.0.0.1:8080/ping").status == 200
        break
    except OSError:
        time.sleep(0.1)
print(urlopen(Request("http://127.0.0.1:8080/invocations", b"4,8\\n2,6\\n", {"Content-Type": "text/csv"})).read().decode())
"""


@pytest.fixture(scope="module")
def base() -> str:
    return base_image()


@pytest.fixture(scope="module")
def image(base: str) -> str:
    return build_image(base)


@pytest.fixture
def volume() -> Iterator[str]:
    with volumes() as name:
        yield name


@pytest.fixture(scope="module")
def service(image: str) -> Iterator[Container]:
    """A container for the tests that leave it running."""
    with volumes() as name, running(image, name) as container:
        yield container


def test_it_begins_within_two_seconds(image: str, volume: str) -> None:
    """By the clock, or by the processors' work, at the best of five starts: other tests use the processors, too."""
    assert any(find_start_seconds(image, volume) < 2 for _ in range(5))


def find_start_seconds(image: str, volume: str) -> float:
    with running(image, volume) as container:
        work = container.find_work_seconds()
        began = datetime.fromisoformat(container.state()["StartedAt"][:26] + "+00:00")
        lines = map(json.loads, container.logs().splitlines())
        (ready,) = (line for line in lines if "startup complete" in line["event"])
        return min(work, (datetime.fromisoformat(ready["time"]) - began).total_seconds())


def test_it_trains_and_predicts_with_a_read_only_root_and_no_privileges(service: Container) -> None:
    version = service.train()["model_version"]
    answer = service.predict()
    assert answer["model_version"] == version
    assert 0 <= answer["prediction"]["score"] <= 100
    assert service.run("id", "-u") != "0"
    status = service.run("cat", "/proc/1/status")
    assert "CapEff:\t0000000000000000" in status
    assert "NoNewPrivs:\t1" in status
    with pytest.raises(AssertionError, match="Read-only file system"):
        service.run("touch", "/tmp/here")  # noqa: S108


def test_it_has_the_page_with_its_scripts_and_styles(service: Container) -> None:
    page = service.http.get("/").raise_for_status().text

    for link in re.findall(r'(?:src|href)="(page/[^"]+)"', page):
        service.http.get(f"/{link}").raise_for_status()
    assert "page/script/main.js" in page


def test_nothing_but_the_store_is_in_the_volume(service: Container) -> None:
    service.train()
    known = {"store.json", "models", "jobs", "owners", "spool", "locks", "_reserve", "_staging"}
    assert set(service.run("ls", "-A", "/data").split()) <= known


def test_the_health_check_finds_it_healthy(service: Container) -> None:
    until(lambda: service.state()["Health"]["Status"] == "healthy", "the health check passes")


def test_stopped_it_ends_at_once_and_started_again_it_answers_the_same(image: str, volume: str) -> None:
    with running(image, volume) as container:
        container.train()
        container.train()
        before = container.predict()
        job = container.begin_long_training()
        began = time.monotonic()
        docker("stop", container.name)
        assert time.monotonic() - began < 5
        assert container.state()["ExitCode"] == 0
    with running(image, volume) as container:
        assert container.predict() == before
        until(lambda: container.http.get(job).json()["status"] == "running", "the training is begun anew")
        container.http.post(f"{job}/cancel").raise_for_status()
        assert container.train()["model_version"] == 3


def test_a_request_on_its_way_when_it_is_stopped_gets_its_answer(image: str, volume: str) -> None:
    body = json.dumps(QUESTION).encode()
    head = (
        f"POST /predict HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with running(image, volume, "--env=SCORECAST_ALLOWED_HOSTS=*") as container:
        container.train()
        address = container.http.base_url.host, container.http.base_url.port or 0
        with socket.create_connection(address, timeout=60) as connection:
            connection.sendall(head.encode() + body[:10])
            stopping = threading.Thread(target=docker, args=("stop", container.name))
            stopping.start()
            until(lambda: not _connects(address), "it takes no more connections")
            connection.sendall(body[10:])
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        stopping.join()
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert container.state()["ExitCode"] == 0


def test_killed_in_a_training_it_loses_no_version_and_the_job_is_told_as_failed(image: str, volume: str) -> None:
    with running(image, volume) as container:
        container.train()
        before = container.predict()
        job = container.begin_long_training()
        docker("kill", container.name)
    with running(image, volume) as container:
        assert container.predict() == before
        # The new container cannot see the old one's processes: it waits for a sign of life that does not come.
        until(lambda: container.http.get(job).json()["status"] == "failed", "the job is document as failed")
        assert container.train()["model_version"] == 2


def test_256_mb_are_enough_under_load(image: str, volume: str) -> None:
    """Tables that do not fit beside the others are refused; rows, and what comes after, are answered."""
    seen: Counter[tuple[str, int]] = Counter()
    with running(image, volume, "--memory=256m", "--memory-swap=256m") as container:
        container.train()

        def ask(kind: str) -> None:
            seen[kind, container.http.post(**LOAD[kind]).status_code] += 1

        with ThreadPoolExecutor(12) as threads:
            list(threads.map(ask, ["row", "large table", "row", "table", "row", "training"] * 4))
        container.predict()
        container.train()
        assert container.find_killed() == 0
    assert seen["row", 200] == 12, seen
    assert all(seen[kind, 200] for kind in ("table", "training")), seen
    assert {status for _, status in seen} <= {200, 503}, seen


def test_it_answers_as_sagemaker_starts_it_over_models_that_cannot_be_written_to(image: str) -> None:
    models = ROOT / "tests" / "data" / "store-0.1" / "store"
    settings = ("SCORECAST_STORE=/opt/ml/model", "SCORECAST_PORT=8080", "SCORECAST_ALLOW_ANONYMOUS=true")
    options = [
        "--detach",
        "--network=none",
        f"--volume={models}:/opt/ml/model:ro",
        *(f"--env={each}" for each in settings),
    ]
    name = docker("run", *options, image, "serve")
    try:
        answer = docker("exec", name, "python3", "-c", ASK_AS_SAGEMAKER)
        assert len(json.loads(answer)["predictions"]) == 2
    finally:
        docker("rm", "--force", name)


def test_it_holds_no_installer_no_compiler_and_no_tests(image: str) -> None:
    commands = "pip pip3 gcc cc make pytest"
    script = f"for each in {commands}; do command -v $each; done; python3 -m pip --version 2>/dev/null; true"
    assert not _in_image(image, script)
    assert not _in_image(image, "find /opt/scorecast -name tests -o -name pip")


def test_it_is_small(image: str, base: str, capsys: pytest.CaptureFixture[str]) -> None:
    whole, below = (_size(each) / MEGABYTE for each in (image, base))
    with capsys.disabled():
        sys.stdout.write(f"\nthe image: {whole:.0f} MB, {whole - below:.0f} of them over its base\n")
    assert whole <= 260
    assert whole - below < 110


def test_labels_say_what_it_is(image: str, base: str) -> None:
    labels = json.loads(docker("image", "inspect", "--format={{json .Config.Labels}}", image))
    said = {name.removeprefix("org.opencontainers.image."): text for name, text in labels.items()}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert (said["title"], said["description"]) == ("Scorecast", project["description"])
    assert (said["version"], said["licenses"]) == (project["version"], project["license"])
    assert said["base.name"] == base
    assert re.fullmatch("[0-9a-f]{40}|unknown", said["revision"])


def test_its_bill_of_materials_lists_what_is_installed(image: str) -> None:
    listed = find_components(json.loads(_in_image(image, "cat /opt/scorecast/scorecast.cdx.json")))
    folders = _in_image(
        image, "basename -a -s .dist-info /opt/scorecast/lib/python3*/site-packages/*.dist-info"
    ).split()
    installed = {
        (name.replace("_", "-").lower(), version) for name, _, version in (each.partition("-") for each in folders)
    }
    assert installed - {("scorecast", VERSION)} <= {(name.replace(".", "-"), version) for name, version in listed}
    assert {name for name, _ in listed} == {name for name, _ in installed} - {"scorecast"}


def _connects(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address, timeout=0.2).close()
    except OSError:
        return False
    return True


def _in_image(image: str, script: str) -> str:
    return docker("run", "--rm", "--network=none", "--entrypoint=sh", image, "-c", script)


def _size(image: str) -> int:
    return int(docker("image", "inspect", "--format={{.Size}}", image))
