"""Scalers: there and back, and no division by zero."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from model.arrays import FloatArray
from model.errors import OptionsError
from model.table.scaler import (
    SCALINGS,
    Scaler,
    scale_by_bounds,
    scale_by_declared_maximum,
    scale_by_maximum,
    standardise,
)
from model.table.signature import Column
from tests.support.model_tables import EXAM_SCORE, TUTORIAL

TABLES = arrays(np.float64, array_shapes(min_dims=2, max_dims=2), elements=st.floats(-1e6, 1e6))
UNBOUNDED = tuple(Column(f"x{number}") for number in range(10))

every_scaling = pytest.mark.parametrize("scaling", [scale_by_maximum, scale_by_declared_maximum, standardise])


def scaled_by(scaling: object, values: FloatArray) -> FloatArray:
    scaler = scaling(values, UNBOUNDED[: values.shape[1]])  # type: ignore[operator]
    assert isinstance(scaler, Scaler)
    return scaler.apply(values)


@every_scaling
@given(values=TABLES)
def test_inverting_gives_the_values_back(scaling: object, values: FloatArray) -> None:
    scaler = scaling(values, UNBOUNDED[: values.shape[1]])  # type: ignore[operator]
    largest = np.abs(values).max()

    assert scaler.invert(scaler.apply(values)) == pytest.approx(values, rel=1e-9, abs=1e-12 * largest)


@given(TABLES)
def test_by_maximum_the_largest_magnitude_of_each_column_becomes_one(values: FloatArray) -> None:
    largest = np.abs(scaled_by(scale_by_maximum, values)).max(axis=0)

    assert largest == pytest.approx((np.abs(values).max(axis=0) > 0).astype(float))


@given(TABLES)
def test_standardised_columns_have_mean_0_and_deviation_1_or_0(values: FloatArray) -> None:
    scaled = scaled_by(standardise, values)

    assert scaled.mean(axis=0) == pytest.approx(0, abs=1e-6)
    for column, original in zip(scaled.T, values.T, strict=True):
        varies = original.std() > 1e-8 * np.abs(original).max()
        assert column.std() == pytest.approx(1, abs=1e-6) if varies else np.abs(column).max() < 3e6


@every_scaling
@pytest.mark.parametrize("value", [0.0, -3.0, 0.1, 1e-320, 1e308])
def test_a_constant_column_is_no_division_by_zero(scaling: object, value: float) -> None:
    scaled = scaled_by(scaling, np.full((3, 1), value))

    assert np.isfinite(scaled).all()
    assert np.ptp(scaled) == 0


def test_standardising_takes_what_varies_by_rounding_alone_for_constant() -> None:
    rounded = scaled_by(standardise, np.array([[0.1 + 0.2], [0.3], [0.3]]))
    minutes = scaled_by(standardise, np.array([[1.7e9], [1.7e9 + 60], [1.7e9 + 120]]))

    assert np.abs(rounded).max() < 1e-15
    assert minutes.std() == pytest.approx(1, rel=1e-6)


@every_scaling
def test_huge_numbers_do_not_overflow(scaling: object) -> None:
    assert np.isfinite(scaled_by(scaling, np.array([[1e308], [-0.5e308]]))).all()


def test_the_tutorials_table_is_scaled_as_in_the_tutorial() -> None:
    """The hours by their columns' maxima 3 and 9, the score by its bound 100 rather than by the best one, 92."""
    features = SCALINGS["max"].features(TUTORIAL.features, EXAM_SCORE.features)
    targets = SCALINGS["max"].targets(TUTORIAL.targets, EXAM_SCORE.targets)

    assert np.array_equal(features.apply(TUTORIAL.features), TUTORIAL.features / [3, 9])
    assert np.array_equal(targets.apply(TUTORIAL.targets), TUTORIAL.targets / 100)


@pytest.mark.parametrize(("maximum", "scale"), [(None, 8.0), (50.0, 50.0), (0.0, 8.0), (-1.0, 8.0)])
def test_by_limit_goes_by_the_declared_maximum_if_that_can_be_divided_by(maximum: float | None, scale: float) -> None:
    scaler = scale_by_declared_maximum(np.array([[-8.0], [-2.0]]), (Column("y", maximum=maximum),))

    assert scaler.scale.tolist() == [scale]
    assert scaler.offset.tolist() == [0.0]


def test_by_bounds_the_declared_bounds_become_0_and_1() -> None:
    scaler = scale_by_bounds(np.zeros((1, 2)), (Column("a", None, 10, 30), Column("b", None, -1, 1)))

    assert scaler.apply(np.array([[10.0, -1.0], [30.0, 1.0], [15.0, 0.0]])).tolist() == [[0, 0], [1, 1], [0.25, 0.5]]


@pytest.mark.parametrize(("minimum", "maximum", "missing"), [(None, 1.0, "minimum"), (0.0, None, "maximum")])
def test_by_bounds_names_the_column_that_lacks_one(minimum: float | None, maximum: float | None, missing: str) -> None:
    columns = (Column("whole", None, 0, 1), Column("half", None, minimum, maximum))

    with pytest.raises(OptionsError, match=f"needs a {missing} of column 'half'"):
        scale_by_bounds(np.zeros((1, 2)), columns)


@pytest.mark.parametrize("scaling", SCALINGS)
def test_scales_are_floats_even_of_bounds_that_are_whole_numbers(scaling: str) -> None:
    columns = (Column("a", minimum=0, maximum=24), Column("b", minimum=-1, maximum=1))
    values = np.array([[1.0, 0.5], [2.0, 0.25]])

    for scale in SCALINGS[scaling]:
        scaler = scale(values, columns)
        assert {scaler.offset.dtype.name, scaler.scale.dtype.name} == {"float64"}


def test_by_bounds_dates_cannot_be_scaled() -> None:
    with pytest.raises(
        OptionsError, match="column 'when' holds dates, which have no bounds to scale by: choose another"
    ):
        scale_by_bounds(np.zeros((1, 1)), (Column("when", kind="date"),))
