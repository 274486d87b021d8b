"""MLflow's own client of its scoring server gets its answers: frames, arrays, lists and parameters."""

from typing import Any

import pytest

from tests.support.client_environments import ask_by
from tests.support.needs import needs
from tests.support.server import Server

pytestmark = [pytest.mark.slow, needs("mlflow")]

ROWS = [{"hours_studied": 4, "hours_slept": 8}, {"hours_studied": 2, "hours_slept": 6}]


@pytest.fixture(scope="module")
def told(server: Server) -> dict[str, Any]:
    """What the client was told."""
    url = server.client.base_url
    found: dict[str, Any] = ask_by("mlflow", "mlflow_client", url.host, str(url.port))
    return found


def test_whatever_it_sends_it_gets_the_prediction(told: dict[str, Any], server: Server) -> None:
    expected = server.client.post("/predict", json={"rows": ROWS, "coverage": 0.8}).json()
    values = [each["score"] for each in expected["predictions"]]

    for form in ("frame", "array", "list"):
        assert told[form] == {"0": values}, form
    assert told["intervals"]["score"] == values
    assert told["intervals"]["score_upper"] == [each["score"]["upper"] for each in expected["intervals"]]


def test_it_is_told_the_version_and_what_is_wrong(told: dict[str, Any]) -> None:
    assert told["version"]
    assert "column 'hours_slept' is missing" in told["refused"]
