"""Classifiers: accuracy and honest probabilities on rows that they never saw."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits, load_iris

from model.checkpoint import Checkpoint
from model.errors import OptionsError
from model.fitting.spec import TrainingSpec
from model.predictors.classifier import Classifier
from model.table.dataset import Dataset
from model.table.signature import Column, Signature
from model.trainers import LBFGS, GradientDescent, LevenbergMarquardt, Trainer
from model.training import train


def spec(features: np.ndarray, labels: np.ndarray, trainer: Trainer | None = None, seed: int = 0) -> TrainingSpec:
    trainer = trainer or LBFGS()
    categories = tuple(f"c{label}" for label in range(int(labels.max()) + 1))
    columns = tuple(Column(f"x{number}") for number in range(features.shape[1]))
    signature = Signature(columns, (Column("label", kind="category", categories=categories),))
    return TrainingSpec(
        signature, Dataset(features, labels[:, None].astype(float)), trainer.default_network, trainer, seed
    )


def split(load, seed: int, held_out: float = 0.2):  # type: ignore[no-untyped-def]
    features, labels = load(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(features))
    fresh, seen = np.split(order, [int(held_out * len(order))])
    return features[seen], labels[seen], features[fresh], labels[fresh]


@pytest.mark.slow
def test_digits_are_told_apart() -> None:
    """The tutorial's closing example: at least 97.5 % of digits that were never seen, over three splits."""
    accuracies = []
    for seed in range(3):
        features, labels, fresh, truth = split(load_digits, seed)
        classifier = train(spec(features, labels, seed=seed)).predictor
        accuracies.append(np.mean(classifier.predict(fresh).most_probable == truth))

    assert np.mean(accuracies) >= 0.975


@pytest.mark.slow
def test_probabilities_are_honest() -> None:
    """Of fresh rows that are given a probability of about p, about p belong to the category."""
    given, came = [], []
    for seed in range(4):
        features, labels, fresh, truth = split(load_breast_cancer, seed, held_out=0.3)
        probabilities = train(spec(features, labels, LBFGS(members=2))).predictor.predict(fresh).probabilities
        given.append(probabilities.max(axis=1))
        came.append(probabilities.argmax(axis=1) == truth)

    assert np.mean(np.concatenate(given)) == pytest.approx(np.mean(np.concatenate(came)), abs=0.02)


@pytest.mark.slow
def test_the_report_scores_rows_that_the_networks_had_not_seen() -> None:
    features, labels, fresh, truth = split(load_iris, 0)
    checkpoint = train(spec(features, labels))
    held_out = checkpoint.report.held_out["label"]

    assert 0.9 < (held_out["accuracy"] or 0) <= 1.0
    assert (held_out["log_loss"] or 0) > (checkpoint.report.scores["label"]["log_loss"] or 0)
    assert np.mean(checkpoint.predictor.predict(fresh).most_probable == truth) > 0.85


def test_a_row_has_the_same_answer_in_any_company() -> None:
    features, labels, fresh, _ = split(load_iris, 1)
    classifier = train(spec(features, labels, LBFGS(members=2, max_epochs=30))).predictor
    together = classifier.predict(fresh).probabilities

    for number, row in enumerate(fresh):
        assert np.array_equal(classifier.predict(row[None]).probabilities[0], together[number])


def test_a_classifier_survives_its_bytes_and_equal_specs_give_equal_bytes() -> None:
    features, labels, fresh, _ = split(load_iris, 2)
    trainer = LBFGS(members=2, max_epochs=30)
    first, second = (train(spec(features, labels, trainer)).to_bytes() for _ in range(2))
    restored = Checkpoint.from_bytes(first)

    assert first == second
    assert isinstance(restored.predictor, Classifier)
    assert restored.to_bytes() == first
    assert np.isclose(restored.predictor.predict(fresh).probabilities.sum(axis=1), 1).all()


def test_features_outside_the_rows_learned_from_are_named() -> None:
    features, labels, fresh, _ = split(load_iris, 0)
    far = fresh[:1] + np.array([[0, 0, 100, 0]])

    predictor = train(spec(features, labels, LBFGS(members=1, max_epochs=20))).predictor
    assert predictor.predict(far).extrapolated.tolist() == [[False, False, True, False]]


def test_gradient_descent_tells_categories_apart_too() -> None:
    features, labels, fresh, truth = split(load_iris, 0)
    trainer = GradientDescent(learning_rate=0.01, max_epochs=2000, initialisation="fan_in")
    asked = spec(features, labels, trainer)
    network = replace(asked.network, scaling="standard", bias=True, activation="tanh")

    predictor = train(replace(asked, network=network)).predictor
    assert np.mean(predictor.predict(fresh).most_probable == truth) > 0.9


def test_a_trainer_of_numbers_alone_is_refused() -> None:
    features, labels, _, _ = split(load_iris, 0)

    with pytest.raises(OptionsError, match="predicts numbers"):
        train(spec(features, labels, LevenbergMarquardt()))


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_a_handful_of_rows_is_enough_to_begin_with(rows: int) -> None:
    features, labels = np.arange(rows, dtype=float)[:, None], np.arange(rows) % 2
    if rows == 1:
        labels = np.array([1])

    probabilities = train(spec(features, labels, LBFGS(members=1))).predictor.predict(features).probabilities
    assert np.isfinite(probabilities).all()


def test_progress_counts_on_over_all_networks() -> None:
    """Held-out networks and members alike: a watcher never sees the epochs fall back."""
    features, labels, _, _ = split(load_iris, 0)
    seen: list[int] = []
    train(spec(features, labels, LBFGS(members=2, max_epochs=10)), lambda epoch, *_: seen.append(epoch))

    assert seen == sorted(seen)
    assert seen[-1] > 20
