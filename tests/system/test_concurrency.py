"""How many predictions of tables, and how many streams of events, a service has at a time is set; more are refused, and told why."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from tests.conftest import StartServer
from tests.support.problems import problem
from tests.support.tables import QUESTION, TABLE

ENDLESS = {"name": "gradient_descent", "max_epochs": 10_000_000}


@pytest.mark.slow
def test_what_is_over_a_limit_is_refused_by_its_name_and_taken_later(start_server: StartServer) -> None:
    server = start_server(max_concurrent_predictions=1, max_event_streams=2)
    server.train(TABLE).raise_for_status()
    client, many = server.client, {"rows": [QUESTION] * 40_000}

    with ThreadPoolExecutor(6) as threads:
        answers = [*threads.map(lambda _: client.post("/predict", json=many), range(6))]
    refused = [answer for answer in answers if answer.status_code != 200]
    assert 1 <= len(refused) < len(answers)
    for answer in refused:
        assert "(SCORECAST_MAX_CONCURRENT_PREDICTIONS)" in problem(answer, 503)["detail"]
        assert answer.headers["retry-after"] == "1"
    assert client.post("/predict", json=many).status_code == 200

    job_id = server.begin_training(TABLE, trainer=ENDLESS)
    with ExitStack() as streams:
        for _ in range(2):
            streams.enter_context(client.stream("GET", f"/jobs/{job_id}/events"))
        answer = client.get(f"/jobs/{job_id}/events")
        assert "(SCORECAST_MAX_EVENT_STREAMS" in problem(answer, 503)["detail"]
        assert answer.headers["retry-after"] == "1"
    client.post(f"/jobs/{job_id}/cancel")
