"""Mixtures: the formulas, plainly; the same bits for a row in any batch; there and back as a checkpoint."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.arrays import FloatArray
from model.checkpoint.values import pack, unpack
from model.network import Architecture, Ensemble
from model.posterior import Posterior
from model.predictors import (
    KNOTS,
    ConstantPart,
    EmpiricalQuantiles,
    Mixture,
    NetworkPart,
    NoiseNetwork,
    Regressor,
    StudentQuantiles,
    noise_architecture,
)
from model.table import UNSEEN, CategoryEncoding, Column, LevelEffects, NetworkInputs, Scaler, Signature, Targets

COLUMNS, TARGETS, MEMBERS = 5, 2, 3
SIGNATURE = Signature(
    (
        Column("a", may_be_missing=True),
        Column("b"),
        Column("colour", kind="category", categories=("blue", "green", "red")),
        Column("town", kind="category", categories=tuple(f"town {number}" for number in range(12))),
    ),
    (Column("y0", minimum=0.0), Column("y1")),
)
RNG = np.random.default_rng(11)
NAN = np.nan


def draw_features(rows: int, rng: np.random.Generator) -> FloatArray:
    numbers = rng.normal(size=(rows, 2))
    return np.column_stack([numbers, rng.integers(0, 3, rows), rng.integers(0, 12, rows)])


def inputs(count: int, rng: np.random.Generator) -> NetworkInputs:
    unlimited = np.full(count, np.inf)
    return NetworkInputs(np.arange(count), -unlimited, unlimited, rng.normal(size=count), rng.uniform(1, 2, count))


def networks(rng: np.random.Generator, components: int | None) -> NetworkPart:
    architecture = Architecture((components or COLUMNS, 4, TARGETS))
    parameters = architecture.parameter_count
    posterior = Posterior(
        rng.normal(size=(MEMBERS, 6, parameters)) * 0.1,
        rng.uniform(0.1, 0.2, (MEMBERS, TARGETS)),
        rng.uniform(1, 2, (MEMBERS, parameters)) if components else None,
    )
    rotation = rng.normal(size=(COLUMNS, components)) if components else None
    ensemble = Ensemble(architecture, rng.normal(size=(MEMBERS, parameters)))
    return NetworkPart(inputs(COLUMNS, rng), rotation, ensemble, posterior)


def constant(rng: np.random.Generator) -> ConstantPart:
    return ConstantPart(rng.normal(size=TARGETS), rng.uniform(1, 2, TARGETS))


PARTS: tuple[Any, ...] = (networks(RNG, None), networks(RNG, 2), constant(RNG))
WEIGHTS = np.array([[0.5, 0.25], [0.3, 0.75], [0.2, 0.0]])
SCALES = RNG.uniform(0.5, 2.0, (3, TARGETS))
NOISE = NoiseNetwork(
    inputs(COLUMNS, RNG),
    RNG.normal(size=(TARGETS, 2, noise_architecture(COLUMNS + 1).parameter_count)),
    np.array([0.5, 0.0]),
)
STUDENT = StudentQuantiles(np.array([1.2, 0.9]), np.array([4.0, 30.0]))
EMPIRICAL = EmpiricalQuantiles(
    np.sort(RNG.normal(size=(TARGETS, len(KNOTS))), axis=1), np.array([[3.0, 5.0], [7.0, 9.0]])
)
ENCODING = CategoryEncoding.fit(SIGNATURE, draw_features(50, RNG), left_out=(3,))
EFFECTS = LevelEffects(
    np.array([3]),
    np.vstack([RNG.normal(size=(12, TARGETS)), np.zeros((1, TARGETS))]),
    RNG.uniform(0.1, 0.5, (13, TARGETS)),
    np.array([1.5, 1.0]),
    np.array([4.0, 11.0]),
)


def regressor(mixture: Mixture, transforms: tuple[str, str] = ("log", "identity")) -> Regressor:
    scaler = Scaler(np.array([1.0, -2.0]), np.array([0.5, 3.0]))
    domain = np.stack([np.full(COLUMNS, -2.0), np.full(COLUMNS, 2.0)])
    return Regressor(SIGNATURE, ENCODING, domain, Targets(SIGNATURE.targets, scaler, transforms), mixture, (EFFECTS,))


MIXTURES = {
    "one": Mixture.single(PARTS[0], None, STUDENT),
    "rotated": Mixture.single(PARTS[1], NOISE, EMPIRICAL),
    "all": Mixture(PARTS, WEIGHTS, SCALES, NOISE, EMPIRICAL),
    "student": Mixture(PARTS[:2], np.full((2, 2), 0.5), SCALES[:2], None, STUDENT),
}


def of_networks(part: NetworkPart, columns: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Location and variance (rows, targets), row by row and by finite differences of the Jacobian."""
    read = part.network_inputs
    said = (columns[:, read.source] - read.offset) / read.scale
    said = said if part.rotation is None else said @ part.rotation
    outputs = np.stack([member.forward(said) for member in part.ensemble.members])
    location, variance = outputs.mean(axis=0), outputs.var(axis=0) + part.posterior.noise.mean(axis=0)
    for number, member in enumerate(part.ensemble.members):
        slopes = []
        for parameter in range(len(member.parameters)):
            step = np.zeros(len(member.parameters))
            step[parameter] = 1e-6
            both = [replace(member, parameters=member.parameters + sign * step).forward(said) for sign in (1, -1)]
            slopes.append((both[0] - both[1]) / 2e-6)
        jacobian, factor, prior = np.stack(slopes), part.posterior.factor[number], part.posterior.prior
        covariance = factor.T @ factor
        covariance = covariance if prior is None else np.diag(prior[number]) - covariance
        along = np.einsum("pnt,pq,qnt->nt", jacobian, covariance, jacobian)
        variance += (along if prior is None else np.maximum(along, 0.0)) / len(outputs)
    return location, variance


def test_location_and_variance_are_those_of_the_formulas() -> None:
    columns = ENCODING.apply(draw_features(9, np.random.default_rng(0)))
    each = [of_networks(part, columns) for part in PARTS[:2]]
    each.append(tuple(np.tile(values, (9, 1)) for values in (PARTS[2].location, PARTS[2].variance)))  # type: ignore[arg-type]
    location = sum(weight * m for weight, (m, _) in zip(WEIGHTS, each, strict=True))
    variance = sum(
        weight * (scale * v + (m - location) ** 2) for weight, scale, (m, v) in zip(WEIGHTS, SCALES, each, strict=True)
    )

    answered = replace(MIXTURES["all"], spread=None).locations_and_variances(columns)

    np.testing.assert_allclose(answered[0], location, rtol=1e-12)
    np.testing.assert_allclose(answered[1], variance, rtol=1e-6)


@pytest.mark.parametrize("name", MIXTURES)
@given(rows=st.integers(1, 40), seed=st.integers(0, 1000))
def test_a_row_is_answered_with_the_same_bits_in_any_batch(name: str, rows: int, seed: int) -> None:
    """Those with gaps and words never seen among them."""
    rng = np.random.default_rng(seed)
    features = draw_features(rows, rng)
    features[rng.uniform(size=rows) < 0.2, 0] = NAN
    features[rng.uniform(size=rows) < 0.2, 2] = UNSEEN
    features[rng.uniform(size=rows) < 0.2, 3] = UNSEEN
    predictor, row = regressor(MIXTURES[name]), int(rng.integers(rows))

    together, alone = predictor.predict(features), predictor.predict(features[row : row + 1])

    for many, one in zip(vars(together).values(), vars(alone).values(), strict=True):
        assert np.array_equal(many[row], one[0])


@pytest.mark.parametrize("name", MIXTURES)
def test_every_mixture_comes_back_from_its_bytes(name: str) -> None:
    arrays: dict[str, Any] = {}
    node = pack(MIXTURES[name], "mixture", arrays)
    again = regressor(unpack(node, "mixture", dict(arrays)))
    features = draw_features(7, np.random.default_rng(1))
    answered, expected = (vars(each.predict(features)) for each in (again, regressor(MIXTURES[name])))

    assert sorted(arrays) == sorted(set(arrays))
    assert all(np.array_equal(answered[key], expected[key]) for key in expected)


def test_a_word_never_seen_and_a_gap_widen_the_interval_and_are_called_extrapolated() -> None:
    """A gap is, where no row of the training had one."""
    predictor = regressor(MIXTURES["all"], ("identity", "identity"))
    known = np.array([[0.1, 0.2, 1.0, 4.0]])
    widths = {}
    for place, value in ((0, 0.1), (0, NAN), (2, UNSEEN), (3, UNSEEN)):
        features = known.copy()
        features[0, place] = value
        prediction = predictor.predict(features)
        assert prediction.lower is not None
        assert prediction.upper is not None
        widths[place, value] = prediction.upper[0, 1] - prediction.lower[0, 1]
        assert prediction.extrapolated[0].tolist() == [place == index and value != 0.1 for index in range(4)]

    assert min(widths.values()) == widths[0, 0.1]
    encoding = replace(predictor.category_encoding, blanks=np.array([0.1, 0.0, 0.0, 0.0]))
    features[0] = [NAN, NAN, 1.0, 4.0]
    gaps = replace(predictor, category_encoding=encoding).predict(features)
    assert gaps.extrapolated[0].tolist() == [False, True, False, False]


def test_what_has_no_weight_for_any_target_is_refused_in_a_checkpoint() -> None:
    from model.checkpoint.validation import check  # noqa: PLC0415 - inside the package's face it has no name

    idle = replace(MIXTURES["all"], weights=np.array([[1.0, 0.5], [0.0, 0.5], [0.0, 0.0]]))

    check(regressor(MIXTURES["all"]), must_be_finite=True)
    with pytest.raises(ValueError, match="a part has none"):
        check(regressor(idle), must_be_finite=True)


@given(data=st.data())
def test_damaged_arrays_are_refused_or_answered_from_but_nothing_else_happens(data: st.DataObject) -> None:
    from model.checkpoint.validation import check  # noqa: PLC0415

    arrays: dict[str, Any] = {}
    node = pack(MIXTURES["all"], "mixture", arrays)
    name = data.draw(st.sampled_from(sorted(arrays)))
    change = data.draw(st.sampled_from([
        lambda array: array[:-1], lambda array: array[..., None], lambda array: array * np.nan,
        lambda array: array.astype(np.float32), lambda array: -array, lambda array: array.ravel(), lambda array: array + 1,
        lambda array: array.astype("U3"), lambda array: np.concatenate([array, array]),
    ]))  # fmt: skip
    try:
        damaged = regressor(unpack(node, "mixture", {**arrays, name: change(arrays[name])}))
        check(damaged, must_be_finite=True)
    except (ValueError, KeyError, TypeError):
        return
    with np.errstate(all="ignore"):
        assert damaged.predict(draw_features(3, np.random.default_rng(2))).mean.shape == (3, TARGETS)


def test_what_is_the_same_for_all_rows_is_computed_once() -> None:
    regressor(MIXTURES["all"]).predict(draw_features(1, np.random.default_rng(0)))

    assert EMPIRICAL.nodes is EMPIRICAL.nodes
    assert EMPIRICAL.bounds(0.9) is EMPIRICAL.bounds(0.9)
