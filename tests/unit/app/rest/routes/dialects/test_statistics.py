"""The statistics of the Open Inference Protocol: what was asked of each version, and nothing else, is counted."""

import time
from typing import Any

import pytest

from app.counts import SharedCounts, counts_bytes
from app.rest.dialects import InferenceCounts
from app.rest.dialects.statistics import MAX_VERSIONS
from tests.conftest import StartServer
from tests.support.server import Server
from tests.support.tables import QUESTION, TABLE

MODEL = "/v2/models/exam-score"
BODY = {"inputs": [{"name": "features", "shape": [2, 2], "datatype": "FP64", "data": [4, 8, 2, 6]}]}
DURATIONS = {"success", "fail", "queue", "compute_input", "compute_infer", "compute_output"}


def stats(server: Server, path: str = f"{MODEL}/stats") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.client.get(path).raise_for_status().json()["model_stats"]
    return found


@pytest.mark.slow
def test_rows_and_requests_that_succeeded_and_that_failed_are_counted_for_the_version(
    start_server: StartServer,
) -> None:
    server = start_server()
    for _ in range(2):
        server.train(TABLE)
    began = time.time() * 1000

    for _ in range(3):
        server.client.post(f"{MODEL}/infer", json=BODY).raise_for_status()
    server.client.post(f"{MODEL}/versions/1/infer", json=BODY).raise_for_status()
    assert server.client.post(f"{MODEL}/infer", json={}).status_code == 400
    server.client.post("/predict", json=QUESTION).raise_for_status()  # not by this protocol

    first, second = stats(server)
    assert [first["name"], first["version"], first["inference_count"]] == ["exam-score", "1", 2]
    assert [second["version"], second["inference_count"], second["execution_count"]] == ["2", 6, 3]
    assert began - 1000 <= second["last_inference"] <= time.time() * 1000 + 1000
    counted = {name: each["count"] for name, each in second["inference_stats"].items()}
    assert counted == {**dict.fromkeys(DURATIONS, 3), "fail": 1}
    assert all(each["ns"] > 0 for each in second["inference_stats"].values())
    parts = sum(each["ns"] for name, each in second["inference_stats"].items() if name not in {"success", "fail"})
    assert parts <= second["inference_stats"]["success"]["ns"]
    assert stats(server, f"{MODEL}/versions/2/stats") == [second]
    assert stats(server, "/v2/models/stats") == [first, second]


def test_a_version_that_was_never_asked_is_told_with_zeros(start_server: StartServer) -> None:
    server = start_server()
    assert stats(server) == []
    server.train(TABLE)

    (told,) = stats(server)

    assert (told["inference_count"], told["execution_count"], told["last_inference"]) == (0, 0, 0)
    assert told["inference_stats"] == {name: {"count": 0, "ns": 0} for name in DURATIONS}


@pytest.mark.parametrize("path", ["/v2/models/nothing/stats", f"{MODEL}/versions/999/stats"])
def test_what_is_not_there_has_no_statistics(server: Server, path: str) -> None:
    answer = server.client.get(path)

    assert answer.status_code == 404
    assert answer.json()["error"]


def test_a_version_that_finds_no_room_is_not_told_of() -> None:
    counts = InferenceCounts(SharedCounts.of_one())
    assert len(counts.describe([("one", 0), ("two", 0)])["model_stats"]) == 2

    for number in range(MAX_VERSIONS + 1):
        with counts.measuring(("one", number)):
            pass

    told = counts.describe([("one", 0), ("one", MAX_VERSIONS - 1), ("one", MAX_VERSIONS), ("two", 0)])["model_stats"]
    assert [(each["version"], each["execution_count"]) for each in told] == [("0", 1), (str(MAX_VERSIONS - 1), 1)]


def test_any_process_tells_what_all_have_counted() -> None:
    memory = memoryview(bytearray(counts_bytes(2)))
    first, second = (InferenceCounts(SharedCounts.of_several(memory, place)) for place in (0, 1))
    for counts, rows in ((first, 3), (second, 4), (second, 5)):
        with counts.measuring(("one", 1)) as watch:
            watch.rows = rows

    (told,) = first.describe([("one", 1)])["model_stats"]

    assert (told["inference_count"], told["execution_count"]) == (12, 3)
    assert told["last_inference"] > 0
    assert second.describe([("one", 1)])["model_stats"] == [told]


@pytest.mark.slow
def test_several_workers_tell_the_sums(start_server: StartServer) -> None:
    server = start_server(workers=2)
    server.train(TABLE)

    for _ in range(20):
        with server.new_connections() as client:
            client.post(f"{MODEL}/infer", json=BODY).raise_for_status()

    for _ in range(5):
        with server.new_connections() as client:
            (told,) = client.get(f"{MODEL}/stats").json()["model_stats"]
            assert (told["inference_count"], told["execution_count"]) == (40, 20)
