"""Limits of a training: each is named with its setting when it is refused, before and while it is trained."""

import subprocess
import sys
from dataclasses import fields, replace

import numpy as np
import pytest

from app.errors import BodyTooLarge
from app.limits import TrainingLimits, check_table_size, check_training, train_within
from app.limits import training as limits_module
from app.settings import Settings
from model.errors import OptionsError
from model.fitting.spec import TrainingSpec
from model.table import Column, Dataset, Signature
from model.trainers import DEFAULT_TRAINER, TRAINERS, GradientDescent
from model.training import OnEpoch
from tests.support.trained import spec

LIMITS = TrainingLimits()


def test_each_limit_is_a_setting_with_the_same_default() -> None:
    settings = Settings()
    for field in fields(TrainingLimits):
        chosen = getattr(settings, field.name)
        assert chosen == field.default or (field.name, chosen) == ("max_train_memory_bytes", None)


@pytest.mark.parametrize(
    ("rows", "columns", "words"),
    [
        (11, 1, "11 rows, more than the 10 allowed .SCORECAST_MAX_ROWS"),
        (1, 6, "6 columns, more than the 5 allowed .SCORECAST_MAX_COLUMNS"),
    ],
)
def test_a_table_that_is_too_large_is_refused(rows: int, columns: int, words: str) -> None:
    limits = replace(LIMITS, max_rows=10, max_columns=5)

    check_table_size(10, 5, limits)
    with pytest.raises(BodyTooLarge, match=words):
        check_table_size(rows, columns, limits)


@pytest.mark.parametrize(
    ("name", "limit"), [("max_parameters", 8), ("max_epochs", 9), ("max_train_memory_bytes", 100), ("max_rows", 2)]
)
def test_a_training_that_would_take_too_much_is_refused(name: str, limit: int) -> None:
    check_training(spec(), LIMITS)
    with pytest.raises((OptionsError, BodyTooLarge), match=f"more than the {limit} allowed.*SCORECAST_{name.upper()}"):
        check_training(spec(), replace(LIMITS, **{name: limit}))


def large() -> TrainingSpec:
    """A training that takes some 40 MB: so many rows of a network of 300 units, 8 bytes each, four times."""
    features = np.random.default_rng(0).normal(size=(4000, 2))
    signature = Signature((Column("a"), Column("b")), (Column("y"),))
    network = replace(GradientDescent.default_network, hidden_layers=(300,), output_activation="identity", scaling="standard")  # fmt: skip
    return TrainingSpec(signature, Dataset(features, features[:, :1]), network, GradientDescent(max_epochs=2))


def test_a_training_that_there_is_no_room_for_is_refused_before_it_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    def on_epoch(*_: object) -> None:
        raise AssertionError("it has begun")

    monkeypatch.setattr(limits_module, "find_room", lambda: limits_module.SPARED_BYTES + 10_000_000)

    with pytest.raises(OptionsError, match="more memory than there is"):
        train_within(LIMITS, large(), on_epoch)


GROWING = """
import resource
from dataclasses import replace
import numpy as np
from app.limits import TrainingLimits, train_within
from app.limits import training as limits
from tests.unit.app.limits.test_training_limits import grow, large
limits.train = grow
before = resource.getrlimit(resource.RLIMIT_DATA)
try:
    train_within(TrainingLimits(max_train_memory_bytes=100_000_000), large(), lambda *_: None)
except Exception as error:
    print(type(error).__name__, error)
assert resource.getrlimit(resource.RLIMIT_DATA) == before
print(len(np.ones(50_000_000)))
"""


def grow(spec: TrainingSpec, on_epoch: OnEpoch) -> None:
    """Take more and more memory, as no training should: at most 4 GB."""
    held = [np.ones(1_000_000) for _ in range(500)]
    raise AssertionError(f"{len(held)} times 8 MB were not too much")


def test_one_that_takes_more_than_was_reckoned_ends_and_the_process_does_not() -> None:
    """By whatever it is trained: no training is known to grow so far beyond what is reckoned."""
    done = subprocess.run([sys.executable, "-c", GROWING], capture_output=True, text=True, check=False)

    told, left = done.stdout.splitlines()
    assert told.startswith("OptionsError the training needed more memory than the 100,000,000 bytes allowed"), (
        done.stderr
    )
    assert "SCORECAST_MAX_TRAIN_MEMORY_BYTES" in told
    assert left == "50000000"


FIRST_PRODUCT = """
from app.limits import TrainingLimits, train_within
from tests.support.trained import spec
from tests.unit.app.limits.test_training_limits import mixture
try:
    train_within(TrainingLimits(max_train_memory_bytes=24_000_000), mixture(1500), lambda *_: None)
except Exception as error:
    print(type(error).__name__, error)
print(train_within(TrainingLimits(max_train_memory_bytes=24_000_000), spec(), lambda *_: None).report.rows)
"""


def mixture(rows: int) -> TrainingSpec:
    """A training whose kernel machine takes more than is reckoned."""
    features = np.arange(rows, dtype=float)[:, None]
    signature = Signature((Column("x"),), (Column("y"),))
    trainer = TRAINERS[DEFAULT_TRAINER]()
    return TrainingSpec(signature, Dataset(features, features % 7), trainer.default_network, trainer)


def test_an_allowance_smaller_than_what_blas_takes_at_its_first_product_ends_the_training_and_not_the_process() -> None:
    done = subprocess.run([sys.executable, "-c", FIRST_PRODUCT], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    told, rows = done.stdout.splitlines()
    assert told.startswith("OptionsError the training needed more memory than the 24,000,000 bytes allowed")
    assert int(rows) == len(spec().dataset)
