"""Categories: as answers with calibrated probabilities, and as features."""

import numpy as np
import pytest

from model.checkpoint import Checkpoint
from model.classification import Unseen
from model.dataset import Dataset
from model.derivatives import cross_entropy, loss_and_gradient
from model.errors import OptionsError, SignatureError
from model.network import Architecture, Network
from model.signature import Column, Signature
from model.trainers import LBFGS, GradientDescent, LevenbergMarquardt, NetworkOptions, Trainer
from model.training import TrainingSpec, train

KINDS = Column("kind", kind="category", categories=("red", "green", "blue"))
SMALL = NetworkOptions((8,), "tanh", "identity", bias=True, scaling="standard")


def clouds(rows: int, seed: int = 0) -> Dataset:
    """Three clouds of points that overlap a little."""
    rng = np.random.default_rng(seed)
    kinds = rng.integers(0, 3, rows)
    centres = np.array([[0.0, 0.0], [2.5, 0.0], [0.0, 2.5]])
    return Dataset(centres[kinds] + rng.standard_normal((rows, 2)), kinds[:, None].astype(float))


def spec(table: Dataset, trainer: Trainer | None = None, network: NetworkOptions = SMALL) -> TrainingSpec:
    signature = Signature((Column("x"), Column("y")), (KINDS,))
    return TrainingSpec(signature, table, network, trainer or LBFGS(members=2))


def probabilities(checkpoint: Checkpoint, features: np.ndarray) -> np.ndarray:
    told = checkpoint.predictor.predict(features).probabilities
    assert told is not None
    return told


def test_the_slope_of_cross_entropy_is_that_of_finite_differences() -> None:
    rng = np.random.default_rng(0)
    network = Architecture((3, 4, 3)).initialise(rng)
    inputs, targets = rng.standard_normal((7, 3)), np.eye(3)[rng.integers(0, 3, 7)]
    _, gradient = loss_and_gradient(network, inputs, targets, cross_entropy)

    for place in range(len(gradient)):
        nudge = np.zeros_like(gradient)
        nudge[place] = 1e-6
        up, down = (
            loss_and_gradient(
                Network(network.architecture, network.parameters + s * nudge), inputs, targets, cross_entropy
            )[0]
            for s in (1, -1)
        )
        assert gradient[place] == pytest.approx((up - down) / 2e-6, abs=1e-6)


def test_cross_entropy_of_huge_logits_is_finite() -> None:
    error = np.empty((1, 2))

    assert cross_entropy(np.array([[1e4, -1e4]]), np.array([[0.0, 1.0]]), error) == pytest.approx(2e4)
    assert error.tolist() == [[1.0, -1.0]]


def test_categories_are_told_apart_with_probabilities_that_come_true() -> None:
    checkpoint = train(spec(clouds(300)))
    fresh = clouds(2000, seed=1)
    told = probabilities(checkpoint, fresh.features)
    prediction = checkpoint.predictor.predict(fresh.features)

    right = prediction.mean[:, 0] == fresh.targets[:, 0]
    assert right.mean() > 0.82
    np.testing.assert_allclose(told.sum(axis=1), 1.0)
    assert told.max(axis=1).mean() == pytest.approx(right.mean(), abs=0.04)
    assert prediction.lower is None
    left_out = checkpoint.report.leave_one_out["kind"]
    assert left_out["accuracy"] == pytest.approx(right.mean(), abs=0.04)


def test_probabilities_are_the_same_in_any_company() -> None:
    checkpoint = train(spec(clouds(50)))
    features = clouds(9, seed=1).features

    whole = probabilities(checkpoint, features)
    assert all(np.array_equal(probabilities(checkpoint, features[row : row + 1])[0], whole[row]) for row in range(9))
    assert probabilities(checkpoint, features[:0]).shape == (0, 3)


def test_a_classifier_round_trips_and_is_deterministic() -> None:
    data = train(spec(clouds(50))).to_bytes()
    again = Checkpoint.from_bytes(data)

    assert again.to_bytes() == data == train(spec(clouds(50))).to_bytes()
    assert again.predictor.signature.targets == (KINDS,)


def test_gradient_descent_learns_categories_too() -> None:
    trainer = GradientDescent(learning_rate=0.01, max_epochs=300)

    checkpoint = train(spec(clouds(200), trainer))

    accuracy = checkpoint.report.scores["kind"]["accuracy"]
    assert accuracy is not None
    assert accuracy > 0.8


def test_levenberg_marquardt_does_not() -> None:
    with pytest.raises(OptionsError, match="lbfgs"):
        train(spec(clouds(50), LevenbergMarquardt()))


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_very_few_rows_are_no_obstacle(rows: int) -> None:
    told = probabilities(train(spec(clouds(rows))), clouds(5).features)

    assert np.isfinite(told).all()


def test_noise_makes_probabilities_modest() -> None:
    rng = np.random.default_rng(0)
    table = Dataset(rng.standard_normal((200, 2)), rng.integers(0, 3, (200, 1)).astype(float))

    told = probabilities(train(spec(table)), rng.standard_normal((100, 2)))

    assert told.max(axis=1).mean() < 0.5


def test_temperature_tells_overconfidence() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 2000).astype(float)
    seen = np.where(rng.random(2000) < 0.8, truth, 1 - truth)
    logits = 5.0 * np.column_stack([1 - seen, seen])  # says 99.3 %, is right in 80 %

    assert Unseen(logits, truth).temperature() == pytest.approx(5.0 / np.log(4.0), rel=0.1)


def test_category_features_become_inputs_of_their_own() -> None:
    rng = np.random.default_rng(0)
    places = rng.integers(0, 3, 120)
    features = np.column_stack([places, rng.standard_normal(120)]).astype(float)
    targets = np.array([5.0, -3.0, 1.0])[places] + features[:, 1] + 0.1 * rng.standard_normal(120)
    table = Dataset(features, targets[:, None])
    signature = Signature(
        (Column("place", kind="category", categories=("a", "b", "c", "d")), Column("x")), (Column("y"),)
    )
    trainer = LevenbergMarquardt(members=2)
    checkpoint = train(TrainingSpec(signature, table, trainer.default_network, trainer))

    prediction = checkpoint.predictor.predict(np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [3.0, 0.0]]))

    np.testing.assert_allclose(prediction.mean[:3, 0], [5.0, -3.0, 1.0], atol=0.15)
    assert prediction.extrapolated.tolist() == [[False, False], [False, False], [False, False], [True, False]]
    assert checkpoint.report.relevance["place"].word == "strong"
    assert Checkpoint.from_bytes(checkpoint.to_bytes()).to_bytes() == checkpoint.to_bytes()


@pytest.mark.parametrize(
    "members",
    [
        {"kind": "colour"},
        {"kind": "category"},
        {"categories": ("a", "b")},
        {"kind": "category", "categories": ("a", "a")},
        {"kind": "category", "categories": ("a", "b"), "minimum": 0.0},
    ],
)
def test_columns_of_categories_have_to_make_sense(members: dict[str, object]) -> None:
    with pytest.raises(SignatureError):
        Column("kind", **members)  # type: ignore[arg-type]


def test_a_target_of_categories_is_the_only_one() -> None:
    with pytest.raises(SignatureError, match="only one"):
        Signature((Column("x"),), (KINDS, Column("y")))
