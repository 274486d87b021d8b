"""Passes over an ensemble, against each of its networks by itself."""

import numpy as np
import pytest

from model.network.ensemble_pass import EnsemblePass, outputs_and_jacobian
from model.network.network import Architecture, Ensemble, Network


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
@pytest.mark.parametrize("tile_rows", [4, 8])
@pytest.mark.parametrize("output_activation", ["identity", "sigmoid"])
@pytest.mark.parametrize("hidden", [(), (4,), (4, 5)])
def test_what_an_ensemble_says_is_what_its_networks_say(
    rng: np.random.Generator,
    activation: str,
    bias: bool,
    tile_rows: int,
    output_activation: str,
    hidden: tuple[int, ...],
) -> None:
    architecture = Architecture((3, *hidden, 2), activation, output_activation, bias)
    ensemble = Ensemble(architecture, rng.standard_normal((3, architecture.parameter_count)))
    table = rng.standard_normal((8, 3))
    each = EnsemblePass(ensemble, 8, tile_rows)
    each.inputs[:] = table.T

    outputs, jacobian = each.outputs_and_jacobian()

    for member in range(3):
        known_outputs, known_jacobian = outputs_and_jacobian(Network(architecture, ensemble.parameters[member]), table)
        np.testing.assert_allclose(outputs[member], known_outputs.T, rtol=1e-12)
        np.testing.assert_allclose(jacobian[member], known_jacobian, rtol=1e-12, atol=1e-15)


def test_a_pass_says_the_same_again_of_the_same_inputs(rng: np.random.Generator) -> None:
    """Its buffers are overwritten, but nothing of one call is left over in the next."""
    architecture = Architecture((2, 3, 1))
    each = EnsemblePass(Ensemble(architecture, rng.standard_normal((2, architecture.parameter_count))), 4)
    first, second = rng.standard_normal((2, 2, 4))
    each.inputs[:] = first
    before = [part.copy() for part in each.outputs_and_jacobian()]

    each.inputs[:] = second
    each.outputs_and_jacobian()
    each.inputs[:] = first

    for known, again in zip(before, each.outputs_and_jacobian(), strict=True):
        assert np.array_equal(known, again)


def test_a_jacobian_in_single_precision_is_that_in_double_rounded(rng: np.random.Generator) -> None:
    architecture = Architecture((3, 4, 5, 2))
    ensemble = Ensemble(architecture, rng.standard_normal((3, architecture.parameter_count)))
    single, double = EnsemblePass(ensemble, 8, 4, np.ones((1, 53), np.float32)), EnsemblePass(ensemble, 8)
    single.inputs[:] = double.inputs[:] = rng.standard_normal((3, 8))

    (outputs, rounded), (known_outputs, known) = single.outputs_and_jacobian(), double.outputs_and_jacobian()

    assert np.array_equal(outputs, known_outputs)
    assert rounded.dtype == np.float32
    np.testing.assert_allclose(rounded, known, rtol=1e-5, atol=1e-6)


def test_a_jacobian_may_be_by_the_last_layer_alone(rng: np.random.Generator) -> None:
    architecture = Architecture((3, 4, 5, 2))
    ensemble = Ensemble(architecture, rng.standard_normal((3, architecture.parameter_count)))
    last, whole = EnsemblePass(ensemble, 8, factor=np.ones((12, 12))), EnsemblePass(ensemble, 8)
    last.inputs[:] = whole.inputs[:] = rng.standard_normal((3, 8))

    (_, jacobian), (_, known) = last.outputs_and_jacobian(), whole.outputs_and_jacobian()

    assert np.array_equal(jacobian, known[:, :, -12:])
