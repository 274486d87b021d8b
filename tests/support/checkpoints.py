"""Checkpoints that hold every kind of thing that a checkpoint can: all parts, spreads, quantiles, encodings and transforms.

They are made of small random arrays, not trained: so each kind is there, whatever a training would choose.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from model.arrays import FloatArray
from model.candidates import fit_class_trees, fit_kernel_machine, fit_oblivious_trees, fit_ridge
from model.checkpoint import Checkpoint, Report
from model.network import Architecture, Ensemble
from model.posterior import Posterior
from model.predictors import (
    EXTRA_COLUMNS,
    KNOTS,
    CandidatePart,
    Classifier,
    ClassMixture,
    ClassNetworks,
    ClassShares,
    ClassTreesPart,
    ConstantPart,
    EmpiricalQuantiles,
    Mixture,
    NetworkPart,
    NoiseNetwork,
    Regressor,
    SpreadModel,
    StudentQuantiles,
    TargetSpread,
    noise_architecture,
)
from model.report import CandidateReport, Refinement, Relevance
from model.table import CategoryEncoding, Column, LevelEffects, NetworkInputs, Scaler, Signature, Targets

TOWNS = tuple(f"town {number}" for number in range(12))
FEATURES = (
    Column("size", "m2", may_be_missing=True, reading="1,234.5 m2", marks=("unknown",)),
    Column("age"),
    Column("colour", kind="category", categories=("blue", "green", "red"), may_be_missing=True),
    Column("built", kind="date", reading="31/01/2024"),
    Column("town", kind="category", categories=TOWNS),
)
NUMBERS = Signature(FEATURES, (Column("price", "EUR", minimum=0.0), Column("rent")), ("id",))
ROWS, MEMBERS, TARGETS = 60, 2, 2
TOWN = 4


def draw_rows(rows: int, rng: np.random.Generator) -> FloatArray:
    """Return features (rows, features) that suit the signature."""
    numbers = rng.normal(size=(rows, 2))
    days = rng.uniform(15000, 20000, rows).round()
    return np.column_stack([numbers, rng.integers(0, 3, rows), days, rng.integers(0, len(TOWNS), rows)])


def rows_with_gaps(rng: np.random.Generator) -> FloatArray:
    """Return features some of which are missing, never seen, or far from all others."""
    rows = draw_rows(12, rng)
    rows[0, 0], rows[1, 2], rows[2, [0, 2]] = np.nan, np.nan, np.nan
    rows[3, 2], rows[4, 4], rows[5, [2, 4]] = -1.0, -1.0, -1.0
    rows[6, :2], rows[7, :2], rows[8, 1] = 1e300, -1e300, 1.7e308
    rows[9, 3], rows[10, 3] = -719162.0, 2932896.0
    return rows


def _inputs(source: list[int], rng: np.random.Generator) -> NetworkInputs:
    limits = np.full(len(source), np.inf)
    limits[0] = 2.0
    count = len(source)
    return NetworkInputs(np.array(source), -limits, limits, rng.normal(size=count), rng.uniform(1, 2, count))


def _networks(columns: int, components: int | None, rng: np.random.Generator) -> NetworkPart:
    architecture = Architecture((components or columns, 3, TARGETS))
    count = architecture.parameter_count
    posterior = Posterior(
        rng.normal(size=(MEMBERS, 4, count)) * 0.1,
        rng.uniform(0.1, 0.2, (MEMBERS, TARGETS)),
        rng.uniform(1, 2, (MEMBERS, count)) if components else None,
    )
    rotation = rng.normal(size=(columns, components)) if components else None
    ensemble = Ensemble(architecture, rng.normal(size=(MEMBERS, count)))
    return NetworkPart(_inputs(list(range(columns)), rng), rotation, ensemble, posterior)


def _regressor(which: str) -> Regressor:
    rng = np.random.default_rng(3)
    features, fold = draw_rows(ROWS, rng), np.arange(ROWS) % 4
    features[:5, 0] = np.nan
    encoding = CategoryEncoding.fit(NUMBERS, features, marked=(0,), left_out=(TOWN,))
    columns = encoding.apply(features)
    width = columns.shape[1]
    target = columns[:, 0] + rng.normal(size=ROWS)
    kernel = fit_kernel_machine(columns, target, fold, rng).fitted
    trees = fit_oblivious_trees(columns, target, fold, rng).fitted
    ridge = fit_ridge(columns, target, fold).fitted
    few, some = _inputs([0, 2], rng), _inputs([1, width, width + 2], rng)
    narrow = fit_ridge(columns[:, [0, 2]], target, fold).fitted
    spread_trees = fit_oblivious_trees(rng.normal(size=(ROWS, 3)), target, fold, rng).fitted
    parts: dict[str, tuple[Any, ...]] = {
        "networks": (_networks(width, None, rng), _networks(width, 2, rng)),
        "candidates": (
            CandidatePart(None, (kernel, trees), rng.uniform(1, 2, TARGETS)),
            CandidatePart(few, (narrow, None), rng.uniform(1, 2, TARGETS)),
            CandidatePart(None, (ridge, trees), rng.uniform(1, 2, TARGETS)),
            ConstantPart(rng.normal(size=TARGETS), rng.uniform(1, 2, TARGETS)),
        ),
    }
    chosen = parts[which]
    weights = np.full((len(chosen), TARGETS), 1.0 / len(chosen))
    if which == "candidates":
        weights[1] = [0.25, 0.0]
        weights[3, 1] = 0.5
    weights /= weights.sum(axis=0)
    noise = NoiseNetwork(
        _inputs(list(range(width)), rng),
        rng.normal(size=(TARGETS, 2, noise_architecture(width + 1).parameter_count)),
        np.array([0.5, 0.0]),
    )
    one = TargetSpread(some, (spread_trees,), np.array([0.4]), np.zeros(1), np.array([0.1]), np.array([-1.0, 1.0]))
    assert width + 2 < width + EXTRA_COLUMNS
    is_first = which == "networks"
    mixture = Mixture(
        chosen,
        weights,
        rng.uniform(0.5, 2.0, weights.shape),
        noise if is_first else SpreadModel((one, None)),
        StudentQuantiles(np.array([1.2, np.nan]), np.array([4.0, 30.0]))
        if is_first
        else EmpiricalQuantiles(
            np.sort(rng.normal(size=(TARGETS, len(KNOTS))), axis=1), np.array([[3.0, 5.0], [7.0, 9.0]])
        ),
    )
    effects = LevelEffects(
        np.array([TOWN]),
        np.vstack([rng.normal(size=(len(TOWNS), TARGETS)), np.zeros((1, TARGETS))]),
        rng.uniform(0.1, 0.5, (len(TOWNS) + 1, TARGETS)),
        np.array([1.5, 1.0]),
        np.array([4.0, 11.0]),
    )
    targets = Targets(NUMBERS.targets, Scaler(np.array([1.0, -2.0]), np.array([0.5, 3.0])), ("log", "identity"))
    domain = np.stack([columns.min(axis=0), columns.max(axis=0)])
    return Regressor(NUMBERS, encoding, domain, targets, mixture, (effects,))


def _classifier(classes: int) -> Classifier:
    rng = np.random.default_rng(classes)
    names = ("no", "yes", "perhaps")[:classes]
    signature = Signature(FEATURES, (Column("answer", kind="category", categories=names),))
    features = draw_rows(ROWS, rng)
    features[:5, 0] = np.nan
    encoding = CategoryEncoding.fit(signature, features)
    columns = encoding.apply(features)
    labels = rng.integers(0, classes, ROWS)
    trees = fit_class_trees(columns, labels, np.arange(ROWS) % 4, rng).fitted
    architecture = Architecture((columns.shape[1], 3, classes))
    networks = ClassNetworks(
        _inputs(list(range(columns.shape[1])), rng),
        Ensemble(architecture, rng.normal(size=(MEMBERS, architecture.parameter_count))),
    )
    parts = (ClassShares(np.log(np.full(classes, 1.0 / classes))), networks, ClassTreesPart(trees))
    mixture = ClassMixture(parts, np.array([0.25, 0.5, 0.25]), np.array([1.0, 1.5, 0.7]))
    domain = np.stack([columns.min(axis=0), columns.max(axis=0)])
    return Classifier(signature, encoding, domain, mixture)


def _report(signature: Signature) -> Report:
    target = signature.targets[0].name
    scores: dict[str, float | None] = {"rmse": 1.5, "r2": None}
    return Report(
        trainer={"name": "levenberg_marquardt", "max_epochs": 200},
        network={"hidden_layers": [3], "bias": True},
        seed=0,
        rows=ROWS,
        epochs=12,
        stopped_because="the loss does not fall any more",
        loss=0.5,
        scores={target: scores},
        learning_curve=((0, 1.0), (12, 0.5)),
        warnings=("few rows",),
        leave_one_out={target: scores},
        noise={target: None},
        evidence=-3.5,
        parameters=20,
        effective_parameters=None,
        relevance={column.name: Relevance(1.0, "strong") for column in signature.features},
        held_out={},
        attempts=(Refinement("transform: log", "kept", "it gained", 2.5),),
        candidates=(CandidateReport("mean", {target: 1.0}, {target: 2.0}, 0.0),),
        judged_by="cross-validation",
    )


def _make(predictor: Regressor | Classifier) -> Checkpoint[Any]:
    return Checkpoint(predictor, _report(predictor.signature))


EVERY_KIND: Mapping[str, Checkpoint[Any]] = {
    "networks": _make(_regressor("networks")),
    "candidates": _make(_regressor("candidates")),
    "two classes": _make(_classifier(2)),
    "three classes": _make(_classifier(3)),
}
