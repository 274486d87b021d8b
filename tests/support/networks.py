"""Random networks with a table to match, for the property tests."""

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from model.arrays import FloatArray
from model.network.activations import ACTIVATIONS
from model.network.network import Architecture, Network

SIZES = st.integers(1, 5)
SEEDS = st.integers(0, 2**32 - 1)


@dataclass(frozen=True)
class Case:
    """A network, and a table that it could be trained on."""

    network: Network
    inputs: FloatArray
    targets: FloatArray


@st.composite
def cases(draw: st.DrawFn, output_activations: tuple[str, ...] = tuple(ACTIVATIONS)) -> Case:
    """Draw any number of layers and units, any activations, with or without biases, and a few samples."""
    architecture = Architecture(
        (draw(SIZES), *draw(st.lists(SIZES, max_size=3)), draw(SIZES)),
        draw(st.sampled_from(sorted(ACTIVATIONS))),
        draw(st.sampled_from(output_activations)),
        draw(st.booleans()),
    )
    samples, rng = draw(st.integers(1, 6)), np.random.default_rng(draw(SEEDS))
    inputs, *_, outputs = architecture.layer_sizes
    return Case(
        architecture.initialise(rng, "standard_normal"),
        rng.standard_normal((samples, inputs)),
        rng.standard_normal((samples, outputs)),
    )
