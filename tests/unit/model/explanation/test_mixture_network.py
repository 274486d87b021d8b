"""The network that is shown is one that answers: what its units say leads to what its part says."""

import numpy as np
import pytest

from model.explanation import find_network
from model.predictors import Classifier, ClassNetworks, NetworkPart, Regressor
from model.table import Column, Dataset, Signature
from model.trainers import LBFGS, GradientDescent, LevenbergMarquardt
from model.training import train
from tests.support.model_tables import TUTORIAL, spec, wave


def regressor(rows: int = 40, features: int = 3) -> Regressor:
    predictor = train(spec(wave(rows, 0.1, features=features), LevenbergMarquardt())).predictor
    assert isinstance(predictor, Regressor)
    return predictor


def test_the_last_layer_of_all_members_answers_what_the_part_does() -> None:
    predictor = regressor()
    features = wave(7, 0.0, seed=1).features
    part = max(
        (part for part in predictor.mixture.parts if isinstance(part, NetworkPart)),
        key=lambda part: predictor.mixture.weights[predictor.mixture.parts.index(part)].sum(),
    )
    members = len(part.ensemble.parameters)

    shown = [find_network(predictor, member) for member in range(1, members + 1)]

    outputs = [network.activations(features)[-1] for network in shown if network]
    samples = -(-len(features) // part.tile_rows) * part.tile_rows
    expected = part.make_pass(samples).locations(predictor.category_encoding.apply(features)).T
    np.testing.assert_allclose(np.mean(outputs, axis=0), expected, rtol=1e-12, atol=1e-12)


def test_the_layers_are_those_of_a_textbook() -> None:
    """The tutorial's network: sigmoid(sigmoid(X W1) W2)."""
    found = find_network(train(spec(TUTORIAL, GradientDescent(max_epochs=50))).predictor)
    assert found is not None
    (first, no_bias), (second, _) = found.network.layers
    assert no_bias is None

    inputs, hidden, output = found.activations(TUTORIAL.features)

    def sigmoid(values: np.ndarray) -> np.ndarray:
        return np.asarray(1 / (1 + np.exp(-values)))

    np.testing.assert_allclose(inputs, TUTORIAL.features / [3, 9])
    np.testing.assert_allclose(hidden, sigmoid(inputs @ first))
    np.testing.assert_allclose(output, sigmoid(hidden @ second))
    assert (found.inputs, found.outputs, found.weights) == (("x0", "x1"), ("y0",), (1.0,))


def test_inputs_are_called_by_their_columns_and_categories() -> None:
    columns = (Column("width"), Column("wood", kind="category", categories=("oak", "pine")))
    rng = np.random.default_rng(0)
    features = np.column_stack([rng.uniform(0, 1, 30), rng.integers(0, 2, 30)])
    table = Dataset(features, features @ [[1.0], [2.0]] + rng.normal(0, 0.1, (30, 1)))
    training = spec(table, LBFGS())
    training = training.__class__(Signature(columns, (Column("price"),)), table, training.network, training.trainer, 0)

    found = find_network(train(training).predictor)

    assert found is not None
    assert found.inputs == ("width", "wood=oak", "wood=pine")
    assert found.outputs == ("price",)
    assert found.activations(features)[0].shape == (30, 3)


def test_a_classifiers_outputs_are_its_classes() -> None:
    rng = np.random.default_rng(0)
    features = rng.uniform(-1, 1, (40, 2))
    table = Dataset(features, (features[:, :1] > 0).astype(float))
    target = Column("side", kind="category", categories=("left", "right"))
    training = spec(table, LBFGS())
    training = training.__class__(
        Signature((Column("x"), Column("y")), (target,)), table, training.network, training.trainer, 0
    )
    predictor = train(training).predictor
    assert isinstance(predictor, Classifier)

    found = find_network(predictor)

    part = next(part for part in predictor.mixture.parts if isinstance(part, ClassNetworks))
    assert found is not None
    assert found.outputs == ("left", "right")
    np.testing.assert_allclose(
        found.activations(features)[-1], part.make_pass(48).logits(features)[0][:40], rtol=1e-12, atol=1e-12
    )


@pytest.mark.parametrize("member", [0, 100])
def test_there_are_as_many_as_there_are(member: int) -> None:
    with pytest.raises(IndexError, match=r"there are \d+ networks"):
        find_network(regressor(), member)


def test_wide_tables_are_read_as_components_or_columns() -> None:
    predictor = regressor(rows=30, features=40)

    found = find_network(predictor)

    if found is not None:  # the mixture may do without
        values = found.activations(wave(3, 0.0, features=40).features)
        assert [value.shape[1] for value in values] == list(found.network.architecture.layer_sizes)
        assert len(found.inputs) == found.network.architecture.layer_sizes[0]
