"""What a training is estimated to take: never more than it does take, so that nothing is refused that would fit."""

import tracemalloc
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from model.network import Architecture
from model.table import Column, Dataset, Signature
from model.trainers import LBFGS, TRAINERS, GradientDescent, LevenbergMarquardt, Trainer
from model.training import TrainingSpec, estimate_memory, train

WIDE: dict[str, Any] = {"output_activation": "identity", "scaling": "standard"}


def spec_of(rows: int, trainer: Trainer, *layers: int) -> TrainingSpec:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(rows, 6))
    targets = np.tanh(features[:, :1]) + 0.1 * rng.normal(size=(rows, 1))
    network = replace(trainer.default_network, hidden_layers=layers, **WIDE) if layers else trainer.default_network
    signature = Signature(tuple(Column(f"x{number}") for number in range(6)), (Column("y"),))
    return TrainingSpec(signature, Dataset(features, targets), network, trainer)


SPECS = {
    "what is chosen for a table": spec_of(60, LevenbergMarquardt(max_epochs=2)),
    "the same of many rows": spec_of(5000, LevenbergMarquardt(budget=0.5, max_epochs=2)),
    "a wide Jacobian": spec_of(150, LevenbergMarquardt(max_epochs=2, members=1, target_transform=False), 50, 40),
    "a network too large for a Jacobian": spec_of(
        40, LevenbergMarquardt(max_epochs=2, members=1, target_transform=False), 60, 60
    ),
    "steps from gradients": spec_of(2000, LBFGS(max_epochs=2, members=1), 200, 200),
    "a pass over few rows": spec_of(4, GradientDescent(max_epochs=2, learning_rate=1e-9), 500, 500),
    "a pass over many rows": spec_of(4000, GradientDescent(max_epochs=2, learning_rate=1e-9), 300),
    "small batches": spec_of(4000, GradientDescent(max_epochs=2, learning_rate=1e-9, batch_size=50), 300),
}


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_no_training_is_estimated_to_take_more_than_it_takes(spec: TrainingSpec) -> None:
    tracemalloc.start()
    try:
        train(spec)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert estimate_memory(spec) <= 1.05 * most
    if spec.network.hidden_layers != spec.trainer.default_network.hidden_layers:
        assert estimate_memory(spec) >= 0.1 * most  # of a network that is chosen, it is known rather well


@pytest.mark.parametrize("name", TRAINERS)
def test_a_larger_network_or_table_is_estimated_to_take_more(name: str) -> None:
    takes = TRAINERS[name]().epoch_bytes

    assert 0 < takes(Architecture((2, 3, 1)), 10) < takes(Architecture((2, 30, 1)), 10)
    assert takes(Architecture((2, 30, 1)), 10) < takes(Architecture((2, 30, 1)), 99)
