"""What every candidate promises."""

from collections.abc import Callable
from dataclasses import FrozenInstanceError, fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.arrays import FloatArray, IntArray
from model.candidates import (
    Fit,
    Fitted,
    KernelOptions,
    TreeOptions,
    class_trees_cost,
    fit_class_trees,
    fit_kernel_machine,
    fit_oblivious_trees,
    fit_ridge,
    kernel_machine_cost,
    nbytes,
    oblivious_trees_cost,
    ridge_cost,
)

OPTIONS = TreeOptions(depth=3, rate=0.1, max_trees=60)

FitFunction = Callable[[FloatArray, FloatArray, IntArray, int], Fit[Any]]


def ridge(features: FloatArray, targets: FloatArray, fold: IntArray, seed: int) -> Fit[Any]:
    return fit_ridge(features, targets, fold)


def kernel(features: FloatArray, targets: FloatArray, fold: IntArray, seed: int) -> Fit[Any]:
    return fit_kernel_machine(features, targets, fold, np.random.default_rng(seed), KernelOptions(rounds=2))


def trees(features: FloatArray, targets: FloatArray, fold: IntArray, seed: int) -> Fit[Any]:
    return fit_oblivious_trees(features, targets, fold, np.random.default_rng(seed), OPTIONS)


def classes(features: FloatArray, targets: FloatArray, fold: IntArray, seed: int) -> Fit[Any]:
    labels = np.searchsorted(np.quantile(targets, [0.3, 0.6]), targets)
    present = np.unique(labels, return_inverse=True)[1]
    return fit_class_trees(features, present, fold, np.random.default_rng(seed), OPTIONS)


NUMBERS: dict[str, FitFunction] = {"ridge": ridge, "kernel": kernel, "trees": trees}
CANDIDATES: dict[str, FitFunction] = NUMBERS | {"classes": classes}

every_candidate = pytest.mark.parametrize("fit", CANDIDATES.values(), ids=CANDIDATES)
every_number = pytest.mark.parametrize("fit", NUMBERS.values(), ids=NUMBERS)


def table(rows: int, columns: int, seed: int = 0) -> tuple[FloatArray, FloatArray, IntArray]:
    """A curved truth with noise, and five folds."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(rows, columns))
    targets = features[:, 0] + np.sin(2 * features[:, -1]) + 0.1 * rng.normal(size=rows)
    return features, targets, rng.permutation(rows) % min(5, rows)


@every_candidate
def test_learns_and_is_honest_about_rows_it_did_not_see(fit: FitFunction) -> None:
    features, targets, fold = table(200, 3)
    done = fit(features, targets, fold, 0)
    if done.out_of_fold.ndim == 1:
        fresh, truth, _ = table(500, 3, seed=1)
        error = np.mean((done.fitted.predict(fresh) - truth) ** 2)
        assert error < 0.5 * np.var(truth)
        assert 0.6 < np.mean((done.out_of_fold - targets) ** 2) / error < 1.7
    else:
        labels = np.searchsorted(np.quantile(targets, [0.3, 0.6]), targets)
        assert np.mean(done.out_of_fold.argmax(axis=1) == labels) > 0.7


@every_candidate
def test_noise_is_not_predicted_out_of_fold(fit: FitFunction) -> None:
    """Whoever had seen the rows would do far better than their variance."""
    features, _, fold = table(150, 4)
    noise = np.random.default_rng(5).normal(size=150)
    done = fit(features, noise, fold, 0)
    if done.out_of_fold.ndim == 1:
        assert np.mean((done.out_of_fold - noise) ** 2) > 0.9 * np.var(noise)
    else:
        labels = np.searchsorted(np.quantile(noise, [0.3, 0.6]), noise)
        assert np.mean(done.out_of_fold.argmax(axis=1) == labels) < 0.55


@every_candidate
def test_a_fitted_value_is_frozen_and_holds_arrays_alone(fit: FitFunction) -> None:
    fitted = fit(*table(60, 2), 0).fitted
    values = [getattr(fitted, field.name) for field in fields(fitted)]

    assert all(isinstance(value, np.ndarray) for value in values)
    assert nbytes(fitted) == sum(value.nbytes for value in values)
    with pytest.raises(FrozenInstanceError):
        setattr(fitted, fields(fitted)[0].name, values[0])
    assert isinstance(fitted, Fitted)


@every_candidate
@settings(max_examples=20)
@given(start=st.integers(0, 199), count=st.integers(1, 130), copies=st.integers(1, 3))
def test_a_rows_answer_does_not_depend_on_the_batch(fit: FitFunction, start: int, count: int, copies: int) -> None:
    fitted = FITTED[fit]
    batch = np.repeat(ROWS[start : start + count], copies, axis=0)
    expected = np.repeat(ANSWERS[fit][start : start + count], copies, axis=0)

    assert np.array_equal(fitted.predict(batch), expected)
    assert np.array_equal(fitted.predict(np.asfortranarray(batch)), expected)


ROWS = table(200, 4, seed=9)[0]
FITTED = {fit: fit(*table(120, 4), 0).fitted for fit in CANDIDATES.values()}
ANSWERS = {fit: np.concatenate([FITTED[fit].predict(row[None]) for row in ROWS]) for fit in CANDIDATES.values()}


@every_candidate
def test_answers_no_rows(fit: FitFunction) -> None:
    assert len(FITTED[fit].predict(np.empty((0, 4)))) == 0


@every_candidate
def test_equal_seeds_give_equal_values(fit: FitFunction) -> None:
    first, again = (fit(*table(80, 3), 7) for _ in range(2))

    assert np.array_equal(first.out_of_fold, again.out_of_fold)
    for field in fields(first.fitted):
        assert np.array_equal(getattr(first.fitted, field.name), getattr(again.fitted, field.name))


@every_candidate
def test_does_not_change_what_it_is_given(fit: FitFunction) -> None:
    given = table(40, 3)
    for array in given:
        array.flags.writeable = False

    fit(*given, 0)


@every_candidate
@pytest.mark.parametrize("rows", [2, 3, 4, 5])
def test_few_rows_give_finite_answers(fit: FitFunction, rows: int) -> None:
    features, targets, fold = table(rows, 2)
    done = fit(features, targets, fold, 0)

    assert np.isfinite(done.out_of_fold).all()
    assert np.isfinite(done.fitted.predict(ROWS[:, :2])).all()


@every_candidate
def test_one_column_is_enough(fit: FitFunction) -> None:
    features, targets, fold = table(60, 1)
    done = fit(features, targets, fold, 0)

    assert np.isfinite(done.out_of_fold).all()
    assert np.ptp(done.fitted.predict(features)) > 0


@every_candidate
def test_constant_columns_make_no_difference(fit: FitFunction) -> None:
    features, targets, fold = table(60, 2)
    constant = np.hstack([features, np.full((60, 1), 3e8)])
    done = fit(constant, targets, fold, 0)
    elsewhere = constant * [1, 1, 2]

    assert np.isfinite(done.out_of_fold).all()
    assert np.isfinite(done.fitted.predict(elsewhere)).all()


@every_candidate
def test_columns_that_are_all_constant_give_one_answer(fit: FitFunction) -> None:
    _, targets, fold = table(30, 1)
    done = fit(np.ones((30, 2)), targets, fold, 0)
    answers = done.fitted.predict(np.ones((3, 2)))

    assert np.isfinite(done.out_of_fold).all()
    assert np.ptp(answers, axis=0).max() == 0
    if answers.ndim == 1:
        assert answers[0] == pytest.approx(targets.mean())


@every_candidate
def test_duplicated_rows_are_no_trouble(fit: FitFunction) -> None:
    features, targets, fold = table(10, 2)
    features, targets, fold = np.repeat(features, 6, axis=0), np.repeat(targets, 6), np.repeat(fold, 6)
    done = fit(features, targets, fold, 0)

    assert np.isfinite(done.out_of_fold).all()
    assert np.isfinite(done.fitted.predict(features)).all()


@every_number
def test_targets_of_one_value_are_answered_with_it(fit: FitFunction) -> None:
    features, _, fold = table(30, 2)
    done = fit(features, np.full(30, 0.1), fold, 0)

    assert done.out_of_fold == pytest.approx(0.1)
    assert done.fitted.predict(ROWS[:, :2]) == pytest.approx(0.1)


@every_number
@pytest.mark.parametrize("unit", [1e-200, 1e-9, 1e9, 1e200])
def test_units_make_no_difference(fit: FitFunction, unit: float) -> None:
    features, targets, fold = table(60, 2)
    plain = fit(features, targets, fold, 0)
    scaled = fit(features * unit, targets * unit, fold, 0)

    assert scaled.out_of_fold / unit == pytest.approx(plain.out_of_fold, rel=1e-6, abs=1e-6)
    answers = scaled.fitted.predict(features * unit) / unit
    assert answers == pytest.approx(plain.fitted.predict(features), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("fit", [trees, classes])
def test_trees_learn_from_missing_values(fit: FitFunction) -> None:
    """A value is missing where the target is large; what is missing elsewhere says nothing."""
    features, targets, fold = table(200, 3)
    features[targets > 0.5, 1] = np.nan
    features[::3, 2] = np.nan
    done = fit(features, targets, fold, 0)
    present, missing = np.zeros((1, 3)), np.array([[0.0, np.nan, 0.0]])
    answers = [done.fitted.predict(row) for row in (present, missing)]

    assert np.isfinite(done.out_of_fold).all()
    assert answers[1].ravel()[-1] > answers[0].ravel()[-1] + 0.2


COSTS: dict[str, Callable[[int, int], float]] = {
    "ridge": lambda rows, columns: ridge_cost(rows, columns, 5),
    "kernel": lambda rows, columns: kernel_machine_cost(rows, columns, 5),
    "trees": lambda rows, columns: oblivious_trees_cost(rows, columns, 5),
    "classes": lambda rows, columns: class_trees_cost(rows, columns, 5, 3),
}


@pytest.mark.parametrize("cost", COSTS.values(), ids=COSTS)
def test_more_rows_and_more_columns_cost_more(cost: Callable[[int, int], float]) -> None:
    assert 0 < cost(100, 5) < cost(100, 20) < cost(400, 20)
