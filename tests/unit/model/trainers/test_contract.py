"""What every trainer promises, be it in the table today or tomorrow."""

import pickle
from dataclasses import FrozenInstanceError, fields, replace
from itertools import islice

import numpy as np
import pytest

from model.network.losses import LOSSES
from model.network.network import INITIALISATIONS, Architecture, Network
from model.table.dataset import Dataset
from model.trainers import TRAINERS, Epoch, GradientDescent, LevenbergMarquardt, Trainer
from tests.support.model_tables import wave

TRAINER_VARIANTS: dict[str, Trainer] = {
    **{name: trainer() for name, trainer in TRAINERS.items()},
    "mini-batches": GradientDescent(learning_rate=0.1, batch_size=7),
    "momentum": GradientDescent(learning_rate=0.1, momentum=0.5),
    "least squares": LevenbergMarquardt(prior=False),
    "student noise": LevenbergMarquardt(noise="student"),
}

every_trainer = pytest.mark.parametrize("name", sorted(TRAINERS))
every_variant = pytest.mark.parametrize("trainer", [pytest.param(t, id=name) for name, t in TRAINER_VARIANTS.items()])

WAVE = wave(20, 0.1)
TABLE = Dataset(WAVE.features / 2, 0.2 + WAVE.targets / 8)
"""In reach of sigmoid outputs."""


def start(trainer: Trainer) -> Network:
    network = trainer.default_network
    sizes = (TABLE.features.shape[1], *network.hidden_layers, 1)
    architecture = Architecture(sizes, network.activation, network.output_activation, network.bias)
    return architecture.initialise(np.random.default_rng(3), trainer.initialisation)


def epochs_of(trainer: Trainer, network: Network, seed: int = 0) -> list[Epoch]:
    """The start and up to 15 epochs; a trainer may end sooner."""
    with np.errstate(all="ignore"):
        return list(islice(trainer.epochs(network, TABLE, np.random.default_rng(seed)), 16))


@every_variant
def test_yields_the_start_before_it_takes_a_step(trainer: Trainer) -> None:
    network = start(trainer)
    first = next(trainer.epochs(network, TABLE, np.random.default_rng(0)))

    assert np.array_equal(first.parameters, network.parameters)


@every_variant
def test_never_changes_the_network_or_the_table_it_was_given(trainer: Trainer) -> None:
    network = start(trainer)
    given = (network.parameters, TABLE.features, TABLE.targets)
    before = [array.copy() for array in given]
    epochs_of(trainer, network)

    assert all(np.array_equal(array, was) for array, was in zip(given, before, strict=True))


@every_variant
def test_needs_no_leave_to_write_into_the_network_or_the_table(trainer: Trainer) -> None:
    """A table read from a file, or a network from a checkpoint, may be read-only."""
    network = start(trainer)
    table = Dataset(TABLE.features.copy(), TABLE.targets.copy())
    for array in (network.parameters, table.features, table.targets):
        array.flags.writeable = False

    assert len(list(islice(trainer.epochs(network, table, np.random.default_rng(0)), 3))) == 3


@every_variant
def test_goes_down_and_each_loss_is_that_of_a_forward_pass_at_its_parameters(trainer: Trainer) -> None:
    network = start(trainer)
    epochs = epochs_of(trainer, network)
    for epoch in epochs:
        outputs = Network(network.architecture, epoch.parameters).forward(TABLE.features)
        assert epoch.loss == pytest.approx(float(np.mean((outputs - TABLE.targets) ** 2)), rel=1e-9)

    assert epochs[-1].loss < 0.9 * epochs[0].loss


@every_variant
def test_does_not_touch_again_what_it_has_yielded(trainer: Trainer) -> None:
    network, seen, copies = start(trainer), [], []
    for epoch in islice(trainer.epochs(network, TABLE, np.random.default_rng(0)), 16):
        seen.append(epoch.parameters)
        copies.append(epoch.parameters.copy())

    assert all(np.array_equal(parameters, copy) for parameters, copy in zip(seen, copies, strict=True))
    assert len({copy.tobytes() for copy in copies}) == len(copies)


@every_variant
def test_equal_seeds_take_equal_courses(trainer: Trainer) -> None:
    network = start(trainer)
    first, again = epochs_of(trainer, network), epochs_of(trainer, network)

    assert [epoch.loss for epoch in first] == [epoch.loss for epoch in again]
    assert [epoch.parameters.tobytes() for epoch in first] == [epoch.parameters.tobytes() for epoch in again]


@every_variant
def test_two_courses_at_once_do_not_meet(trainer: Trainer) -> None:
    network, other = start(trainer), Network(start(trainer).architecture, -start(trainer).parameters)
    alone = [epochs_of(trainer, network), epochs_of(trainer, other)]
    courses = [trainer.epochs(each, TABLE, np.random.default_rng(0)) for each in (network, other)]
    together: list[list[Epoch]] = [[], []]
    for _ in range(min(map(len, alone))):
        for epochs, taken in zip(courses, together, strict=True):
            taken.append(next(epochs))

    for taken, expected in zip(together, alone, strict=True):
        assert [epoch.loss for epoch in taken] == [epoch.loss for epoch in expected[: len(taken)]]


@every_variant
def test_travels_to_another_process_and_is_the_same_there(trainer: Trainer) -> None:
    assert pickle.loads(pickle.dumps(trainer)) == trainer  # noqa: S301  our own


@every_trainer
def test_is_in_the_table_under_its_name(name: str) -> None:
    assert TRAINERS[name].name == name


@every_trainer
def test_is_a_frozen_value_of_described_options_within_their_own_limits(name: str) -> None:
    trainer = TRAINERS[name]()
    with pytest.raises(FrozenInstanceError):
        trainer.max_epochs = 5  # type: ignore[misc]
    for option in fields(trainer):  # type: ignore[arg-type]  # every trainer is a dataclass
        assert option.metadata["description"].endswith(".")
        default, limits = getattr(trainer, option.name), option.metadata
        if default is not None and not isinstance(default, (bool, str)):
            assert limits.get("ge", default) <= default <= limits.get("le", default)
            assert limits.get("gt", default - 1) < default < limits.get("lt", default + 1)


@every_trainer
def test_what_it_names_is_to_be_had(name: str) -> None:
    trainer = TRAINERS[name]()

    assert trainer.initialisation in INITIALISATIONS
    assert set(trainer.losses) <= set(LOSSES)
    assert replace(trainer, max_epochs=1).max_epochs == 1  # type: ignore[type-var]


@every_trainer
def test_a_larger_network_or_table_costs_more(name: str) -> None:
    cost = TRAINERS[name]().epoch_cost

    assert (
        0 < cost(Architecture((2, 3, 1)), 10) < cost(Architecture((2, 30, 1)), 10) < cost(Architecture((2, 30, 1)), 99)
    )


@pytest.mark.parametrize(
    "name", sorted(name for name, trainer in TRAINERS.items() if "cross_entropy" in trainer.losses)
)
def test_one_that_can_tell_categories_apart_lowers_the_cross_entropy(name: str) -> None:
    labels = (WAVE.features[:, 0] > 0).astype(int)
    table = Dataset(WAVE.features, np.eye(2)[labels], loss="cross_entropy")
    trainer = replace(TRAINERS[name](), max_epochs=10)  # type: ignore[type-var]
    network = Architecture((3, 4, 2)).initialise(np.random.default_rng(0))
    epochs = list(islice(trainer.epochs(network, table, np.random.default_rng(0)), 11))
    outputs = Network(network.architecture, epochs[-1].parameters).forward(table.features)
    chances = np.exp(outputs) / np.exp(outputs).sum(axis=1, keepdims=True)

    assert epochs[-1].loss == pytest.approx(-float(np.mean(np.log(chances[np.arange(20), labels]))), rel=1e-9)
    assert epochs[-1].loss < 0.9 * epochs[0].loss
