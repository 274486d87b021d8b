"""What the tutorial's users try: gradient descent with one row, with equal scores, and with too large a learning rate."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.support.server import Server

ROWS = [(2, 9, 92), (1, 5, 86), (3, 6, 89)]


def train(
    server: Server, rows: Sequence[tuple[float, float, float]], scaling: str = "max", **options: Any
) -> dict[str, Any]:
    body = {
        "network": {"scaling": scaling},
        "rows": [{"hours_studied": a, "hours_slept": b, "score": c} for a, b, c in rows],
        "trainer": {"name": "gradient_descent", **options},
    }
    answer = server.client.post("/train", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.mark.parametrize("scores", [[92], [80, 80, 80], [80, 80], [0, 0, 0]])
@pytest.mark.parametrize("trainer", ["gradient_descent", "levenberg_marquardt", "lbfgs"])
@pytest.mark.parametrize("scaling", ["max", "standard", "bounds"])
def test_a_constant_score_is_the_answer(server: Server, scores: list[float], trainer: str, scaling: str) -> None:
    rows = [(2.0 + row, 9.0 - row, score) for row, score in enumerate(scores)]
    answer = train(server, rows, scaling, name=trainer)
    said = server.client.post("/predict", json={"hours_studied": 2, "hours_slept": 9}).json()

    assert said["prediction"]["score"] == pytest.approx(scores[0], abs=1e-9)
    assert answer["scores"]["score"]["rmse"] == pytest.approx(0.0, abs=1e-9)


def test_a_saturated_training_is_told(server: Server) -> None:
    (warning,) = [each for each in train(server, ROWS, learning_rate=100.0)["warnings"] if "saturated" in each]

    assert (
        warning
        == "saturated: every answer for 'score' is the same, and worse than the mean; try a smaller learning_rate"
    )
    assert not [each for each in train(server, ROWS)["warnings"] if "saturated" in each]


def test_few_whole_numbers_as_a_target_may_be_classes(server: Server) -> None:
    table = "x,kind\n" + "".join(f"{row},{row % 3}\n" for row in range(60))
    path = "/models/class-codes/train?targets=kind&members=1&max_epochs=5"
    answer = server.client.post(path, content=table.encode(), headers={"Content-Type": "text/csv"}).json()

    assert (
        "class codes: target 'kind' holds the whole numbers 0, 1, 2 alone; if they stand for classes, ?categories=kind makes "
        "a classifier"
    ) in answer["warnings"]
