"""Files in the store that are not as the service wrote them: no request about jobs is answered 500 for them."""

import os
import signal
from pathlib import Path

import pytest

from tests.conftest import StartServer
from tests.support.logs import events
from tests.support.tables import TABLE

SHORT = {"name": "gradient_descent", "max_epochs": 1}


@pytest.mark.slow
def test_strange_names_do_not_stand_in_the_way_of_requests(start_server: StartServer) -> None:
    server = start_server(keep_jobs=1)
    server.train(TABLE, trainer=SHORT)
    for folder in ("jobs", "claims", "owners", "models"):
        Path(server.store, folder).mkdir(exist_ok=True)
        for name in (b".DS_Store", b".nfs001", b"notes.txt", b"\xff\n"):
            Path(os.fsdecode(os.fsencode(server.store / folder) + b"/" + name)).write_bytes(b"")

    for _ in range(3):
        assert server.train(TABLE, trainer=SHORT).status_code == 200
    for path in ("/jobs", "/models", "/models/exam-score/versions", "/readyz"):
        assert server.client.get(path).status_code == 200
    server.restart()
    assert server.client.get("/jobs").status_code == 200
    assert server.log.count("'jobs/.DS_Store' in the store is passed over") == 1
    assert not any("exception" in event for event in events(server))


@pytest.mark.slow
def test_damaged_records_of_jobs_do_not_stand_in_the_way_of_requests(start_server: StartServer) -> None:
    server = start_server()
    headers = {"Idempotency-Key": "k"}
    body = {"rows": TABLE, "trainer": SHORT}
    first = server.client.post("/train", json=body, headers=headers).json()
    (claim,) = (server.store / "claims").iterdir()
    claim.write_bytes(b"")

    again = server.client.post("/train", json=body, headers=headers)
    assert (again.status_code, again.json()["model_version"]) == (200, 2)
    assert server.client.post("/train", json=body, headers=headers).json() == again.json()
    ended = server.store / "jobs" / first["job_id"] / "finished.json"
    ended.write_text(ended.read_text().replace("succeeded", "exploded"))
    assert server.client.get("/jobs").status_code == 200
    assert server.client.get(f"/jobs/{first['job_id']}").json()["error"]["status"] == 503
    assert not any("exception" in event for event in events(server))


@pytest.mark.slow
def test_a_training_that_was_interrupted_is_carried_out_when_it_is_sent_again(start_server: StartServer) -> None:
    server = start_server()
    body = {"rows": TABLE, "trainer": SHORT | {"max_epochs": 100_000}}
    headers = {"Idempotency-Key": "k", "Prefer": "respond-async"}
    first = server.client.post("/train", json=body, headers=headers).json()["job_id"]
    server.wait_for(first, "running")  # one that waits would be taken over
    server.signal_group(signal.SIGKILL)
    server.kill()
    server.start()

    again = server.client.post("/train", json=body, headers=headers | {"Prefer": "wait=60"})

    assert again.status_code == 200, again.text
    assert again.json()["job_id"] != first
    assert server.client.post("/train", json=body, headers=headers).json() == again.json()
    assert server.client.get(f"/jobs/{first}").json()["status"] == "failed"
