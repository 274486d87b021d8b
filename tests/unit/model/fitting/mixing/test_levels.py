"""Features of many categories: each level has an effect of its own, and a level that was never seen has an honest interval."""

import numpy as np
import pytest

from model.checkpoint import Checkpoint
from model.fitting import TrainingSpec
from model.fitting.mixing.levels import find_groups
from model.fitting.mixing.shrinkage import shrink
from model.predictors import Regressor
from model.table import UNSEEN, Column, Dataset, Signature
from model.trainers import LevenbergMarquardt
from model.training import train

NOISE = 0.3


def draw_table(rows: int, effects: np.ndarray, columns: int, rng: np.random.Generator) -> Dataset:
    """A table whose first feature is one of many words, each with an effect (words, targets) on each target."""
    words, numbers = rng.integers(len(effects), size=rows), rng.standard_normal((rows, columns))
    rest = np.sin(1.5 * numbers[:, :1]) if columns else 0.0
    targets = effects[words] + rest + NOISE * rng.standard_normal((rows, effects.shape[1]))
    return Dataset(np.column_stack([words, numbers]), targets)


def make_signature(table: Dataset, words: int, *, may_be_missing: bool = False) -> Signature:
    word = Column(
        "word",
        kind="category",
        categories=tuple(f"w{number}" for number in range(words)),
        may_be_missing=may_be_missing,
    )
    features = (word, *(Column(f"x{number}") for number in range(1, table.features.shape[1])))
    return Signature(features, tuple(Column(f"y{number}") for number in range(table.targets.shape[1])))


def train_on(table: Dataset, words: int) -> Checkpoint[Regressor]:
    trainer = LevenbergMarquardt(members=2)
    return train(TrainingSpec(make_signature(table, words), table, trainer.default_network, trainer))


def coverage(regressor: Regressor, table: Dataset) -> float:
    said = regressor.predict(table.features)
    assert said.lower is not None
    assert said.upper is not None
    return float(((said.lower <= table.targets) & (table.targets <= said.upper)).mean())


def test_levels_get_effects_where_they_have_few_rows_or_are_too_many_for_columns() -> None:
    def are_found(rows: int, words: int) -> bool:
        table = draw_table(rows, np.zeros((words, 1)), 1, np.random.default_rng(0))
        return bool(find_groups(make_signature(table, words), table.features))

    assert are_found(75, 30)
    assert are_found(5000, 300)
    assert not are_found(300, 30)  # columns, since levels may have slopes of their own
    assert not are_found(40, 9)
    assert not are_found(20, 15)


def test_a_rows_own_effect_leaves_the_row_out() -> None:
    numbers = np.repeat(np.arange(20), 5)
    residuals = np.repeat(np.linspace(-1.0, 1.0, 20), 5) + 0.1 * np.random.default_rng(0).standard_normal(100)
    known = shrink(residuals, numbers, 20)
    changed = shrink(residuals + 0.05 * (np.arange(100) == 3), numbers, 20)

    assert changed.own[3] == pytest.approx(known.own[3], abs=2e-3)  # only the variances were estimated anew
    assert changed.own[2] - known.own[2] == pytest.approx(0.05 / 4, abs=2e-3)
    assert known.location[:20] == pytest.approx(np.linspace(-1.0, 1.0, 20), abs=0.2)
    assert known.location[20] == 0.0
    assert known.variance[20] > known.variance[:20].max()


def test_effects_that_are_noise_are_shrunken_to_nothing() -> None:
    found = shrink(np.random.default_rng(0).standard_normal(400), np.arange(400) % 40, 40)

    assert np.abs(found.location).max() < 0.3  # the means of ten rows reach .8


@pytest.mark.slow
@pytest.mark.parametrize(("rows", "words", "columns"), [(300, 100, 2), (300, 60, 0)])
def test_intervals_hold_for_known_words_and_for_new_ones(rows: int, words: int, columns: int) -> None:
    rng = np.random.default_rng(5)
    effects = rng.standard_normal((words, 1))
    found = train_on(draw_table(rows, effects, columns, rng), words)
    unseen = draw_table(1000, effects, columns, rng)
    said = found.predictor.predict(unseen.features)
    error = float(np.sqrt(np.mean((said.mean - unseen.targets) ** 2)))

    assert 0.90 <= coverage(found.predictor, unseen) <= 0.99
    assert 0.8 <= (found.report.leave_one_out["y0"]["rmse"] or 0.0) / error <= 1.25
    assert error < 0.7 * unseen.targets.std()
    assert found.report.relevance["word"].value > 0.5

    new = draw_table(1000, rng.standard_normal((1000, 1)), columns, rng)
    new.features[:, 0] = UNSEEN
    assert 0.85 <= coverage(found.predictor, new) <= 1.0
    assert found.predictor.predict(new.features).extrapolated[:, 0].all()


@pytest.mark.slow
def test_blanks_several_targets_and_a_second_such_feature_are_borne_and_kept_in_a_checkpoint() -> None:
    rng = np.random.default_rng(6)
    table = draw_table(120, rng.standard_normal((40, 2)), 2, rng)
    table.features[:, 1] = rng.integers(30, size=120)
    table.features[::10, 0] = np.nan
    signature = make_signature(table, 40, may_be_missing=True)
    second = Column("second", kind="category", categories=tuple(f"s{number}" for number in range(30)))
    signature = Signature((signature.features[0], second, *signature.features[2:]), signature.targets)
    trainer = LevenbergMarquardt(members=2)
    found = train(TrainingSpec(signature, table, trainer.default_network, trainer))
    again = Checkpoint.from_bytes(found.to_bytes())

    said, kept = found.predictor.predict(table.features), again.predictor.predict(table.features)
    assert len(found.predictor.effects) == 2
    assert np.isfinite(said.mean).all()
    assert kept.mean.tobytes() == said.mean.tobytes()
    assert kept.upper.tobytes() == said.upper.tobytes()
    one_by_one = np.concatenate([found.predictor.predict(row[None]).mean for row in table.features])
    assert one_by_one.tobytes() == said.mean.tobytes()


@pytest.mark.parametrize("may_be_missing", [False, True])
def test_a_table_of_such_features_alone_is_learned_and_its_checkpoint_can_be_read(may_be_missing: bool) -> None:
    rng = np.random.default_rng(7)
    table = draw_table(120, rng.standard_normal((40, 1)), 0, rng)
    table.features[::10, 0] = np.nan if may_be_missing else 0.0
    signature = make_signature(table, 40, may_be_missing=may_be_missing)
    trainer = LevenbergMarquardt(members=2)
    found = train(TrainingSpec(signature, table, trainer.default_network, trainer))

    again = Checkpoint.from_bytes(found.to_bytes())

    asked = np.array([[1.0], [2.0], [np.nan], [UNSEEN]])
    assert again.predictor.predict(asked).mean.tobytes() == found.predictor.predict(asked).mean.tobytes()
    assert again.predictor.predict(asked).extrapolated[:, 0].tolist() == [False, False, False, True]
    assert np.ptp(again.predictor.predict(asked[:2]).mean) > 0
