"""Triton's client gets the answers that it would get from a Triton server: as JSON, as bytes, compressed, with words."""

from typing import Any

import pytest

from tests.support.client_environments import ask_by
from tests.support.needs import needs
from tests.support.server import Server
from tests.support.tables import TABLE

pytestmark = [pytest.mark.slow, needs("tritonclient")]

ROWS = [{"hours_studied": 4, "hours_slept": 8}, {"hours_studied": 2, "hours_slept": 6}]
WOOD = [{"width": x, "wood": "oak" if x % 2 else "pine", "price": 2.5 * x + x % 2} for x in range(1, 13)]
SIDES = [{"x": x, "side": "left" if x < 6 else "right"} for x in range(12)]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A server that nobody else asks, since what it has counted is looked at."""
    server = Server(tmp_path_factory.mktemp("server"))
    try:
        server.train(TABLE).raise_for_status()
        server.client.post("/models/wood/train?targets=price", json={"rows": WOOD}).raise_for_status()
        server.client.post("/models/side/train?targets=side", json={"rows": SIDES}).raise_for_status()
        yield server
    finally:
        server.close()


@pytest.fixture(scope="module")
def told(fresh: Server) -> dict[str, Any]:
    """What the client was told."""
    address = fresh.client.base_url.netloc.decode()
    found: dict[str, Any] = ask_by("tritonclient", "triton_client", address)
    return found


@pytest.fixture(scope="module")
def predicted(fresh: Server) -> dict[str, Any]:
    """What the service's own API answers."""
    found: dict[str, Any] = fresh.client.post("/predict", json={"rows": ROWS, "coverage": 0.8}).json()
    return found


def test_it_finds_the_server_and_its_models(told: dict[str, Any]) -> None:
    assert [told[name] for name in ("is_live", "is_ready", "is_model_ready", "is_nothing_ready")] == [True] * 3 + [
        False
    ]
    assert told["server"]["name"] == "scorecast"
    assert {"binary_tensor_data", "statistics"} <= set(told["server"]["extensions"])
    assert told["model"]["inputs"] == [{"name": "features", "datatype": "FP64", "shape": [-1, 2]}]
    assert [each["name"] for each in told["index"]] == ["exam-score", "side", "wood"]


def test_whichever_way_it_asks_it_gets_the_prediction(told: dict[str, Any], predicted: dict[str, Any]) -> None:
    expected = [each["score"] for each in predicted["predictions"]]

    assert told["answers"] == dict.fromkeys(told["answers"], expected)
    assert len(told["answers"]) == 11


def test_it_gets_the_interval_and_its_id_back(told: dict[str, Any], predicted: dict[str, Any]) -> None:
    bounds = [[each["score"][side] for each in predicted["intervals"]] for side in ("lower", "upper")]

    assert told["id"] == "seven"
    assert told["bounds"] == bounds
    assert told["extrapolated"] == [bool(names) for names in predicted["extrapolated"]]


def test_words_go_both_ways(told: dict[str, Any], fresh: Server) -> None:
    rows = [{"width": 3, "wood": "oak"}, {"width": 4, "wood": "pine"}]
    expected = fresh.client.post("/models/wood/predict", json={"rows": rows}).json()["predictions"]

    assert told["words"] == {"price": [each["price"] for each in expected], "side": ["left", "right"]}


def test_it_shows_what_is_wrong(told: dict[str, Any]) -> None:
    assert told["unknown"] == {"status": "404", "message": "there is no model called 'nothing'"}
    assert told["wrong"]["status"] == "400"
    assert "features" in told["wrong"]["message"]


def test_it_is_told_what_it_has_asked(told: dict[str, Any]) -> None:
    (counted,) = told["statistics"]["model_stats"]

    assert (counted["execution_count"], counted["inference_count"]) == (12, 24)
    assert counted["inference_stats"]["fail"]["count"] == 1
