"""Datasets: what is refused, and how they are split."""

from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.errors import OptionsError
from model.table.dataset import Dataset


def numbered(samples: int) -> Dataset:
    """Sample number n has the features n, -n and the target 10 n."""
    numbers = np.arange(1.0, samples + 1)[:, None]
    return Dataset(np.hstack([numbers, -numbers]), 10 * numbers, (0, 0), "cross_entropy")


def numbers_of(dataset: Dataset) -> list[float]:
    """The samples' numbers, having seen that features and targets still belong together, and all else is kept."""
    numbers = dataset.features[:, 0]
    assert np.array_equal(dataset.features, np.stack([numbers, -numbers], axis=1))
    assert np.array_equal(dataset.targets, 10 * numbers[:, None])
    assert (dataset.input_groups, dataset.loss) == ((0, 0), "cross_entropy")
    return [float(number) for number in numbers]


def test_refuses_features_without_targets() -> None:
    with pytest.raises(OptionsError, match="3 rows of features, but 2 of targets"):
        Dataset(np.zeros((3, 2)), np.zeros((2, 1)))


def test_refuses_a_table_without_rows() -> None:
    with pytest.raises(OptionsError, match="at least one row"):
        Dataset(np.zeros((0, 2)), np.zeros((0, 1)))


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_refuses_infinite_features(value: float) -> None:
    with pytest.raises(OptionsError, match="finite"):
        Dataset(np.array([[1.0, value]]), np.zeros((1, 1)))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_refuses_targets_that_are_no_numbers(value: float) -> None:
    with pytest.raises(OptionsError, match="finite"):
        Dataset(np.zeros((2, 1)), np.array([[1.0], [value]]))


def test_a_missing_feature_is_nan_and_taken() -> None:
    assert len(Dataset(np.array([[np.nan, 1.0]]), np.zeros((1, 1)))) == 1


def test_takes_samples_in_the_order_asked_for() -> None:
    assert numbers_of(numbered(5).take(np.array([4, 0, 0]))) == [5, 1, 1]
    assert numbers_of(numbered(5).take(slice(1, 3))) == [2, 3]


@given(st.integers(2, 30), st.data(), st.integers(0, 2**32 - 1))
def test_a_split_parts_all_samples_into_two_without_a_rest(samples: int, data: st.DataObject, seed: int) -> None:
    held_out = data.draw(st.integers(1, samples - 1))
    rest, held = numbered(samples).split(held_out, np.random.default_rng(seed))

    assert len(held) == held_out
    assert sorted(numbers_of(rest) + numbers_of(held)) == list(range(1, samples + 1))


def test_a_split_is_drawn_at_random_and_equal_for_equal_seeds() -> None:
    first, again, other = (numbers_of(numbered(50).split(10, np.random.default_rng(seed))[1]) for seed in (0, 0, 1))

    assert first == again
    assert first != other
    assert sorted(first) not in (list(range(1, 11)), list(range(41, 51)))


@given(st.integers(1, 30), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_mini_batches_hold_each_sample_once(samples: int, batch_size: int, seed: int) -> None:
    batches = [numbers_of(batch) for batch in numbered(samples).mini_batches(batch_size, np.random.default_rng(seed))]

    assert sorted(chain.from_iterable(batches)) == list(range(1, samples + 1))
    assert {len(batch) for batch in batches[:-1]} <= {batch_size}
    assert 0 < len(batches[-1]) <= batch_size


def test_mini_batches_are_drawn_anew_each_time() -> None:
    rng = np.random.default_rng(0)
    first, second = (next(iter(numbered(50).mini_batches(10, rng))) for _ in range(2))

    assert numbers_of(first) != numbers_of(second)


def test_the_range_of_features_is_their_least_and_greatest() -> None:
    table = Dataset(np.array([[3.0, -1.0], [1.0, 5.0], [2.0, 0.0]]), np.zeros((3, 1)))

    assert table.feature_range().tolist() == [[1, -1], [3, 5]]
