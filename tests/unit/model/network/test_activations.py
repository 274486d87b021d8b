"""The activations: their values, their slopes, and where they write."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from model.arrays import FloatArray
from model.network.activations import ACTIVATIONS

TEXTBOOK = {
    "identity": lambda v: v,
    "relu": lambda v: max(v, 0.0),
    "sigmoid": lambda v: 1 / (1 + math.exp(-v)),
    "tanh": math.tanh,
}

every_activation = pytest.mark.parametrize("name", sorted(ACTIVATIONS))


def values_of(name: str, arguments: FloatArray) -> FloatArray:
    out = np.empty_like(arguments)
    ACTIVATIONS[name].function(arguments, out)
    return out


@every_activation
@given(st.floats(-30, 30))
def test_is_the_textbooks_function(name: str, argument: float) -> None:
    assert values_of(name, np.array([argument])) == pytest.approx(TEXTBOOK[name](argument), rel=1e-14, abs=1e-15)


@every_activation
@given(st.floats(-5, 5))
def test_the_slope_is_that_of_finite_differences(name: str, argument: float) -> None:
    step = 1e-5
    assume(name != "relu" or abs(argument) > step)
    below, above = values_of(name, np.array([argument - step, argument + step]))
    slope, slopes = ACTIVATIONS[name].slope, np.ones(1)
    if slope is not None:
        slope(values_of(name, np.array([argument])), slopes)

    assert slopes == pytest.approx((above - below) / (2 * step), rel=1e-8, abs=1e-9)


@every_activation
def test_leaves_its_argument_alone_unless_that_is_where_it_writes(name: str) -> None:
    arguments = np.linspace(-2, 2, 12).reshape(3, 4).T
    before = arguments.copy()
    values = values_of(name, arguments)

    assert np.array_equal(arguments, before)
    ACTIVATIONS[name].function(arguments, arguments)

    assert np.array_equal(arguments, values)


@every_activation
def test_a_slope_leaves_the_values_alone(name: str) -> None:
    slope, values = ACTIVATIONS[name].slope, values_of(name, np.linspace(-2, 2, 9))
    before = values.copy()
    if slope is not None:
        slope(values, np.empty_like(values))

    assert np.array_equal(values, before)


@every_activation
@pytest.mark.parametrize("huge", [-1e308, 1e308])
def test_huge_arguments_neither_overflow_nor_warn(name: str, huge: float) -> None:
    limits = {"identity": huge, "relu": max(huge, 0.0), "sigmoid": float(huge > 0), "tanh": math.copysign(1, huge)}

    assert values_of(name, np.array([huge])) == limits[name]
