"""The backward pass, against finite differences, against itself, and against scikit-learn."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given
from sklearn.neural_network import MLPRegressor

from model.arrays import FloatArray
from model.network.derivatives import Derivatives, loss_and_gradient
from model.network.ensemble_pass import ResidualPass, outputs_and_jacobian
from model.network.network import Architecture, Network
from tests.support.networks import Case, cases


def finite_differences(function: Callable[[FloatArray], FloatArray], parameters: FloatArray) -> FloatArray:
    """The function's slope by each parameter, along a first axis: two evaluations for each."""
    step = 1e-5
    steps = step * np.eye(len(parameters))
    return np.array([(function(parameters + h) - function(parameters - h)) / (2 * step) for h in steps])


def half_squares(case: Case) -> Callable[[FloatArray], FloatArray]:
    """The loss as a function of the parameters, by the forward pass alone."""

    def loss(parameters: FloatArray) -> FloatArray:
        residuals = Network(case.network.architecture, parameters).forward(case.inputs) - case.targets
        return np.array(0.5 * np.sum(residuals**2))

    return loss


def is_near_a_kink(case: Case) -> bool:
    """Whether a relu unit is so near zero that finite differences would straddle its kink."""
    architecture, values = case.network.architecture, case.inputs
    names = [architecture.activation] * (len(case.network.layers) - 1) + [architecture.output_activation]
    for (weights, bias), activation, name in zip(case.network.layers, architecture.activations, names, strict=True):
        values = values @ weights + (0 if bias is None else bias)
        # Exactly zero is a unit that gets only zeros, from units that are well below their own kinks.
        if name == "relu" and ((np.abs(values) < 1e-3) & (values != 0)).any():
            return True
        activation.function(values, values)
    return False


@given(cases())
def test_the_gradient_is_that_of_finite_differences(case: Case) -> None:
    assume(not is_near_a_kink(case))
    loss, gradient = loss_and_gradient(case.network, case.inputs, case.targets)
    expected = finite_differences(half_squares(case), case.network.parameters)

    assert loss == pytest.approx(half_squares(case)(case.network.parameters), rel=1e-9)
    assert gradient == pytest.approx(expected, rel=1e-6, abs=1e-6 * (1 + loss))


@given(cases())
def test_the_jacobian_is_that_of_finite_differences(case: Case) -> None:
    assume(not is_near_a_kink(case))
    architecture, (outputs, jacobian) = case.network.architecture, outputs_and_jacobian(case.network, case.inputs)
    expected = finite_differences(lambda p: Network(architecture, p).forward(case.inputs), case.network.parameters)

    assert jacobian == pytest.approx(expected.transpose(2, 0, 1), rel=1e-6, abs=1e-7 * (1 + np.abs(outputs).max()))


@given(cases())
def test_the_jacobian_times_the_residuals_is_the_gradient(case: Case) -> None:
    outputs, jacobian = outputs_and_jacobian(case.network, case.inputs)
    loss, gradient = loss_and_gradient(case.network, case.inputs, case.targets)
    expected = np.einsum("ops,so->p", jacobian, outputs - case.targets)

    assert gradient == pytest.approx(expected, rel=1e-9, abs=1e-11 * (1 + loss))


@given(cases())
def test_the_residuals_may_stand_below_the_jacobian(case: Case) -> None:
    outputs, jacobian = outputs_and_jacobian(case.network, case.inputs)
    one = ResidualPass(case.network.architecture, case.network.parameters, len(case.inputs))
    one.inputs[:] = case.inputs.T

    with_residuals = one.residual_jacobian(case.targets)

    assert np.array_equal(with_residuals[:, :-1], jacobian)
    assert np.array_equal(with_residuals[:, -1].T, outputs - case.targets)


@given(cases())
def test_its_outputs_are_those_of_the_forward_pass(case: Case) -> None:
    expected = pytest.approx(case.network.forward(case.inputs), rel=1e-9, abs=1e-11)

    assert Derivatives(case.network.architecture, case.inputs, case.network.parameters).outputs() == expected
    assert outputs_and_jacobian(case.network, case.inputs)[0] == expected


@given(cases())
def test_another_loss_is_followed_by_the_slope_that_it_leaves(case: Case) -> None:
    def alignment(outputs: FloatArray, targets: FloatArray, error: FloatArray) -> float:
        error[:] = targets
        return float(np.sum(outputs * targets))

    value, gradient = loss_and_gradient(case.network, case.inputs, case.targets, alignment)
    outputs, jacobian = outputs_and_jacobian(case.network, case.inputs)
    scale = 1 + float(np.abs(jacobian).max())

    assert value == pytest.approx(np.sum(outputs * case.targets), rel=1e-9, abs=1e-9)
    assert gradient == pytest.approx(np.einsum("ops,so->p", jacobian, case.targets), rel=1e-9, abs=1e-11 * scale)


@given(cases())
def test_parameters_and_inputs_may_change_in_place_between_calls(case: Case) -> None:
    inputs, parameters = np.zeros_like(case.inputs), np.zeros_like(case.network.parameters)
    derivatives = Derivatives(case.network.architecture, inputs, parameters)
    derivatives.loss_and_gradient(case.targets)
    one = ResidualPass(case.network.architecture, parameters, len(inputs))
    one.residual_jacobian(case.targets)
    inputs[:], parameters[:] = case.inputs, case.network.parameters
    one.inputs[:] = inputs.T

    assert np.array_equal(
        derivatives.loss_and_gradient(case.targets)[1],
        loss_and_gradient(case.network, case.inputs, case.targets)[1],
    )
    assert np.array_equal(
        one.residual_jacobian(case.targets)[:, :-1],
        outputs_and_jacobian(case.network, case.inputs)[1],
    )


@given(cases())
def test_derivatives_change_neither_network_nor_table(case: Case) -> None:
    before = [case.network.parameters.copy(), case.inputs.copy(), case.targets.copy()]
    loss_and_gradient(case.network, case.inputs, case.targets)
    outputs_and_jacobian(case.network, case.inputs)
    for was, now in zip(before, [case.network.parameters, case.inputs, case.targets], strict=True):
        assert np.array_equal(was, now)


def test_without_hidden_layers_the_gradient_is_that_of_a_line() -> None:
    rng = np.random.default_rng(0)
    inputs, targets = rng.standard_normal((20, 4)), rng.standard_normal((20, 2))
    network = Architecture((4, 2)).initialise(rng)
    with_ones = np.hstack([inputs, np.ones((20, 1))])
    expected = with_ones.T @ (with_ones @ network.parameters.reshape(5, 2) - targets)

    assert loss_and_gradient(network, inputs, targets)[1] == pytest.approx(expected.ravel(), rel=1e-12)


def scikit_learns(case: Case, rate: float = 1.0) -> MLPRegressor:
    """scikit-learn's network of the same shape with the same weights; a partial fit is one plain step at `rate`."""
    architecture = case.network.architecture
    regressor = MLPRegressor(
        hidden_layer_sizes=architecture.layer_sizes[1:-1],
        activation={"sigmoid": "logistic"}.get(architecture.activation, architecture.activation),
        solver="sgd",
        alpha=0.0,
        learning_rate_init=rate,
        momentum=0.0,
        nesterovs_momentum=False,
    )
    # The first step builds the arrays; they are then filled in place with our parameters.
    step(regressor, case)
    for (weights, bias), theirs, intercepts in zip(
        case.network.layers, regressor.coefs_, regressor.intercepts_, strict=True
    ):
        theirs[:] = weights
        intercepts[:] = 0 if bias is None else bias
    return regressor


def step(regressor: MLPRegressor, case: Case) -> None:
    single = case.targets.shape[1] == 1
    regressor.partial_fit(case.inputs, case.targets.ravel() if single else case.targets)


@given(cases(output_activations=("identity",)))
def test_scikit_learn_predicts_the_same_from_the_same_weights(case: Case) -> None:
    predicted = scikit_learns(case).predict(case.inputs).reshape(case.targets.shape)

    assert case.network.forward(case.inputs) == pytest.approx(predicted, rel=1e-9, abs=1e-11)


@given(cases(output_activations=("identity",)))
def test_scikit_learn_steps_along_the_same_gradient(case: Case) -> None:
    """It divides the gradient by the number of samples, and knows no network without biases."""
    regressor = scikit_learns(case)
    step(regressor, case)
    loss, gradient = loss_and_gradient(case.network, case.inputs, case.targets)
    slopes = case.network.architecture.layers(gradient / len(case.inputs))
    steps = zip(case.network.layers, slopes, regressor.coefs_, regressor.intercepts_, strict=True)
    for (weights, bias), (by_weights, by_bias), coefs, intercepts in steps:
        assert weights - by_weights == pytest.approx(coefs, rel=1e-9, abs=1e-11 * (1 + loss))
        if bias is not None and by_bias is not None:
            assert bias - by_bias == pytest.approx(intercepts, rel=1e-9, abs=1e-11 * (1 + loss))
