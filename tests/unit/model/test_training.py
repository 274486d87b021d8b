"""Training, from a table to a checkpoint: what determines it, how it fails, and what is reported."""

from dataclasses import replace
from itertools import chain

import numpy as np
import pytest

from model.checkpoint import Checkpoint
from model.errors import OptionsError, TrainingCancelled, TrainingFailed
from model.fitting.spec import TrainingSpec
from model.predictors.regressor import Regressor
from model.table.dataset import Dataset
from model.table.signature import Column, Signature
from model.trainers import (
    DEFAULT_TRAINER,
    LBFGS,
    TRAINERS,
    GradientDescent,
    LevenbergMarquardt,
    NetworkOptions,
    Trainer,
)
from model.training import count_epochs, train
from tests.support.model_tables import EXAM_SCORE, TUTORIAL, spec, wave

PLAIN = NetworkOptions((3,), "tanh", "identity", bias=True, scaling="standard")


def huge_and_usual() -> Dataset:
    """Most cells are as large as numbers can be: squares of them are infinite, and so is what candidates are scaled by."""
    usual = np.arange(20.0)
    features = np.vstack([np.tile([1e308, -1e308], (30, 1)), np.column_stack([usual, usual % 7])])
    return Dataset(features, np.concatenate([np.full(30, 1e308), 2 * usual])[:, None])


def huge_and_singular() -> Dataset:
    """What the candidates are weighed by cannot be solved."""
    features = [7.0, 1e16, 1e16, 1e16, 7.0, 1e16, -1e308, 1e16, 7.0, 7.0]
    targets = [1e16, 7.0, -1e308, -1e308, 1e16, -1e308, 1e16, -1e308, 7.0, -1e308]
    return Dataset(np.array(features)[:, None], np.array(targets)[:, None])


def tutorial(trainer: Trainer | None = None, seed: int = 0) -> TrainingSpec:
    return TrainingSpec(
        EXAM_SCORE, TUTORIAL, GradientDescent.default_network, trainer or GradientDescent(max_epochs=100), seed
    )


def parameters(checkpoint: Checkpoint[Regressor]) -> np.ndarray:
    return checkpoint.predictor.mixture.networks[0].ensemble.parameters


@pytest.mark.parametrize(
    ("learning_rate", "reason"), [(3.0, "grew beyond 1000 times its start"), (1e308, "is no longer a finite number")]
)
def test_a_training_that_diverges_fails_with_the_reason_and_without_warnings(learning_rate: float, reason: str) -> None:
    steep = replace(spec(wave(30, 0.1), GradientDescent(learning_rate=learning_rate)), network=PLAIN)

    with pytest.raises(TrainingFailed, match=reason):
        train(steep)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (huge_and_usual(), "no candidate has a finite answer"),
        (Dataset(np.tile([1e308, -1e308], (30, 1)), np.full((30, 1), 1e308)), "out of range"),
        (huge_and_singular(), "out of range"),
    ],
)
def test_what_has_no_answer_or_could_not_be_read_again_fails_with_the_reason(table: Dataset, reason: str) -> None:
    with pytest.raises(TrainingFailed, match=reason):
        train(spec(table))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_classes_that_no_candidate_has_an_answer_for_fail_with_the_reason() -> None:
    features, labels = np.full((5, 2), 1e308), np.array([[0.0], [0.0], [0.0], [2.0], [0.0]])
    features[0, 0] = -1e308
    target = Column("y", kind="category", categories=("a", "b", "c"))
    classes = Signature((Column("x0"), Column("x1")), (target,))
    trainer = LBFGS(max_epochs=20)

    with pytest.raises(TrainingFailed, match="no candidate has a finite answer"):
        train(TrainingSpec(classes, Dataset(features, labels), trainer.default_network, trainer, 0))


@pytest.mark.parametrize("name", sorted(TRAINERS))
def test_equal_specs_give_equal_bytes_and_another_seed_other_parameters(name: str) -> None:
    trainer = replace(TRAINERS[name](), max_epochs=5)  # type: ignore[type-var]
    first, again, other = (train(tutorial(trainer, seed)) for seed in (1, 1, 2))

    assert first.to_bytes() == again.to_bytes()
    assert not np.any(parameters(first) == parameters(other))


def test_the_spec_is_left_as_it_was() -> None:
    asked = spec(wave(30, 0.1))
    features, targets = asked.dataset.features.copy(), asked.dataset.targets.copy()
    train(asked)

    assert np.array_equal(asked.dataset.features, features)
    assert np.array_equal(asked.dataset.targets, targets)


def test_a_cancelled_training_comes_out_as_that() -> None:
    def on_epoch(epoch: int, *_: object) -> None:
        if epoch == 7:
            raise TrainingCancelled("asked to stop")

    with pytest.raises(TrainingCancelled, match="asked to stop"):
        train(tutorial(), on_epoch)


def test_members_start_from_different_weights_and_their_epochs_are_counted_on() -> None:
    heard: list[int] = []
    checkpoint = train(tutorial(GradientDescent(max_epochs=4, members=3)), lambda epoch, *_: heard.append(epoch))

    assert len({member.tobytes() for member in parameters(checkpoint)}) == 3
    assert heard == list(chain(range(5), range(4, 9), range(8, 13)))
    assert checkpoint.report.epochs == 12


def test_an_ensemble_contains_the_networks_of_a_smaller_one() -> None:
    one, three = (train(tutorial(GradientDescent(max_epochs=4, members=members))) for members in (1, 3))

    assert np.array_equal(parameters(one), parameters(three)[:1])


@pytest.mark.parametrize("seed", range(4))
def test_the_report_shows_the_ensembles_best_network(seed: int) -> None:
    heard: list[float] = []
    report = train(
        tutorial(GradientDescent(max_epochs=4, members=3), seed), lambda _, loss, __: heard.append(loss)
    ).report

    assert report.loss == min(heard[4], heard[9], heard[14])
    assert report.learning_curve[-1] == (4, report.loss)


def test_the_report_knows_how_far_the_targets_of_its_rows_were_spread() -> None:
    report = train(tutorial()).report

    (spread,) = report.find_deviations().values()
    assert spread == pytest.approx(float(TUTORIAL.targets.std()), rel=1e-6)


@pytest.mark.parametrize("scores", [{"rmse": 0.0, "r2": 1.0}, {"rmse": 1.0, "r2": None}, {"accuracy": 1.0}])
def test_it_does_not_where_rounding_would_decide_or_nothing_varies(scores: dict[str, float | None]) -> None:
    assert replace(train(tutorial()).report, scores={"y": scores}).find_deviations() == {}


def test_the_report_says_what_was_done_and_how_well() -> None:
    checkpoint = train(tutorial(GradientDescent(max_epochs=50, learning_rate=0.5), seed=3))
    report, answers = checkpoint.report, checkpoint.predictor.predict(TUTORIAL.features, None).mean
    residuals = answers - TUTORIAL.targets

    assert report.trainer["name"] == "gradient_descent"
    assert (report.trainer["learning_rate"], report.network["activation"], report.seed) == (0.5, "sigmoid", 3)
    assert (report.rows, report.epochs, report.stopped_because, report.parameters) == (3, 50, "max_epochs", 9)
    assert report.loss == pytest.approx(float(np.mean((residuals / 100) ** 2)))
    assert report.scores["score"]["rmse"] == pytest.approx(float(np.sqrt(np.mean(residuals**2))))
    assert report.scores["score"]["mae"] == pytest.approx(float(np.mean(np.abs(residuals))))


def test_a_target_below_zero_cannot_be_learned_by_sigmoid_outputs() -> None:
    table = Dataset(np.array([[1.0], [2.0]]), np.array([[-1.0], [1.0]]))

    with pytest.raises(OptionsError, match='"output_activation": "identity"'):
        train(replace(spec(table), network=GradientDescent.default_network))


def test_declared_bounds_let_sigmoid_outputs_learn_a_target_below_zero() -> None:
    table = Dataset(np.array([[1.0], [2.0]]), np.array([[-1.0], [1.0]]))
    signature = Signature((Column("x", None, 0, 3),), (Column("y", None, -2, 2),))
    network = replace(GradientDescent.default_network, scaling="bounds")
    trainer = GradientDescent(max_epochs=3000)
    predictor: Regressor = train(TrainingSpec(signature, table, network, trainer)).predictor

    assert predictor.predict(table.features, None).mean == pytest.approx(table.targets, abs=0.2)


def test_the_default_trainer_is_one_of_the_table() -> None:
    assert DEFAULT_TRAINER in TRAINERS


@pytest.mark.parametrize(
    "trainer",
    [
        GradientDescent(max_epochs=7, members=3, learning_rate=0.01),
        LBFGS(max_epochs=7, members=2, patience=None),
        LevenbergMarquardt(max_epochs=7, patience=None),
        LBFGS(max_epochs=7, patience=5),
    ],
    ids=lambda trainer: f"{trainer.name}, patience {trainer.patience}",
)
def test_no_more_epochs_are_reported_than_were_announced(trainer: Trainer) -> None:
    training = replace(spec(wave(40, 0.1), trainer), network=PLAIN)
    reported: list[int] = []

    train(training, lambda epoch, _loss, _network: reported.append(epoch))

    announced = count_epochs(training)
    assert announced is None or max(reported) <= announced
    is_known = trainer.patience is None and not isinstance(trainer, LevenbergMarquardt)
    assert (announced is not None) == is_known


def test_nobody_knows_how_many_epochs_a_classifier_takes() -> None:
    """The networks that judge it on rows that they have not seen are trained, too."""
    table = wave(40, 0.1)
    classes = Dataset(table.features, (table.targets > 0).astype(float))
    target = Column("side", kind="category", categories=("low", "high"))
    trainer = LBFGS(max_epochs=5, patience=None)
    inputs = tuple(Column(f"x{number}") for number in range(3))
    training = TrainingSpec(Signature(inputs, (target,)), classes, trainer.default_network, trainer, 0)
    reported: list[int] = []

    train(training, lambda epoch, _loss, _network: reported.append(epoch))

    assert max(reported) > trainer.max_epochs * trainer.members
    assert count_epochs(training) is None
