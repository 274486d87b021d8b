"""What waits in the queue, when something goes wrong: damaged files, a store that vanishes, many restarts, patient clients."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.support.memory import reset_peak_memory
from tests.support.server import Answer, Server, running
from tests.support.tables import TABLE
from tests.support.waiting import until

ENDLESS = {"name": "gradient_descent", "max_epochs": 10_000_000}
SHORT = {"name": "gradient_descent", "max_epochs": 10}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running(tmp_path) as server:
        yield server


def submit(server: Server, trainer: dict[str, object]) -> str:
    job_id: str = server.train(TABLE, "respond-async", trainer=trainer).json()["job_id"]
    return job_id


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def empty(_: bytes) -> bytes:
    return b""


def with_another_number(data: bytes) -> bytes:
    """The last byte is of the table's last number."""
    return data[:-1] + bytes([data[-1] ^ 1])


@pytest.mark.slow
@pytest.mark.parametrize("damage", [cut, empty, with_another_number])
def test_a_damaged_task_fails_its_own_job_and_says_so(server: Server, damage: Callable[[bytes], bytes]) -> None:
    endless = server.begin_training(TABLE, trainer=ENDLESS)
    before, damaged, after = (submit(server, SHORT) for _ in range(3))
    server.kill()
    spooled = server.store / "spool" / damaged
    spooled.write_bytes(damage(spooled.read_bytes()))
    server.start()

    for job_id in (before, after):
        server.wait_for(job_id, "succeeded")
    error = server.wait_for(damaged, "failed")["error"]
    assert error["status"] == 503
    assert "the request's table in the store is damaged: send it again" in error["detail"]
    assert server.wait_for(endless, "failed")


@pytest.mark.slow
def test_a_damaged_record_of_one_job_keeps_no_other_from_being_taken_over(server: Server) -> None:
    server.begin_training(TABLE, trainer=ENDLESS)
    damaged, after = (submit(server, SHORT) for _ in range(2))
    server.kill()
    record = server.store / f"jobs/{damaged}/submitted.json"
    record.write_text(json.dumps({**json.loads(record.read_text()), "table_bytes": "many", "client": 7}))
    server.start()

    server.wait_for(after, "succeeded")
    until(lambda: server.client.get(f"/jobs/{damaged}").json()["status"] in {"succeeded", "failed"}, "it has ended")
    server.wait_for(submit(server, SHORT), "succeeded")


@pytest.mark.slow
def test_what_waits_goes_on_waiting_while_the_store_is_not_there(server: Server) -> None:
    endless = server.begin_training(TABLE, trainer=ENDLESS)
    waiting = [submit(server, SHORT) for _ in range(3)]
    elsewhere = server.store.with_name("elsewhere")
    server.store.rename(elsewhere)
    until(lambda: "ended without a result" in server.log, "the training that ran notices")
    elsewhere.rename(server.store)

    for job_id in waiting:
        server.wait_for(job_id, "succeeded")
    assert server.wait_for(endless, "failed")


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_what_waits_survives_any_number_of_restarts(server: Server) -> None:
    ran = [submit(server, ENDLESS) for _ in range(6)]
    waiting = submit(server, SHORT)
    for each in ran:
        server.wait_for(each, "running")
        server.kill()
        server.start()

    server.wait_for(waiting, "succeeded")
    for each in ran:
        server.wait_for(each, "failed")


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_client_that_waits_for_its_training_holds_neither_body_nor_table(server: Server) -> None:
    rows = "\n".join(f"{row}.25,{row % 7}.5,{row % 11}.5,{row % 13}.5,{row % 17}.5" for row in range(60_000))
    table = f"a,b,c,d,y\n{rows}\n".encode()
    url = f"{server.client.base_url}/models/large/train?targets=y&hidden_layers=1&trainer=gradient_descent&max_epochs=1"
    headers = {"Content-Type": "text/csv", "Prefer": "wait=600"}

    def send() -> Answer:
        return httpx.post(url, content=table, headers=headers, timeout=600, trust_env=False)

    def submitted() -> int:
        return len(list((server.store / "spool").iterdir()))

    endless = server.begin_training(TABLE, trainer=ENDLESS)
    with ThreadPoolExecutor(11) as clients:
        answers = []
        for number in range(11):
            if number == 3:
                before = reset_peak_memory(server.process.pid)
            answers.append(clients.submit(send))
            until(lambda so_far=number: submitted() == so_far + 2, "it waits")  # type: ignore[misc]
        after = reset_peak_memory(server.process.pid)
        server.client.post(f"/jobs/{endless}/cancel")
        assert [answer.result().status_code for answer in answers] == [200] * 11

    assert after - before < 12, f"eight requests of 4 MB, with their tables, took {after - before:.0f} MiB"
