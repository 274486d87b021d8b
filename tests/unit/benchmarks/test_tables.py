"""The exam's tables: splits by seed, and what belongs to confirmation is kept apart."""

import csv
import io

import numpy as np
import pytest

from benchmarks.accuracy.contestants.request import answerable, completed
from benchmarks.accuracy.forecast import LEVELS, Forecast
from benchmarks.accuracy.tables import BY_NAME, TABLES, chosen
from benchmarks.accuracy.tables.catalogue import CONFIRMATION_SEEDS, DEVELOPMENT_SEEDS
from benchmarks.accuracy.tables.table import Split, numbers, write_csv

UNSEEN = "unseen words, 12 levels 200x4"


def test_there_are_tables_enough_and_no_two_of_a_name() -> None:
    assert len(BY_NAME) == len(TABLES)
    assert sum(table.group == "real" for table in TABLES) >= 40
    assert sum(table.group == "kinds" for table in TABLES) == 37
    assert sum(table.group == "classes" for table in TABLES if table.phase == "confirmation") >= 8


def test_development_and_confirmation_share_no_real_table_and_no_seed() -> None:
    both = {table.name for table in chosen(["dev"])} & {table.name for table in chosen(["confirm"])}

    assert not set(DEVELOPMENT_SEEDS) & set(CONFIRMATION_SEEDS)
    assert all(BY_NAME[name].group in {"kinds", "odd", "functions"} for name in both)
    assert all(table.phase != "confirmation" for table in chosen(["quick"]))


def test_tables_are_chosen_by_group_phase_and_name() -> None:
    real = chosen(["real:confirm", "smooth 25x2", "4 factors, linear 60x100"])

    assert {table.phase for table in real if table.group == "real"} == {"confirmation"}
    assert {table.name for table in real if table.group != "real"} == {"smooth 25x2", "4 factors, linear 60x100"}
    assert len(chosen(["all"])) == len(TABLES)
    with pytest.raises(KeyError):
        chosen(["no such table"])


@pytest.mark.parametrize("name", ["plane of all 20x5", UNSEEN, "gaps in fresh rows, smooth 100x2"])
def test_equal_seeds_give_equal_splits(name: str) -> None:
    one, same, other = (BY_NAME[name].draw(seed) for seed in (3, 3, 4))

    assert (one.known, one.fresh) == (same.known, same.fresh)
    assert one.known != other.known
    assert one.fresh.keys() == one.known.keys()


def test_gaps_are_empty_cells() -> None:
    split = BY_NAME["gaps in fresh rows, smooth 100x2"].draw(0)

    assert split.has_gaps
    assert "" not in split.known["x0"]
    assert np.isnan(numbers(split.fresh["x0"])).mean() == pytest.approx(0.5, abs=0.1)


def test_a_csv_holds_the_cells_as_they_are() -> None:
    columns = {"a": ["1.5", ""], "b, c": ['x "y"', "z"]}

    assert list(csv.reader(io.StringIO(write_csv(columns).decode()))) == [["a", "b, c"], ["1.5", 'x "y"'], ["", "z"]]


def test_refused_rows_are_answered_by_the_training_targets() -> None:
    known = {"word": ["a", "b", "a"], "y": ["1", "2", "6"]}
    split = Split(known, {"word": ["b", "c"], "y": ["2", "9"]}, "y", frozenset({"word"}))
    kept = answerable(split)
    whole = completed(split, kept, Forecast(np.array([5.0]), np.full((1, len(LEVELS)), 5.0)))

    assert kept.tolist() == [True, False]
    assert isinstance(whole, Forecast)
    assert whole.location.tolist() == [5.0, 3.0]
    assert (whole.quantiles[0] == 5.0).all()
    assert (whole.quantiles[1] >= 1).all()
    assert whole.quantiles[1].max() == 6
    assert whole.refused == 1
