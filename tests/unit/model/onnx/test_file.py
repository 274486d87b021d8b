"""The file: what it says of itself, how it names its outputs, which rows it refuses, and when it has intervals."""

import json
from dataclasses import replace

import numpy as np
import onnx
import pytest

from model.network import Architecture, Ensemble
from model.onnx import DEFAULT_COVERAGE
from model.onnx.file import MAX_BYTES
from model.posterior import Posterior
from model.predictors import KNOTS, EmpiricalQuantiles, Mixture, NetworkPart, Regressor, StudentQuantiles
from model.table import (
    CategoryEncoding,
    Column,
    NetworkInputs,
    Scaler,
    Signature,
    Targets,
    standardise,
)
from tests.unit.model.onnx.running import export, run

HOURS = (
    Column("hours", "h", 0, 24),
    Column("age", may_be_missing=True),
    Column("colour", kind="category", categories=("red", "blue")),
)
SCORE = Column("score", "points")
RNG = np.random.default_rng(1)
TABLE = np.column_stack([RNG.uniform(0, 24, 30), RNG.normal(size=30), RNG.integers(0, 2, 30)])


def regressor(target: Column = SCORE, columns: tuple[Column, ...] = HOURS, units: int = 3) -> Regressor:
    """A network, with the posterior of so many hidden units."""
    signature = Signature(columns, (target,))
    encoding = CategoryEncoding.fit(signature, TABLE[:, : len(columns)])
    encoded = encoding.apply(TABLE[:, : len(columns)])
    width = encoded.shape[1]
    architecture = Architecture((width, units, 1))
    size = architecture.parameter_count
    part = NetworkPart(
        NetworkInputs.from_scaler(np.arange(width), standardise(encoded, ())),
        None,
        Ensemble(architecture, RNG.normal(size=(1, size))),
        Posterior(RNG.normal(size=(1, size, size)) * 0.01, np.full((1, 1), 0.1)),
    )
    mixture = Mixture.single(part, None, StudentQuantiles(np.ones(1), np.array([5.0])))
    targets = Targets((target,), Scaler(np.zeros(1), np.ones(1)), ("identity",))
    return Regressor(signature, encoding, np.stack([encoded.min(axis=0), encoded.max(axis=0)]), targets, mixture)


def metadata(file: bytes) -> dict[str, str]:
    return {each.key: each.value for each in onnx.load_from_string(file).metadata_props}


def outputs(file: bytes) -> list[str]:
    return [each.name for each in onnx.load_from_string(file).graph.output]


def test_it_says_what_it_is() -> None:
    predictor = regressor()
    file = export(predictor, coverage=0.9)
    said, loaded = metadata(file), onnx.load_from_string(file)

    assert (said["model_name"], said["model_version"], said["coverage"]) == ("named", "3", "0.9")
    assert Signature.from_dict(json.loads(said["signature"])) == predictor.signature
    assert json.loads(said["left_out"]) == [
        "extrapolated: which features of a row lie outside the range of the training rows"
    ]
    assert (loaded.model_version, loaded.graph.name, loaded.producer_name) == (3, "named", "scorecast")
    assert next(each.doc_string for each in loaded.graph.input) == "a number in h"


def test_equal_predictors_make_equal_files() -> None:
    predictor = regressor()

    assert export(predictor) == export(predictor)


def test_only_the_standard_s_own_operators_are_in_it() -> None:
    loaded = onnx.load_from_string(export(regressor()))

    assert {each.domain for each in loaded.opset_import} == {"", "ai.onnx.ml"}
    assert {node.domain for node in loaded.graph.node} <= {"", "ai.onnx.ml"}


def test_a_name_that_a_column_has_already_gets_an_underscore_more() -> None:
    columns = (Column("y_lower"), Column("_0"), Column("a b/ü"))
    file = export(regressor(Column("y"), columns))

    assert outputs(file) == ["y", "y_lower_", "y_upper"]
    answered = run(file, Signature(columns, (Column("y"),)), TABLE)
    assert np.isfinite(answered["y"]).all()


@pytest.mark.parametrize(
    ("row", "is_refused"),
    [
        ([25.0, 0.0, 0.0], True),
        ([-1.0, 0.0, 0.0], True),
        ([np.nan, 0.0, 0.0], True),
        ([5.0, np.inf, 0.0], True),
        ([5.0, 0.0, np.nan], True),
        ([24.0, 0.0, 0.0], False),
        ([5.0, np.nan, 1.0], False),
        ([5.0, 1.0, -1.0], False),
    ],
)
def test_a_row_that_the_service_refuses_is_answered_with_nan_and_no_other(
    row: list[float], *, is_refused: bool
) -> None:
    predictor = regressor()
    rows = np.array([row, [5.0, 0.0, 0.0]])
    answered = run(export(predictor), predictor.signature, rows)

    for values in answered.values():
        assert np.isnan(values[:, 0]).tolist() == [is_refused, False]


def test_intervals_are_left_out_of_a_file_that_they_would_make_large_unless_they_are_asked_for() -> None:
    small, large = regressor(), regressor(units=120)

    assert outputs(export(small)) == ["score", "score_lower", "score_upper"]
    assert metadata(export(small))["coverage"] == str(DEFAULT_COVERAGE)
    assert len(export(small)) < MAX_BYTES
    plain = export(large)
    assert outputs(plain) == ["score"]
    assert "coverage" not in metadata(plain)
    assert "2 MB" in json.loads(metadata(plain)["left_out"])[0]
    asked = export(large, coverage=0.95)
    assert outputs(asked) == ["score", "score_lower", "score_upper"]
    assert len(asked) > MAX_BYTES


def test_a_target_without_a_spread_has_no_interval() -> None:
    predictor = regressor()
    unknown = EmpiricalQuantiles(np.full((1, len(KNOTS)), np.nan), np.full((1, 2), 3.0))
    file = export(replace(predictor, mixture=replace(predictor.mixture, quantiles=unknown)), coverage=0.9)

    assert outputs(file) == ["score"]
    assert json.loads(metadata(file)["left_out"])[0].startswith("intervals: no spread")
