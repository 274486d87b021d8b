"""What every candidate promises: rows are judged by what has not seen them, and what is fitted answers alike."""

from collections.abc import Iterator

import numpy as np
import pytest

from model.fitting.candidates import CANDIDATES, Candidate, Folds, Task, Training, choose_candidates
from model.fitting.candidates.screening import screen
from model.fitting.ensemble_fitter import EnsembleFitter
from model.fitting.preparation import prepare
from model.trainers import Budget, LevenbergMarquardt
from tests.support.model_tables import signature, wave

ROWS = 60


def make_task(rows: int = ROWS, seed: int = 0) -> Task:
    table = wave(rows, 0.1, seed)
    sloping = table.targets + table.features[:, :1]
    targets = (sloping - sloping.mean(axis=0)) / sloping.std(axis=0)
    unlimited = np.array([[-np.inf], [np.inf]]) + np.zeros(3)
    return Task(
        table.features,
        targets,
        Folds.draw(np.column_stack([table.features, targets]), np.random.default_rng(seed)),
        unlimited,
        seed,
    )


def make_training(billions: float | None = None) -> Training:
    trainer, table = LevenbergMarquardt(members=2, patience=8), wave(10, 0.1)
    prepared = prepare(signature(table), table, trainer.default_network)
    return Training(trainer, EnsembleFitter(0, Budget(billions, ROWS), lambda *_: None), prepared.targets)


def make_all(task: Task) -> Iterator[Candidate]:
    return iter([entry.make(task, make_training()) for entry in CANDIDATES])


@pytest.mark.parametrize("number", range(len(CANDIDATES)))
def test_a_row_is_answered_by_what_has_not_seen_it(number: int) -> None:
    task = make_task()
    changed = task.targets.copy()
    rows = task.folds.rows_of((0,))
    changed[rows] += 100.0
    other = Task(task.columns, changed, task.folds, task.limits, task.seed)
    first, second = (CANDIDATES[number].make(each, make_training()).judge((0,)) for each in (task, other))

    assert first.locations.shape == (len(rows), 1)
    if CANDIDATES[number].make(task, make_training()).name == "trees":  # all folds together say when they stop
        assert np.abs(second.locations - first.locations).max() < 10.0
    else:
        assert np.allclose(first.locations, second.locations)
    assert (first.variances > 0).all()


@pytest.mark.parametrize("number", range(len(CANDIDATES)))
def test_answers_come_in_the_order_of_the_rows(number: int) -> None:
    task = make_task()
    whole = CANDIDATES[number].make(task, make_training()).judge(task.folds.judged)
    candidate = CANDIDATES[number].make(task, make_training())
    parts = {fold: candidate.judge((fold,)) for fold in task.folds.judged}

    for fold, part in parts.items():
        places = np.isin(task.folds.judged_rows, task.folds.rows_of((fold,)))
        assert np.allclose(whole.locations[places], part.locations, atol=1e-5)


@pytest.mark.parametrize("number", range(len(CANDIDATES)))
def test_what_is_fitted_to_all_rows_answers_them(number: int) -> None:
    task = make_task()
    candidate = CANDIDATES[number].make(task, make_training())
    candidate.judge(task.folds.judged)
    part = candidate.fit(2).part
    locations, variances = part.make_pass(ROWS + 4).locations_and_variances(task.columns)

    assert locations.shape == variances.shape == (1, ROWS)
    assert (variances > 0).all()
    if candidate.name != "mean":
        assert np.mean((locations[0] - task.targets[:, 0]) ** 2) < 0.9


def test_only_candidates_within_the_budget_are_taken() -> None:
    task = make_task()
    choice = choose_candidates(task, make_training(0.001))

    assert choice.candidates[0].name == "mean"
    assert "network" in choice.over_budget
    assert {each.name for each in choose_candidates(task, make_training()).candidates} == {
        each.name for each in make_all(task)
    }


def test_few_rows_have_no_trees_and_no_kernel_machine() -> None:
    names = {each.name for each in choose_candidates(make_task(12), make_training()).candidates}

    assert names == {"mean", "linear network", "network", "small network on screened columns"}


def test_screening_finds_straight_and_bent_columns() -> None:
    rng = np.random.default_rng(0)
    inputs = rng.standard_normal((120, 100))
    targets = (inputs[:, [7]] + inputs[:, [42]] ** 2) / 2
    kept = screen(inputs, targets)

    assert len(kept) == 20
    assert {7, 42} <= set(kept.tolist())
