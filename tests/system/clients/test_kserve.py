"""KServe's client gets its answers, by both protocols."""

from typing import Any

import pytest

from tests.support.client_environments import ask_by
from tests.support.needs import needs
from tests.support.server import Server

pytestmark = [pytest.mark.slow, needs("kserve")]

ROWS = [{"hours_studied": 4, "hours_slept": 8}, {"hours_studied": 2, "hours_slept": 6}]


@pytest.fixture(scope="module")
def told(server: Server) -> dict[str, Any]:
    """What the client was told."""
    url = str(server.client.base_url).rstrip("/")
    found: dict[str, Any] = ask_by("kserve", "kserve_client", url)
    return found


def test_it_finds_the_server_and_the_model(told: dict[str, Any]) -> None:
    assert [told[name] for name in ("is_live", "is_ready", "is_model_ready", "is_nothing_ready")] == [True] * 3 + [
        False
    ]


@pytest.mark.parametrize("form", ["JSON", "binary"])
def test_it_gets_the_prediction_with_its_interval_and_its_id(told: dict[str, Any], server: Server, form: str) -> None:
    expected = server.client.post("/predict", json={"rows": ROWS, "coverage": 0.8}).json()

    assert told[form] == {
        "id": "seven",
        "model_name": "exam-score",
        "score": [each["score"] for each in expected["predictions"]],
        "score_lower": [each["score"]["lower"] for each in expected["intervals"]],
        "score_upper": [each["score"]["upper"] for each in expected["intervals"]],
        "extrapolated": [bool(names) for names in expected["extrapolated"]],
    }


def test_the_first_protocol_is_answered_by_values(told: dict[str, Any]) -> None:
    assert told["first protocol"] == {"ready": True, "predictions": told["JSON"]["score"]}


def test_it_shows_what_is_wrong(told: dict[str, Any]) -> None:
    assert "400 Bad Request" in told["refused"]
    assert "'inputs'" in told["refused"]
