"""Network inputs: features are picked, limited and scaled."""

import numpy as np

from model.table.inputs import NetworkInputs
from model.table.scaler import Scaler


def test_plain_passes_on_the_scaled_features() -> None:
    scaler = Scaler(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 4.0]))
    features = np.array([[1.0, 4.0, 11.0]])

    inputs = NetworkInputs.from_scaler(np.array([0, 2]), scaler).apply(features)

    assert inputs.tolist() == [[0.0, 2.0]]


def test_inputs_are_held_between_their_limits() -> None:
    network_inputs = NetworkInputs(
        np.array([0, 0]), np.array([0.0, 1.0]), np.array([1.0, 2.0]), np.zeros(2), np.ones(2)
    )

    assert network_inputs.apply(np.array([[-5.0], [1.5], [9.0]])).tolist() == [[0.0, 1.0], [1.0, 1.5], [1.0, 2.0]]


def test_ramps_rise_between_quantiles_and_share_a_group() -> None:
    scaler = Scaler(np.zeros(2), np.ones(2))
    features = np.column_stack([np.linspace(0, 10, 101), np.tile([0.0, 1.0], 51)[:101]])
    network_inputs = NetworkInputs.from_scaler(np.array([0, 1]), scaler).with_ramps(features, 5)

    inputs = network_inputs.apply(features)

    assert network_inputs.groups == (0, 1, 2, 2, 2, 2, 2)  # a column of two values is a step already
    np.testing.assert_allclose(network_inputs.low[2:], [0, 2, 4, 6, 8])
    np.testing.assert_allclose(inputs[:, 2:].mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(inputs[:, 2:].std(axis=0), 1)


def test_ramps_lie_between_the_values_of_a_column_that_has_few() -> None:
    features = np.array([[1.0], [2.0], [5.0], [5.0]])
    network_inputs = NetworkInputs.from_scaler(np.array([0]), Scaler(np.zeros(1), np.ones(1))).with_ramps(features, 5)

    assert network_inputs.low[1:].tolist() == [1.0, 2.0]
    assert network_inputs.high[1:].tolist() == [2.0, 5.0]
