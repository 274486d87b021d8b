"""What was said of rows that had not been seen comes out of a training beside the checkpoint: it is what the report scores."""

from dataclasses import replace

import numpy as np
import pytest

from model.checkpoint import Checkpoint, UnseenAnswers
from model.errors import CheckpointError
from model.fitting.spec import TrainingSpec
from model.scores import classification_scores, regression_scores
from model.table.dataset import Dataset
from model.table.signature import Column, Signature
from model.trainers import LBFGS, LevenbergMarquardt
from model.training import train
from tests.support.model_tables import TUTORIAL, spec, wave


def classes(rows: int) -> TrainingSpec:
    table = wave(rows, 0.5)
    signature = Signature(
        tuple(Column(f"x{number}") for number in range(3)), (Column("y", kind="category", categories=("low", "high")),)
    )
    labels = (table.targets > table.targets.mean()).astype(float)
    trainer = LBFGS()
    return TrainingSpec(signature, Dataset(table.features, labels), trainer.default_network, trainer)


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param(spec(TUTORIAL), id="three rows"),
        pytest.param(spec(wave(40, 0.1)), id="mixture"),
        pytest.param(spec(wave(40, 0.1), LBFGS()), id="one kind"),
        pytest.param(spec(Dataset(wave(30, 0.1).features, wave(30, 0.1).features[:, :2] + 1)), id="two targets"),
    ],
)
def test_the_answers_to_unseen_rows_are_those_that_the_report_scores(wanted: TrainingSpec) -> None:
    trained = train(wanted)
    unseen = trained.unseen
    assert unseen is not None

    nothing = np.zeros((len(unseen.rows), 0), dtype=np.bool_)
    said = trained.predictor.to_prediction(unseen.answers, unseen.variances, 0.95, nothing).mean

    assert unseen.rows.tolist() == list(range(len(wanted.dataset)))
    for target, column in enumerate(wanted.signature.targets):
        scores = regression_scores(wanted.dataset.targets[:, target], said[:, target])
        told = trained.report.leave_one_out[column.name]
        assert {name: told[name] for name in scores} == pytest.approx(scores)


def test_of_a_classifier_they_are_the_probabilities_that_the_report_scores() -> None:
    wanted = classes(40)
    trained = train(wanted)
    assert trained.unseen is not None

    labels = wanted.dataset.targets[trained.unseen.rows, 0].astype(int)

    told = trained.report.held_out["y"]
    assert classification_scores(labels, trained.unseen.answers) == pytest.approx(told)


def test_where_no_spread_can_be_told_there_are_none() -> None:
    assert train(spec(TUTORIAL.take(slice(1)), LevenbergMarquardt())).unseen is None


def test_they_are_not_in_the_checkpoint() -> None:
    trained = train(spec(TUTORIAL))

    assert trained.to_bytes() == replace(trained, unseen=None).to_bytes()
    assert Checkpoint.from_bytes(trained.to_bytes()).unseen is None


def test_of_many_rows_a_thousand_are_kept_evenly_spaced() -> None:
    rows = np.arange(0, 50_000, 2)

    kept = UnseenAnswers.keep(rows, rows[:, None] / 2, rows[:, None] * np.float64(3))

    assert (len(kept.rows), kept.rows[0], kept.rows[-1]) == (1000, 0, 49_998)
    assert np.ptp(np.diff(kept.rows)) <= 2
    assert np.array_equal(kept.answers[:, 0] * 2, kept.rows)
    assert np.array_equal(kept.variances[:, 0] / 3, kept.rows)


def test_of_many_classes_fewer_rows_are_kept() -> None:
    kept = UnseenAnswers.keep(np.arange(1000), np.zeros((1000, 5000)))

    assert kept.answers.shape == (100, 5000)


def test_bytes_bring_them_back_and_damage_is_an_error() -> None:
    unseen = UnseenAnswers(np.array([1, 5]), np.array([[0.5], [-2.0]]), np.array([[0.1], [np.inf]]))
    data = unseen.to_bytes()

    back = UnseenAnswers.from_bytes(data)

    assert all(np.array_equal(value, getattr(back, name)) for name, value in vars(unseen).items())
    for damaged in (b"", data[:-1], data.replace(b"variances", b"variancez")):
        with pytest.raises(CheckpointError):
            UnseenAnswers.from_bytes(damaged)
