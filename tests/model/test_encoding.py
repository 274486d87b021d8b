"""An encoding picks, limits and scales."""

import numpy as np

from model.encoding import Encoding
from model.scaler import Scaler


def test_plain_passes_on_the_scaled_features() -> None:
    scaler = Scaler(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 4.0]))
    features = np.array([[1.0, 4.0, 11.0]])

    inputs = Encoding.plain(np.array([0, 2]), scaler).apply(features)

    assert inputs.tolist() == [[0.0, 2.0]]


def test_inputs_are_held_between_their_limits() -> None:
    encoding = Encoding(np.array([0, 0]), np.array([0.0, 1.0]), np.array([1.0, 2.0]), np.zeros(2), np.ones(2))

    assert encoding.apply(np.array([[-5.0], [1.5], [9.0]])).tolist() == [[0.0, 1.0], [1.0, 1.5], [1.0, 2.0]]
