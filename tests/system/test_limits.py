"""Limits that an operator has set: what is beyond is refused by name, what grows beyond ends, and the service goes on."""

import gzip
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.problems import problem
from tests.support.server import Server, running
from tests.support.tables import QUESTION, TABLE
from tests.support.waiting import until

LIMITS = {
    "max_body_bytes": 100_000,
    "max_rows": 3000,
    "max_columns": 4,
    "max_parameters": 20_000,
    "max_epochs": 50_000,
    "max_train_memory_bytes": 60_000_000,
}
ROWS = [{"x": x, "y": x % 7} for x in range(3001)]
GRADUAL: dict[str, Any] = {"name": "gradient_descent", "max_epochs": 1, "learning_rate": 1e-9}
WIDE: dict[str, Any] = {"output_activation": "identity", "scaling": "standard"}


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("server"), **LIMITS) as server:
        server.train(TABLE).raise_for_status()
        yield server


BEYOND = [
    ({"rows": ROWS}, 413, "3,001 rows, more than the 3,000 allowed", "MAX_ROWS"),
    ({"rows": [{**ROWS[0], "a": 1, "b": 2, "c": 3}] * 3}, 413, "5 columns, more than the 4 allowed", "MAX_COLUMNS"),
    ({"rows": ROWS[:9], "network": {"hidden_layers": [141, 141]}, "trainer": GRADUAL}, 422, "parameters together, more than the 20,000 allowed", "MAX_PARAMETERS"),
    ({"rows": ROWS[:9], "trainer": {**GRADUAL, "max_epochs": 50_001}}, 422, "50,001, more than the 50,000 allowed", "MAX_EPOCHS"),
    ({"rows": ROWS[:3000], "network": {"hidden_layers": [1500], **WIDE}, "trainer": GRADUAL}, 422, "bytes of memory, more than the 60,000,000 allowed", "MAX_TRAIN_MEMORY_BYTES"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "status", "words", "setting"), BEYOND)
def test_what_is_beyond_a_limit_is_refused_with_the_limit_and_its_setting(
    limited: Server, body: dict[str, Any], status: int, words: str, setting: str
) -> None:
    answer = limited.client.post("/models/beyond/train", params={"targets": "y"}, json=body)

    told = problem(answer, status)["detail"]
    assert words in told
    assert f"SCORECAST_{setting}" in told
    checked = limited.client.post("/models/beyond/check", params={"targets": "y"}, json=body)
    assert f"SCORECAST_{setting}" in checked.text


@pytest.mark.parametrize("headers", [{}, {"Content-Encoding": "gzip"}])
def test_a_body_that_is_larger_than_may_be_or_becomes_so_is_told_of_the_setting(
    limited: Server, headers: dict[str, str]
) -> None:
    pack = gzip.compress if headers else bytes

    def ask(length: int) -> httpx.Response:
        kind = {"Content-Type": "application/json"}
        return limited.client.post("/predict", content=pack(b" " * length), headers={**kind, **headers})

    assert "100000 bytes allowed" in (told := problem(ask(100_001), 413)["detail"])
    assert "SCORECAST_MAX_BODY_BYTES" in told
    assert problem(ask(100_000), 400)


def test_a_training_that_grows_beyond_its_memory_ends_and_the_next_is_done_by_the_same_process(limited: Server) -> None:
    before = limited.training_process()
    job = limited.client.post(
        "/models/grown/train",
        params={"targets": "y"},
        json={"rows": ROWS[:3000]},  # whose kernel machine takes several times 72 MB
        headers={"Prefer": "respond-async"},
    ).json()

    failed = limited.wait_for(job["job_id"], "failed")

    assert failed["error"]["status"] == 422
    assert "SCORECAST_MAX_TRAIN_MEMORY_BYTES" in failed["error"]["detail"]
    assert limited.client.post("/predict", json=QUESTION).status_code == 200
    assert limited.train(TABLE).status_code == 200
    assert limited.training_process() == before


def test_rows_that_are_added_count_with_those_that_were_there(limited: Server) -> None:
    def extend(count: int) -> Any:
        body = {"rows": ROWS[:count], "trainer": {"name": "gradient_descent", "max_epochs": 1}, "extend": True}
        return limited.client.post("/models/extended/train", params={"targets": "y"}, json=body)

    assert extend(2000).status_code == 200

    assert "4,000 rows, more than the 3,000 allowed (SCORECAST_MAX_ROWS)" in problem(extend(2000), 413)["detail"]
    assert extend(1000).status_code == 200


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with room for two models, and for little more."""
    with running(tmp_path_factory.mktemp("small"), max_models=2, max_store_bytes=MOST_BYTES) as server:
        server.train(TABLE).raise_for_status()
        yield server


MOST_BYTES = 600_000
MODEL: dict[str, Any] = {"features": [{"name": "x"}], "targets": [{"name": "y"}]}


def test_a_model_more_than_there_may_be_is_refused_until_one_is_removed(small: Server) -> None:
    assert small.client.put("/models/second", json=MODEL).status_code == 200
    version = small.client.get("/models/exam-score/versions/1/export").content

    refused = [
        small.client.put("/models/third", json=MODEL),
        small.client.post("/models/third/train", params={"targets": "y"}, json={"rows": ROWS[:9]}),
        small.client.post("/models/third/versions", content=version, headers={"Content-Type": "application/octet-stream"}),
    ]  # fmt: skip

    for answer in refused:
        assert "2 models, and 2 are allowed (SCORECAST_MAX_MODELS)" in problem(answer, 507)["detail"]
    assert small.client.put("/models/second", json={**MODEL, "missing": "mean"}).status_code == 200
    assert problem(small.client.post("/models/third/train", json={"rows": ROWS[:9]}), 404)
    assert small.client.delete("/models/second").status_code == 204
    assert small.client.put("/models/third", json=MODEL).status_code == 200
    assert small.client.delete("/models/third").status_code == 204


def test_a_body_whose_length_is_not_told_counts_as_the_largest_and_one_that_is_too_large_not_at_all(
    small: Server,
) -> None:
    body = json.dumps({"rows": TABLE}).encode()
    kind = {"Content-Type": "application/json"}

    chunked = small.client.post("/train", content=iter([body]), headers=kind)
    coded = small.client.post("/train", content=gzip.compress(body), headers={**kind, "Content-Encoding": "gzip"})
    larger = small.client.put("/models/large", content=b" " * (8 * 1024**2 + 1), headers=kind)

    for answer in (chunked, coded):
        assert f"{128 * 1024**2:,}" in problem(answer, 507)["detail"]
    assert "SCORECAST_MAX_BODY_BYTES" in problem(larger, 413)["detail"]
    assert small.train(TABLE).status_code == 200


def test_a_store_that_is_full_takes_no_more_until_something_is_removed_and_answers_meanwhile(small: Server) -> None:
    def declare(number: int) -> int:
        words = [f"{number} {word} {'long' * 20}" for word in range(1000)]
        features = [{"name": "x", "kind": "category", "categories": words}]
        return small.client.put("/models/large", json={**MODEL, "features": features}).status_code

    statuses = [declare(number) for number in range(12)]

    assert statuses == sorted(statuses)
    assert set(statuses) == {200, 507}
    told = problem(small.train([*TABLE, *TABLE] * 300), 507)["detail"]
    assert f"of the {MOST_BYTES:,} allowed (SCORECAST_MAX_STORE_BYTES)" in told
    assert small.client.post("/predict", json=QUESTION).status_code == 200
    assert small.client.put("/models/exam-score/default-version", json={"model_version": 1}).status_code == 200
    assert small.client.delete("/models/large").status_code == 204
    until(lambda: declare(99) == 200, "there is room again")
    assert sum(file.stat().st_size for file in small.store.rglob("*") if file.is_file()) < MOST_BYTES
