"""Answers out of fold, beside those of fits without the fold."""

import numpy as np
import pytest

from model.arrays import FloatArray, IntArray
from model.candidates.contract import rows_by_fold
from model.candidates.kernel_machine import KernelOptions, fit_kernel_machine
from model.candidates.kernel_system import CholeskySystem, EigenSystem
from model.candidates.oblivious_trees import Squares, fit_oblivious_trees
from model.candidates.ridge import fit_ridge
from model.candidates.tree_growth import BinnedTable, Growth, TreeOptions, grow

RNG = np.random.default_rng(3)
FEATURES = RNG.normal(size=(60, 3))
TARGETS = 5 + FEATURES[:, 0] * FEATURES[:, 1] + 0.1 * RNG.normal(size=60)
FOLD: IntArray = RNG.permutation(60) % 4
OPTIONS = TreeOptions(depth=3, rate=0.2, max_trees=12, patience=12)


@pytest.mark.parametrize("strength", [0.1, 3.0])
@pytest.mark.parametrize("columns", [3, 80])
def test_a_line_answers_as_if_it_had_been_fitted_without_the_fold(strength: float, columns: int) -> None:
    features = np.random.default_rng(1).normal(size=(60, columns))
    done = fit_ridge(features, TARGETS, FOLD, np.array([strength]))
    standard = (features - features.mean(axis=0)) / features.std(axis=0)
    for rows in rows_by_fold(FOLD):
        kept = np.setdiff1d(np.arange(60), rows)
        design = np.hstack([np.ones((len(kept), 1)), standard[kept]])
        penalty = np.diag([0.0] + [strength] * columns)
        coefficients = np.linalg.solve(design.T @ design + penalty, design.T @ TARGETS[kept])

        assert done.out_of_fold[rows] == pytest.approx(coefficients[0] + standard[rows] @ coefficients[1:], rel=1e-8)


def test_the_line_of_the_least_leave_one_out_error_is_chosen() -> None:
    strengths = np.array([0.01, 1.0, 30.0, 1e4])
    alone = np.arange(60)
    errors = [np.mean((fit_ridge(FEATURES, TARGETS, alone, s[None]).out_of_fold - TARGETS) ** 2) for s in strengths]
    best = fit_ridge(FEATURES, TARGETS, alone, strengths)

    assert np.mean((best.out_of_fold - TARGETS) ** 2) == pytest.approx(min(errors))


def laplace(points: FloatArray, others: FloatArray) -> FloatArray:
    return np.asarray(np.exp(-np.linalg.norm(points[:, None] - others, axis=2)))


def test_a_kernel_answers_as_if_it_had_been_fitted_without_the_fold() -> None:
    done = fit_kernel_machine(FEATURES, TARGETS, FOLD, np.random.default_rng(0), KernelOptions(1, (1.5,), (0.1,)))
    points = FEATURES * done.fitted.metric
    for rows in rows_by_fold(FOLD):
        kept = np.setdiff1d(np.arange(60), rows)
        bordered = np.ones((len(kept) + 1, len(kept) + 1))
        bordered[:-1, :-1] = laplace(points[kept], points[kept]) + 0.1 * np.eye(len(kept))
        bordered[-1, -1] = 0.0
        *weights, intercept = np.linalg.solve(bordered, np.append(TARGETS[kept], 0.0))

        expected = intercept + laplace(points[rows], points[kept]) @ weights
        assert done.out_of_fold[rows] == pytest.approx(expected, rel=1e-8)


def test_both_forms_of_the_kernel_system_agree() -> None:
    kernel = laplace(FEATURES, FEATURES)
    spectral, factorised = EigenSystem(kernel, TARGETS), CholeskySystem(kernel, TARGETS, 0.3)
    alone = [float(factorised.errors(np.array([row]))[0]) for row in range(60)]

    assert spectral.weights(0.3) == pytest.approx(factorised.weights)
    assert spectral.best_ridge([0.3])[0] == pytest.approx(float(np.mean(np.square(alone))))


def growth(targets: FloatArray, fold: IntArray) -> Growth:
    return grow(BinnedTable.of_table(FEATURES, OPTIONS, 5), Squares(targets), fold, OPTIONS, np.random.default_rng(2))


def test_the_trees_without_a_fold_know_nothing_of_its_targets() -> None:
    """Other targets in the fold: the same trees, and the same answers out of fold."""
    changed = np.where(FOLD == 2, 1e3 * RNG.normal(size=60), TARGETS)
    plain, other = growth(TARGETS, FOLD), growth(changed, FOLD)
    shared = min(len(plain.trees), len(other.trees))
    for first, second in zip(plain.trees[:shared], other.trees[:shared], strict=True):
        assert np.array_equal(first.columns[2], second.columns[2])
        assert np.array_equal(first.cuts[2], second.cuts[2])
        assert first.values[:, 2] == pytest.approx(second.values[:, 2])
        assert first.values[:, 4] != pytest.approx(second.values[:, 4])


def test_answers_out_of_fold_are_those_of_the_fold_models_trees() -> None:
    table = BinnedTable.of_table(FEATURES, OPTIONS, 5)
    grown = growth(TARGETS, FOLD)
    for fold in range(4):
        columns, thresholds, values = grown.model(fold, table.bins, OPTIONS.depth)
        bits = FEATURES[:, columns] >= thresholds  # (rows, trees, depth)
        leaves = bits @ np.array([4, 2, 1])
        sums = grown.start[0, fold] + values[0][np.arange(len(columns)), leaves].sum(axis=1)

        assert grown.out_of_fold[0, fold == FOLD] == pytest.approx(sums[fold == FOLD], rel=1e-5)


def test_the_served_trees_are_those_of_all_rows() -> None:
    fitted = fit_oblivious_trees(FEATURES, TARGETS, FOLD, np.random.default_rng(2), OPTIONS).fitted
    bits = FEATURES[:, fitted.columns] >= fitted.thresholds
    leaves = bits @ np.array([4, 2, 1])
    sums = fitted.values[np.arange(len(leaves[0])), leaves].astype(float).sum(axis=1)

    assert fitted.predict(FEATURES) == pytest.approx(fitted.offset + fitted.scale * sums)
    assert np.mean((fitted.predict(FEATURES) - TARGETS) ** 2) < 0.5 * np.var(TARGETS)
