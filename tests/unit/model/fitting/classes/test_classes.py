"""Classes: what unseen rows prefer has the weight, and what the report says of itself is so."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from model.arrays import FloatArray, IntArray
from model.checkpoint import Checkpoint
from model.fitting.spec import TrainingSpec
from model.scores import classification_scores
from model.table import UNSEEN, Column, Dataset, Signature
from model.trainers import LBFGS
from model.training import train

LINE, STEPS, NOISE = "a line", "steps", "noise"


def draw(kind: str, rows: int, seed: int) -> tuple[FloatArray, IntArray]:
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(rows, 4))
    sums = {
        LINE: 1.5 * features[:, 0] - features[:, 1],
        STEPS: 3.0 * (features[:, 0] > 0.5) * np.sign(features[:, 1]) + 3.0 * (features[:, 2] > 1.0),
        NOISE: np.zeros(rows),
    }
    return features, (rng.logistic(size=rows) < sums[kind]).astype(int)


def make_spec(features: FloatArray, labels: IntArray, categories: tuple[str, ...] = ("no", "yes")) -> TrainingSpec:
    columns = tuple(Column(f"x{number}") for number in range(features.shape[1]))
    signature = Signature(columns, (Column("label", kind="category", categories=categories),))
    trainer = LBFGS()
    return TrainingSpec(signature, Dataset(features, labels[:, None].astype(float)), trainer.default_network, trainer)


@cache
def trained(kind: str) -> Checkpoint[Any]:
    return train(make_spec(*draw(kind, 300, 1)))


def weights(checkpoint: Checkpoint[Any]) -> dict[str, float]:
    return {each.name: each.weight["label"] for each in checkpoint.report.candidates}


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "best"), [(LINE, {"linear network", "network"}), (STEPS, {"trees"})])
def test_what_suits_a_table_has_most_of_the_weight(kind: str, best: set[str]) -> None:
    found = weights(trained(kind))

    assert sum(found.values()) == pytest.approx(1.0)
    assert sum(found[name] for name in best) > 0.6


@pytest.mark.slow
@pytest.mark.parametrize("kind", [LINE, STEPS, NOISE])
def test_the_reported_log_loss_is_that_of_fresh_rows(kind: str) -> None:
    fresh, truth = draw(kind, 4000, 2)
    found = classification_scores(truth.astype(np.intp), trained(kind).predictor.predict(fresh).probabilities)

    reported = trained(kind).report.held_out["label"]["log_loss"]
    assert reported == pytest.approx(found["log_loss"], rel=0.15)


@pytest.mark.slow
def test_of_noise_nothing_is_learned() -> None:
    fresh, truth = draw(NOISE, 4000, 2)
    loss = classification_scores(truth.astype(np.intp), trained(NOISE).predictor.predict(fresh).probabilities)

    assert (loss["log_loss"] or 0) < np.log(2) + 0.015


@pytest.mark.slow
def test_the_report_says_what_each_candidate_was_worth() -> None:
    report = trained(LINE).report
    losses = {each.name: each.log_loss["label"] for each in report.candidates}

    assert losses["linear network"] < losses["class shares"]
    assert all(each.gain == pytest.approx(losses["class shares"] - losses[each.name]) for each in report.candidates)
    assert report.judged_by.startswith("each row was left out in one of 5 folds")
    assert report.relevance["x0"].word == "strong"
    assert report.relevance["x3"].word in {"weak", "none"}


def test_a_request_that_names_a_network_or_a_prior_gets_that_alone() -> None:
    asked = make_spec(*draw(LINE, 60, 1))
    smaller = replace(asked, network=replace(asked.network, hidden_layers=(3,)), trainer=LBFGS(max_epochs=20))
    chosen = replace(asked, trainer=LBFGS(alpha=1.0, max_epochs=20))

    assert [weights(train(each)) for each in (smaller, chosen)] == [{"network": 1.0}] * 2
    assert train(smaller).predictor.mixture.parts[0].ensemble.architecture.layer_sizes == (4, 3, 2)


def test_a_category_that_no_row_has_is_improbable_and_finite() -> None:
    features, labels = draw(LINE, 60, 1)
    predictor = train(make_spec(features, labels, ("no", "yes", "never"))).predictor
    probabilities = predictor.predict(features).probabilities

    assert np.isfinite(probabilities).all()
    assert (probabilities[:, 2] < 0.1).all()


@pytest.mark.slow
def test_a_row_with_a_gap_or_an_unseen_word_is_less_sure_and_named() -> None:
    rng = np.random.default_rng(4)
    features = np.column_stack([rng.normal(size=300), rng.integers(0, 3, 300)])
    labels = (rng.logistic(size=300) < 3.0 * features[:, 0] + 3.0 * (features[:, 1] - 1.0)).astype(int)
    features[::7, 0] = np.nan
    asked = make_spec(features, labels)
    columns = (Column("x", may_be_missing=True), Column("word", kind="category", categories=("a", "b", "c")))
    predictor = train(replace(asked, signature=replace(asked.signature, features=columns))).predictor

    found = predictor.predict(np.array([[2.0, 2.0], [np.nan, 2.0], [2.0, UNSEEN]]))

    assert (found.probabilities[1:, 1] < found.probabilities[0, 1] - 0.02).all()
    assert found.extrapolated.tolist() == [[False, False], [False, False], [False, True]]


@pytest.mark.slow
def test_a_row_has_the_same_bits_whatever_rows_are_beside_it() -> None:
    """Of many classes, too: sums over classes round by how values lie in memory."""
    rng = np.random.default_rng(3)
    features = rng.normal(size=(400, 3))
    labels = np.digitize(features[:, 0] + 0.3 * rng.normal(size=400), np.linspace(-1.2, 1.2, 10))
    predictor = train(make_spec(features, labels, tuple(f"c{number}" for number in range(11)))).predictor
    together = predictor.predict(features).probabilities

    assert len(predictor.mixture.parts) > 1
    for count in (1, 2, 3, 5, 130):
        assert np.array_equal(predictor.predict(features[:count]).probabilities, together[:count])
