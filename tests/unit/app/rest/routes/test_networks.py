"""A version's network as numbers, and what its units answer for a row."""

from itertools import pairwise
from math import tanh
from typing import Any

import pytest

from tests.support.problems import problem
from tests.support.server import Server
from tests.support.tables import QUESTION, TABLE

LINE = {"features": [{"name": "x"}], "targets": [{"name": "y"}]}


@pytest.fixture(scope="module")
def version(server: Server) -> str:
    """Where the version is that the default trainer made of the tutorial's table."""
    return f"/models/exam-score/versions/{server.train(TABLE).json()['model_version']}"


def test_a_network_is_told_layer_by_layer(server: Server, version: str) -> None:
    network = server.client.get(f"{version}/network").json()

    assert (network["member"], network["members"], network["weight"]) == (1, 5, {"score": 1.0})
    assert (network["inputs"], network["outputs"]) == (["hours_studied", "hours_slept"], ["score"])
    units = [2, *(layer["units"] for layer in network["layers"])]
    for fan_in, layer in zip(units, network["layers"], strict=False):
        assert [len(weights) for weights in layer["weights"]] == [layer["units"]] * fan_in
        assert len(layer["biases"]) == layer["units"]
    assert network["parameters"] == sum((fan_in + 1) * out for fan_in, out in pairwise(units))
    assert network["layers"][-1]["activation"] == "identity"


def test_the_activations_follow_from_the_weights(server: Server, version: str) -> None:
    for member in (1, 5):
        network = server.client.get(f"{version}/network?member={member}").json()
        asked = server.client.post(f"{version}/activations?member={member}", json=QUESTION).json()

        values = asked["inputs"]
        assert len(values) == 2
        for layer, told in zip(network["layers"], asked["layers"], strict=True):
            sums = [
                bias + sum(value * weights[unit] for value, weights in zip(values, layer["weights"], strict=True))
                for unit, bias in enumerate(layer["biases"])
            ]
            values = [tanh(each) for each in sums] if layer["activation"] == "tanh" else sums
            assert told == pytest.approx(values, rel=1e-9, abs=1e-12)


def test_members_differ_and_others_are_refused(server: Server, version: str) -> None:
    first, second = (server.client.get(f"{version}/network?member={member}").json() for member in (1, 2))

    assert first["layers"] != second["layers"]
    for member in ("0", "6", "x"):
        for answer in (
            server.client.get(f"{version}/network?member={member}"),
            server.client.post(f"{version}/activations?member={member}", json=QUESTION),
        ):
            assert "member" in problem(answer, 422)["detail"]


def test_rows_are_checked_as_predictions_are(server: Server, version: str) -> None:
    for body in ({"hours_studied": 4}, {**QUESTION, "x": 1}, {"hours_studied": 25, "hours_slept": 8}):
        refused = server.client.post(f"{version}/predict", json=body)
        told = problem(server.client.post(f"{version}/activations", json=body), 422)
        assert told["errors"] == problem(refused, 422)["errors"]
    two = {"rows": [QUESTION, QUESTION]}
    assert "one row" in problem(server.client.post(f"{version}/activations", json=two), 422)["detail"]


def test_what_is_not_there_is_404(server: Server) -> None:
    for path in ("/models/nothing/versions/1", "/models/exam-score/versions/9999"):
        problem(server.client.get(f"{path}/network"), 404)
        problem(server.client.post(f"{path}/activations", json=QUESTION), 404)


def train(server: Server, name: str, rows: list[dict[str, Any]], **options: Any) -> str:
    answer = server.client.post(f"/models/{name}/train", json={"rows": rows, **options}, params={"targets": "y"})
    assert answer.status_code == 200, answer.text
    return f"/models/{name}/versions/{answer.json()['model_version']}"


def test_a_large_network_is_told_by_its_sizes(server: Server) -> None:
    rows = [{"x": x, "y": 2 * x} for x in range(10)]
    options = {"network": {"hidden_layers": [200, 200]}, "trainer": {"name": "gradient_descent", "max_epochs": 1}}

    network = server.client.get(f"{train(server, 'large', rows, **options)}/network").json()

    assert network["is_summary"] is True
    assert [(layer["units"], layer["weights"]) for layer in network["layers"]] == [(200, None), (200, None), (1, None)]


def test_a_version_without_networks_says_so(server: Server) -> None:
    rows = [{"x": x, "y": 1.0} for x in range(3)]
    version = train(server, "level", rows)

    network = server.client.get(f"{version}/network").json()
    asked = server.client.post(f"{version}/activations", json={"x": 1}).json()

    if network["member"] is None:
        assert (network["members"], network["layers"], network["parameters"]) == (0, [], 0)
        assert (asked["inputs"], asked["layers"]) == ([], [])
    else:
        assert len(asked["layers"]) == len(network["layers"])
