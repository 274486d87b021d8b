"""On a disk that is full, or has turned read-only, the service says so clearly, serves on, and recovers by itself."""

import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import StartServer
from tests.support.disks import fill, small_disk
from tests.support.server import Answer, Server
from tests.support.tables import QUESTION, TABLE
from tests.support.waiting import until

pytestmark = pytest.mark.slow  # all of them together

KIBIBYTES = 1024
SHORT = {"name": "gradient_descent", "max_epochs": 1}
EXAM = {"features": [{"name": "hours_studied"}, {"name": "hours_slept"}], "targets": [{"name": "score"}]}
ENDLESS = {"name": "gradient_descent", "max_epochs": 10_000_000}


def _empty(disk: Path) -> None:
    (disk / "ballast").unlink()


def _remount(disk: Path, access: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{access}", disk], check=True)


@dataclass(frozen=True)
class Fault:
    """What befalls a disk, how that ends, and what is answered meanwhile."""

    begin: Callable[[Path], None]
    end: Callable[[Path], None]
    status: int
    words: str


FAULTS = {
    "full": Fault(fill, _empty, 507, "No space left"),
    "read-only": Fault(lambda disk: _remount(disk, "ro"), lambda disk: _remount(disk, "rw"), 503, "Read-only"),
}


@pytest.fixture(params=FAULTS)
def fault(request: pytest.FixtureRequest) -> Fault:
    """Each of the faults."""
    return FAULTS[request.param]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk."""
    with small_disk(tmp_path / "disk", KIBIBYTES) as disk:
        yield disk


@pytest.fixture
def server(start_server: StartServer, disk: Path) -> Server:
    """A server over the small disk, trained once."""
    server = start_server(store=disk / "store")
    assert server.train(TABLE, trainer=SHORT).status_code == 200
    return server


def predict(server: Server) -> Answer:
    """Ask what the tutorial asks."""
    return server.client.post("/predict", json=QUESTION)


def is_told(answer: Answer, fault: Fault) -> None:
    """Check that an answer says what is the matter."""
    assert answer.status_code == fault.status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert fault.words in answer.json()["detail"]


def test_a_training_is_refused_and_the_old_version_serves_on_until_the_fault_is_gone(
    server: Server, disk: Path, fault: Fault
) -> None:
    before = predict(server).content

    fault.begin(disk)
    for prefer in ("", "respond-async"):
        is_told(server.train(TABLE, prefer, trainer=SHORT), fault)
    assert predict(server).content == before
    assert server.client.get("/readyz").status_code == 200
    assert server.client.get("/jobs").status_code == 200
    assert len(server.client.get("/models/exam-score/versions").json()["versions"]) == 1

    fault.end(disk)
    trains_again(server)
    assert predict(server).json()["model_version"] == 2


def test_a_version_that_finds_no_room_leaves_nothing_of_itself(server: Server, disk: Path) -> None:
    fill(disk)
    with (disk / "ballast").open("r+b") as ballast:  # room for a job's records, not for what is to come
        ballast.truncate(ballast.seek(0, os.SEEK_END) - 32 * 1024)

    is_told(server.train(TABLE * 2000, trainer=SHORT), FAULTS["full"])

    assert len(list((disk / "store/models/exam-score/checkpoints").iterdir())) == 1
    assert len({path.stem for path in (disk / "store/models/exam-score/tables").iterdir()}) == 1
    assert list((disk / "store/_staging").iterdir()) == []
    _empty(disk)
    trains_again(server)


def test_changes_of_models_and_cancels_are_refused_alike(server: Server, disk: Path, fault: Fault) -> None:
    declaration = {"features": [{"name": "x"}], "targets": [{"name": "y"}]}
    assert server.train(TABLE, trainer=SHORT).status_code == 200
    job_id = server.begin_training(TABLE, trainer=ENDLESS)

    fault.begin(disk)
    is_told(server.client.put("/models/other", json=declaration), fault)
    is_told(server.client.put("/models/exam-score/default-version", json={"model_version": 1}), fault)
    if fault.status == 503:  # from a full disk models can be removed, see below
        is_told(server.client.delete("/models/exam-score/versions/1"), fault)
        is_told(server.client.delete("/models/exam-score"), fault)
    # The job cannot note its progress any more, and fails of it.
    ended = until(lambda: _finished(server, job_id), "the job has ended")
    assert (ended["status"], ended["error"]["status"]) == ("failed", fault.status)

    fault.end(disk)
    assert server.client.put("/models/other", json=declaration).status_code == 200


def test_room_is_made_on_a_full_disk_by_removing_models_and_versions_again_and_again(
    server: Server, disk: Path
) -> None:
    client = server.client
    for number in range(3):
        assert server.train(TABLE, trainer=SHORT).status_code == 200
        fill(disk)
        is_told(server.train(TABLE, trainer=SHORT), FAULTS["full"])
        default = client.get("/models/exam-score").json()["default_version"]
        assert client.delete(f"/models/exam-score/versions/{default - 1}").status_code == 204
        if number == 1:
            assert client.delete("/models/exam-score").status_code == 204
            assert client.get("/models/exam-score").status_code == 404
            _empty(disk)
            assert client.put("/models/exam-score", json=EXAM).status_code == 200
            assert server.train(TABLE, trainer=SHORT).json()["model_version"] == default + 1
        else:
            _empty(disk)
    assert (disk / "store/_reserve").stat().st_size == 64 * KIBIBYTES


def test_a_training_that_the_fault_befalls_is_failed_for_good(server: Server, disk: Path, fault: Fault) -> None:
    job_id = server.begin_training(TABLE, trainer=ENDLESS)

    fault.begin(disk)
    document = until(lambda: _finished(server, job_id), "the job has ended")
    assert fault.words in document["error"]["detail"]

    fault.end(disk)
    kept = server.wait_for(job_id, "failed")
    server.restart()
    assert server.wait_for(job_id, "failed") == kept
    trains_again(server)


def test_how_a_training_ended_is_known_to_others_once_it_can_be_written_down(
    server: Server, start_server: StartServer, disk: Path, fault: Fault
) -> None:
    other = start_server(store=disk / "store")
    job_id = server.begin_training(TABLE, trainer=ENDLESS)

    fault.begin(disk)
    until(lambda: _finished(server, job_id), "the job has ended")

    fault.end(disk)
    assert other.wait_for(job_id, "failed")["error"]["status"] == fault.status


def test_a_server_that_starts_meanwhile_serves_what_is_there(server: Server, disk: Path, fault: Fault) -> None:
    before = predict(server).content

    fault.begin(disk)
    server.kill()
    server.start()
    assert server.client.get("/readyz").status_code == 200
    assert predict(server).content == before
    is_told(server.train(TABLE, trainer=SHORT), fault)

    fault.end(disk)
    trains_again(server)


def test_a_server_stops_as_asked_whatever_the_disk_does(server: Server, disk: Path, fault: Fault) -> None:
    job_id = server.begin_training(TABLE, trainer=ENDLESS)

    fault.begin(disk)
    assert server.stop() in {0, -15}  # it has ended in an orderly way

    fault.end(disk)
    server.start()
    server.wait_for(job_id, "failed")


def _finished(server: Server, job_id: str) -> dict[str, Any] | None:
    job: dict[str, Any] = server.client.get(f"/jobs/{job_id}").json()
    return job if job["finished"] else None


def trains_again(server: Server) -> None:
    """Check that a training makes the second version."""
    answer = server.train(TABLE, trainer=SHORT)
    assert answer.status_code == 200, answer.text
    assert answer.json()["model_version"] == 2
