"""Weights and temperatures of candidates for classes."""

import numpy as np
import pytest

from model.arrays import FloatArray
from model.fitting.classes.networks import search_down
from model.fitting.classes.scoring import fit_temperature, log_loss
from model.fitting.classes.weights import mix_unseen, stack_probabilities, weigh_classes

RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, 3, 2000)
TRUE = np.eye(3)[LABELS] + RNG.normal(size=(2000, 3))
"""Of these outputs softmax makes true probabilities: the scores are normal, of variance 1 and one apart."""


def test_a_temperature_undoes_what_outputs_were_multiplied_by() -> None:
    assert fit_temperature(1.6 * TRUE[None], LABELS) == pytest.approx(1.6, rel=0.06)


def test_of_few_rows_a_temperature_stays_near_one() -> None:
    assert abs(np.log(fit_temperature(2.0 * TRUE[None, :12], LABELS[:12]))) < 0.5


def test_a_mixture_has_the_least_log_loss_of_all_weights() -> None:
    other = np.eye(3)[LABELS] * RNG.integers(0, 3, (2000, 1)) + RNG.normal(size=(2000, 3))
    probabilities = np.stack([np.exp(-each) for each in (losses(TRUE), losses(other))])
    (weight, _) = stack_probabilities(probabilities, np.zeros(2))

    values = [
        -np.log(share * probabilities[0] + (1 - share) * probabilities[1]).mean() for share in np.linspace(0, 1, 101)
    ]
    assert weight == pytest.approx(np.argmin(values) / 100, abs=0.02)


def test_a_candidate_that_knows_nothing_gets_no_weight() -> None:
    weighted = weigh_classes([np.zeros((1, 2000, 3)), TRUE[None]], LABELS, np.array([0.1, 3.0]))

    assert weighted.weights.tolist() == [0.0, 1.0]


def test_a_row_is_mixed_by_weights_that_have_not_seen_its_fold() -> None:
    """The second candidate knows the rows of the first fold alone, and nothing speaks for it where these are left out."""
    fold = np.arange(2000) % 2
    second = np.where(fold[:, None] == 0, 8.0 * np.eye(3)[LABELS], -8.0 * np.eye(3)[LABELS])
    mixed = mix_unseen([TRUE[None], second[None]], LABELS, fold, np.array([1.0, 1.0]))

    assert np.isfinite(mixed).all()
    known = weigh_classes([TRUE[None, fold == 1]], LABELS[fold == 1], np.array([1.0])).mix([TRUE[None, fold == 0]])
    assert np.array_equal(mixed[fold == 0], known)


@pytest.mark.parametrize(
    ("scores", "start", "best"), [([3, 2, 1, 2, 3], 1, 2), ([1, 2, 3, 4], 3, 0), ([1, 2, 0], 0, 0)]
)
def test_a_search_goes_down_until_it_rises(scores: list[float], start: int, best: int) -> None:
    assert search_down(lambda place: scores[place], len(scores), start) == best


def losses(outputs: FloatArray) -> FloatArray:
    return np.array([log_loss(outputs[None, [row]], LABELS[[row]]) for row in range(len(LABELS))])
