"""Whatever the service is busy with, others are answered meanwhile.

Answers are counted, or pauses compared with the whole; nothing has to happen within so many milliseconds.
"""

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import httpx
import pytest

from tests.support.forms import XLSX, as_xlsx
from tests.support.server import Answer, Server
from tests.support.tables import QUESTION, TABLE

JSON = {"Content-Type": "application/json"}
LONG = {"name": "gradient_descent", "max_epochs": 100_000}
ENOUGH = 50
"""Answers, while something runs that takes a second or more."""


def status(server: Server, job_id: str) -> str:
    found: str = server.client.get(f"/jobs/{job_id}").json()["status"]
    return found


@pytest.mark.slow
def test_probes_and_predictions_are_answered_while_a_long_training_runs(server: Server) -> None:
    job_id = server.begin_training(TABLE, trainer=LONG)

    answered = 0
    while status(server, job_id) == "running" and answered < ENOUGH:
        assert server.client.get("/livez").status_code == 200
        assert server.client.post("/predict", json=QUESTION).status_code == 200
        answered += 1
    still = status(server, job_id)
    server.client.post(f"/jobs/{job_id}/cancel")

    assert (answered, still) == (ENOUGH, "running")


def answers_while(server: Server, request: Callable[[], Answer]) -> tuple[Answer, list[float]]:
    """Send a request, and return how long after it /livez is answered, again and again, until it is answered itself."""
    asked, answered = threading.Event(), [0.0]
    with ThreadPoolExecutor(1) as elsewhere, httpx.Client(base_url=server.client.base_url, timeout=60) as client:

        def ask() -> Answer:
            asked.set()
            return request()

        waiting = elsewhere.submit(ask)
        asked.wait()
        began = time.monotonic()
        while not waiting.done():
            assert client.get("/livez").status_code == 200
            answered.append(time.monotonic() - began)
        return waiting.result(), answered


ROW = json.dumps(QUESTION)

LARGE: dict[str, tuple[str, str | bytes]] = {
    "rows to predict": ("application/json", '{"rows": [' + ",".join([ROW] * 100_000) + "]}"),
    "a table to predict": ("text/csv", "hours_studied,hours_slept\n" + "4,8\n" * 200_000),
    "a table with quotes": ("text/csv", "hours_studied,hours_slept\n" + '"4",8\n' * 200_000),
    "columns": ("application/json", f'{{"hours_studied": [{"4," * 199_999}4], "hours_slept": [{"8," * 199_999}8]}}'),
    "lines": ("application/x-ndjson", f"{ROW}\n" * 100_000),
    "a workbook": (XLSX, as_xlsx([QUESTION] * 30_000)),
}


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "body"), LARGE.values(), ids=LARGE)
def test_probes_are_answered_while_a_large_body_is_read_and_answered(
    server: Server, kind: str, body: str | bytes
) -> None:
    def send() -> Answer:
        with httpx.Client(base_url=server.client.base_url, timeout=60) as client:
            return client.post("/predict", content=body, headers={"Content-Type": kind})

    answer, answered = answers_while(server, send)

    longest = max(later - earlier for earlier, later in pairwise(answered))
    assert answer.status_code == 200
    assert longest < answered[-1] / 8  # were it read, answered and written in one go each, it would be a third or more


@pytest.mark.slow
def test_a_training_that_is_waited_for_keeps_nobody_else_waiting(server: Server) -> None:
    answer, answered = answers_while(
        server,
        lambda: httpx.post(
            f"{server.client.base_url}/train",
            json={"rows": TABLE, "trainer": {**LONG, "max_epochs": 10_000}},
            timeout=60,
        ),
    )

    assert answer.status_code == 200
    assert len(answered) > ENOUGH
