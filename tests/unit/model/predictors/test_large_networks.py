"""Networks of many parameters: the memory that their answers take, and the same bits for a row in any batch."""

import tracemalloc

import numpy as np
import pytest

from model.network import Architecture, Ensemble
from model.posterior import Posterior
from model.predictors import Mixture, NetworkPart, StudentQuantiles
from model.table import NetworkInputs


def single(hidden: tuple[int, ...], targets: int, members: int = 1) -> Mixture:
    """Return a mixture of a network alone, trained on two rows: its posterior is a difference from the prior."""
    rng = np.random.default_rng(len(hidden))
    architecture = Architecture((1, *hidden, targets))
    count = architecture.parameter_count
    posterior = Posterior(
        rng.normal(size=(members, 2, count)) / count,
        np.full((members, targets), 0.1),
        rng.uniform(1, 2, (members, count)),
    )
    inputs = NetworkInputs(np.zeros(1, int), np.full(1, -np.inf), np.full(1, np.inf), np.zeros(1), np.ones(1))
    ensemble = Ensemble(architecture, rng.normal(size=(members, count)) / np.sqrt(max(hidden)))
    part = NetworkPart(inputs, None, ensemble, posterior)
    return Mixture.single(part, None, StudentQuantiles(np.ones(targets), np.full(targets, 30.0)))


MIXTURES = [single((1000, 1000), 1), single((500, 500), 1), single((400, 400), 2), single((300, 300), 1, members=2)]


@pytest.mark.parametrize("mixture", MIXTURES)
def test_an_answer_takes_the_room_of_two_rows_jacobian_and_no_more_for_many_rows(mixture: Mixture) -> None:
    """Or of two limits, 32 MiB, where that is more: the Jacobian, and what is computed of it."""
    (part,) = mixture.networks
    tracemalloc.start()
    try:
        mixture.locations_and_variances(np.linspace(-1, 1, 70)[:, None])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 1.1 * (2 * max(part.bytes_a_row, 2**24))


@pytest.mark.parametrize("mixture", MIXTURES)
def test_a_row_has_the_same_bits_in_any_batch(mixture: Mixture) -> None:
    rows = np.linspace(-1, 1, 9)[:, None]
    whole = mixture.locations_and_variances(rows)
    for size in (1, 2, 5):
        for start in range(0, 9, size):
            part = mixture.locations_and_variances(rows[start : start + size])
            for one, other in zip(part, whole, strict=True):
                np.testing.assert_array_equal(one, other[start : start + size])
