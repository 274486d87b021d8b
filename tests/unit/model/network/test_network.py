"""The network: its parameter vector and the views into it, its start, and the forward pass."""

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given

from model.arrays import FloatArray
from model.errors import OptionsError
from model.network.activations import ACTIVATIONS, Activation
from model.network.ensemble_pass import EnsemblePass
from model.network.network import INITIALISATIONS, Architecture, Ensemble, Network
from tests.support.networks import Case, cases

SCALAR: dict[str, Callable[[float], float]] = {
    "identity": lambda v: v,
    "relu": lambda v: max(v, 0.0),
    "sigmoid": lambda v: 1 / (1 + math.exp(-v)),
    "tanh": math.tanh,
}


def by_hand(network: Network, sample: FloatArray) -> list[float]:
    """One sample's outputs, unit by unit."""
    values = [float(value) for value in sample]
    names = [network.architecture.activation] * (len(network.layers) - 1) + [network.architecture.output_activation]
    for (weights, bias), name in zip(network.layers, names, strict=True):
        starts = np.zeros(weights.shape[1]) if bias is None else bias
        values = [
            SCALAR[name](float(start) + sum(value * float(weight) for value, weight in zip(values, unit, strict=True)))
            for start, unit in zip(starts, weights.T, strict=True)
        ]
    return values


@given(cases())
def test_forward_is_the_textbooks_sum_over_units(case: Case) -> None:
    outputs = case.network.forward(case.inputs)
    expected = np.array([by_hand(case.network, sample) for sample in case.inputs])

    assert outputs == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(cases())
def test_forward_changes_neither_the_inputs_nor_the_network(case: Case) -> None:
    inputs, parameters, stored = case.inputs.copy(), case.network.parameters.copy(), set(vars(case.network))
    case.network.forward(case.inputs)

    assert set(vars(case.network)) == stored
    assert np.array_equal(case.inputs, inputs)
    assert np.array_equal(case.network.parameters, parameters)


@given(cases())
def test_an_ensemble_answers_what_each_of_its_networks_does(case: Case) -> None:
    architecture, parameters = case.network.architecture, case.network.parameters
    ensemble = Ensemble(architecture, np.stack([parameters, parameters[::-1]]))
    each = EnsemblePass(ensemble, len(case.inputs), len(case.inputs))
    each.inputs[:] = case.inputs.T

    for network, of_member in zip(ensemble.members, each.outputs(), strict=True):
        assert pytest.approx(network.forward(case.inputs), rel=1e-9, abs=1e-9) == of_member.T


@given(cases())
def test_the_parameter_vector_holds_each_layers_weights_and_then_its_bias(case: Case) -> None:
    architecture = case.network.architecture
    parts: list[FloatArray] = []
    for (weights, bias), (fan_in, units) in zip(case.network.layers, pairwise(architecture.layer_sizes), strict=True):
        assert weights.shape == (fan_in, units)
        assert (bias is not None) == architecture.bias
        parts += [weights.ravel()] if bias is None else [weights.ravel(), bias]

    assert np.array_equal(np.concatenate(parts), case.network.parameters)
    assert len(case.network.parameters) == architecture.parameter_count


def test_layers_are_views_so_a_step_along_the_vector_moves_the_weights() -> None:
    network = Architecture((2, 3, 1)).initialise(np.random.default_rng(0))
    network.parameters[:] = 7
    for weights, bias in network.layers:
        assert (weights == 7).all()
        assert bias is not None
        assert (bias == 7).all()


def test_layers_part_any_array_whose_first_axis_runs_over_the_parameters() -> None:
    table = np.arange(13.0 * 4).reshape(13, 4)
    (weights, bias), (last, _) = Architecture((2, 3, 1)).layers(table)

    assert bias is not None
    assert np.array_equal(weights, table[:6].reshape(2, 3, 4))
    assert np.array_equal(bias, table[6:9])
    assert np.array_equal(last, table[9:12].reshape(3, 1, 4))


def test_a_forward_pass_in_the_midst_of_another_disturbs_neither(monkeypatch: pytest.MonkeyPatch) -> None:
    """Re-entrant: were anything stored on the network, the inner pass would overwrite it."""
    first, second = np.random.default_rng(1).standard_normal((2, 4, 2))
    inner: list[FloatArray] = []

    def interrupted(values: FloatArray, out: FloatArray) -> None:
        if not inner:
            inner.append(np.empty(0))  # so that the inner pass is not interrupted as well
            inner.append(network.forward(second))
        np.tanh(values, out)

    plain = Architecture((2, 3, 1), "tanh").initialise(np.random.default_rng(0))
    monkeypatch.setitem(ACTIVATIONS, "tanh", Activation(interrupted, None))
    network = Network(Architecture((2, 3, 1), "tanh"), plain.parameters)
    outer = network.forward(first)
    monkeypatch.undo()

    assert np.array_equal(outer, plain.forward(first))
    assert np.array_equal(inner[1], plain.forward(second))


def test_threads_may_share_a_network() -> None:
    network = Architecture((2, 50, 50, 1)).initialise(np.random.default_rng(0))
    tables = np.random.default_rng(1).standard_normal((200, 30, 2))
    alone = [network.forward(table) for table in tables]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(network.forward, tables))

    assert np.array_equal(together, alone)


def test_a_network_cannot_be_given_other_parameters() -> None:
    network = Architecture((2, 3, 1)).initialise(np.random.default_rng(0))

    with pytest.raises(FrozenInstanceError):
        network.parameters = np.zeros(13)  # type: ignore[misc]


@pytest.mark.parametrize("name", sorted(INITIALISATIONS))
def test_equal_seeds_draw_equal_networks_and_others_others(name: str) -> None:
    first, again, other = (
        Architecture((2, 3, 1)).initialise(np.random.default_rng(seed), name).parameters for seed in (1, 1, 2)
    )

    assert np.array_equal(first, again)
    assert not np.any(first == other)


def test_standard_normal_draws_the_layers_one_after_the_other_as_the_tutorial_does() -> None:
    network = Architecture((2, 3, 1), bias=False).initialise(np.random.default_rng(5), "standard_normal")
    rng = np.random.default_rng(5)
    for weights, _ in network.layers:
        assert np.array_equal(weights, rng.standard_normal(weights.shape))


def test_fan_in_starts_hidden_units_at_unit_variance_and_outputs_near_zero() -> None:
    network = Architecture((99, 400, 400, 300)).initialise(np.random.default_rng(0), "fan_in")
    spreads = [float(weights.std()) for weights, _ in network.layers]

    assert spreads == pytest.approx([100**-0.5, 401**-0.5, 0.1 * 401**-0.5], rel=0.02)


@pytest.mark.parametrize("sizes", [(), (2,), (2, 0, 1), (0, 1), (2, -3, 1)])
def test_refuses_layer_sizes_that_make_no_network(sizes: tuple[int, ...]) -> None:
    with pytest.raises(OptionsError, match="no empty layer"):
        Architecture(sizes)


@pytest.mark.parametrize("names", [("softsign", "identity"), ("tanh", "softsign")])
def test_refuses_an_unknown_activation_and_names_those_there_are(names: tuple[str, str]) -> None:
    with pytest.raises(OptionsError, match=r"'softsign'; there are identity, relu, sigmoid, tanh"):
        Architecture((2, 3, 1), *names)
