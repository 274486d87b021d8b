"""Bins, cells and cuts, beside slow and plain ways to the same."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.arrays import FloatArray
from model.candidates.bins import Bins
from model.candidates.cells import Block, Cells
from model.candidates.cut_search import GradientSums, Search
from model.candidates.leaf_index import LeafIndex

SEEDS = st.integers(0, 10_000)


def ragged(seed: int, rows: int = 80) -> FloatArray:
    """Columns of many values, of two, of six; some missing."""
    rng = np.random.default_rng(seed)
    table = np.column_stack(
        [rng.normal(size=rows), rng.random(rows) < 0.4, rng.integers(6, size=rows), rng.normal(size=rows)]
    )
    table[rng.random(rows) < 0.2, 2:] = np.nan
    return table


@given(seed=SEEDS)
def test_codes_ascend_with_values_and_the_missing_come_first(seed: int) -> None:
    table = ragged(seed)
    bins = Bins.of_table(table, 16)
    for values, code, missing in zip(table.T, bins.codes(table), bins.missing, strict=True):
        order = np.argsort(np.nan_to_num(values, nan=-np.inf), kind="stable")
        assert np.all(np.diff(code[order].astype(int)) >= 0)
        assert np.array_equal(code == 0, np.isnan(values)) or not missing
        assert code.max() <= 16


@given(seed=SEEDS)
def test_a_threshold_parts_rows_as_the_cut_of_codes_does(seed: int) -> None:
    table = ragged(seed)
    bins = Bins.of_table(table, 16)
    codes, thresholds = bins.codes(table), bins.thresholds
    for column in range(4):
        for cut in range(int(codes[column].max())):
            assert np.array_equal(codes[column] > cut, table[:, column] >= thresholds[column, cut])


@given(seed=SEEDS, most=st.integers(2, 20), offset=st.integers(0, 9))
def test_cells_are_as_many_as_needed_and_running_sums_stay_in_their_column(seed: int, most: int, offset: int) -> None:
    table = ragged(seed)
    bins = Bins.of_table(table, 16)
    columns = np.arange(4)
    cells = Cells.of_bins(bins, columns, most, offset)
    codes = bins.codes(table)
    block = Block.of_codes(codes, columns, cells)
    sums = np.bincount(block.places.ravel(), minlength=len(cells.columns)).astype(float)[:, None]
    cells.run_up(sums)
    expected = [np.sum(codes[column] <= cut) for column, cut in zip(cells.columns, cells.cuts, strict=True)]

    assert np.array_equal(sums[:, 0], expected)
    assert np.array_equal(sums[cells.last, 0], [80] * 4)
    assert np.bincount(cells.columns).max() <= most + 2


def gain(codes: np.ndarray, cut: int, leaves: np.ndarray, sums: GradientSums, model: int) -> float:
    total = 0.0
    for leaf in range(int(leaves.max()) + 1):
        for side in (codes <= cut, codes > cut):
            rows = side & (leaves == leaf)
            curvature = sums.curvatures[model, rows].sum() + sums.l2
            total += float((sums.gradients[:, model, rows].sum(axis=1) ** 2 / curvature).sum())
    return total


@pytest.mark.slow
@settings(max_examples=25)
@given(seed=SEEDS, outputs=st.integers(1, 4), split=st.booleans())
def test_each_cut_gains_most(seed: int, outputs: int, split: bool) -> None:
    """The gain of each level's cut is that of the best, by the plain formula; also if columns come in blocks."""
    rng = np.random.default_rng(seed)
    table = ragged(seed)
    bins = Bins.of_table(table, 16)
    codes = bins.codes(table)
    sums = GradientSums(rng.random((2, 80)), rng.normal(size=(outputs, 2, 80)), 1.0)
    parts = [np.array([0, 1]), np.array([2, 3])] if split else [np.arange(4)]
    blocks = [Block.of_codes(codes, part, Cells.of_bins(bins, part, 16, 0)) for part in parts]
    used = np.array([True, False, True, True])
    found = Search(blocks, used, sums).structure(codes, 3)
    for model in range(2):
        leaves = np.zeros(80, dtype=int)
        for column, cut in zip(found.columns[model], found.cuts[model], strict=True):
            every = [(c, k) for c in (0, 2, 3) for k in range(int(codes[c].max()))]
            best = max(gain(codes[c], k, leaves, sums, model) for c, k in every)
            assert gain(codes[column], cut, leaves, sums, model) == pytest.approx(best, rel=1e-4)
            assert used[column]
            leaves = 2 * leaves + (codes[column] > cut)
        assert np.array_equal(leaves, found.leaves[model])


@pytest.mark.parametrize("depth", range(1, 9))
def test_a_leafs_number_is_its_bits_the_first_cut_highest(depth: int) -> None:
    numbers = np.arange(1 << depth)
    features = (numbers[:, None] >> np.arange(depth)[::-1]) % 2
    columns = np.tile(np.arange(depth, dtype=np.int32), (3, 1))
    places = LeafIndex.of_cuts(columns, np.full((3, depth), 0.5)).of_rows(features.astype(float))

    assert np.array_equal(places, numbers[:, None] + np.array([0, 1, 2]) * (1 << depth))
