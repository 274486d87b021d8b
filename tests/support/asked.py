"""Random predictors, with rows to ask them, for the property tests."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from model.arrays import FloatArray
from model.candidates import ClassTrees
from model.network import Architecture, Ensemble
from model.network.activations import ACTIVATIONS
from model.predictors import Classifier, ClassMixture, ClassNetworks, ClassShares, ClassTreesPart, Mixture, Regressor
from model.table import UNSEEN, CategoryEncoding, Column, LevelEffects, Scaler, Signature, Targets
from tests.support.predictors import Maker, trees

KINDS = ("constant", "networks", "trees", "kernel", "line")
CLASS_KINDS = ("shares", "networks", "trees")
BOUNDS: dict[str, tuple[float | None, float | None]] = {
    "identity": (-3.0, None),
    "log": (None, 400.0),
    "logit": (-1.0, 8.0),
    "root": (0.0, None),
}
"""Of a target, by its transform."""

SHAPES = st.tuples(st.sampled_from(sorted(ACTIVATIONS)), st.sampled_from(sorted(ACTIVATIONS)), st.booleans())
SEEDS = st.integers(0, 2**32 - 1)


@dataclass(frozen=True)
class Asked:
    """A predictor, and rows for it: with blanks and words never seen, where it takes them."""

    predictor: Any
    features: FloatArray


@st.composite
def features(draw: st.DrawFn) -> tuple[Column, ...]:
    """Columns of numbers, and perhaps of words and dates, that may be blank or not."""
    blanks = draw(st.booleans())
    columns = [Column(f"x{number}", may_be_missing=blanks and number == 0) for number in range(draw(st.integers(1, 3)))]
    for number, size in enumerate(draw(st.lists(st.integers(2, 24), max_size=2))):
        words = tuple(f"word {word}" for word in range(size))
        columns.append(Column(f"c{number}", kind="category", categories=words, may_be_missing=blanks))
    if draw(st.booleans()):
        columns.append(Column("day", kind="date", may_be_missing=blanks))
    return tuple(columns)


def draw_rows(columns: tuple[Column, ...], rows: int, rng: np.random.Generator) -> FloatArray:
    """Return rows; a fifth of the cells that may be blank are."""
    made = []
    for column in columns:
        if column.is_category:
            values = rng.integers(0, len(column.categories), rows).astype(np.float64)
        else:
            values = rng.uniform(-300, 800, rows) if column.is_date else rng.normal(size=rows)
        made.append(np.where(rng.random(rows) < 0.2 * column.may_be_missing, np.nan, values))
    return np.column_stack(made)


def draw_asked(columns: tuple[Column, ...], rng: np.random.Generator) -> FloatArray:
    """Return rows, one in ten of whose words were never seen; the first has no cell that may be missing."""
    rows = draw_rows(columns, 30, rng)
    rows[0, [column.may_be_missing for column in columns]] = np.nan
    are_words = np.array([column.is_category for column in columns])
    rows[(rng.random(rows.shape) < 0.1) & are_words] = UNSEEN
    return rows


@st.composite
def encodings(draw: st.DrawFn, columns: tuple[Column, ...], rng: np.random.Generator) -> tuple[CategoryEncoding, Maker]:
    """Return an encoding, perhaps without the words of a column, and with marks for blanks; and a maker for its columns."""
    words = [number for number, column in enumerate(columns) if column.is_category]
    left_out = draw(st.sampled_from([(), *((number,) for number in words)]))
    marked = draw(st.sampled_from([(), (0,)])) if columns[0].may_be_missing else ()
    table = draw_rows(columns, draw(st.sampled_from([5, 40])), rng)
    encoding = CategoryEncoding.fit(Signature(columns, (Column("y"),)), table, marked, left_out)
    if encoding.imputation is not None and draw(st.booleans()):  # as of a table of very many columns
        encoding = replace(encoding, imputation=replace(encoding.imputation, correlation=None))
    return encoding, Maker(rng, encoding.apply(table), 1)


@st.composite
def regressors(draw: st.DrawFn) -> Asked:
    """Draw any mixture of any parts, with any spread and quantiles."""
    columns, rng = draw(features()), np.random.default_rng(draw(SEEDS))
    encoding, maker = draw(encodings(columns, rng))
    transforms = tuple(draw(st.lists(st.sampled_from(sorted(BOUNDS)), min_size=1, max_size=2)))
    maker = Maker(rng, maker.columns, len(transforms))
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=3))
    parts = tuple(maker.part(kind, draw(SHAPES)) for kind in kinds)
    weights = rng.uniform(0.2, 1, (len(parts), len(transforms)))
    spread = maker.spread(draw(st.sampled_from(["none", "noise", "model"])))
    quantiles = maker.quantiles(are_empirical=draw(st.booleans()))
    mixture = Mixture(parts, weights / weights.sum(axis=0), rng.uniform(0.5, 2, weights.shape), spread, quantiles)
    targets = tuple(Column(f"y{number}", None, *BOUNDS[name]) for number, name in enumerate(transforms))
    scaler = Scaler(rng.normal(size=len(targets)), rng.uniform(0.5, 1.5, len(targets)))
    effects = tuple(
        _effects(number, len(columns[number].categories), len(targets), rng)
        for number in {*range(len(columns))} - {*encoding.source.tolist()}
    )
    domain = np.stack([maker.columns.min(axis=0), maker.columns.max(axis=0)])
    predictor = Regressor(
        Signature(columns, targets), encoding, domain, Targets(targets, scaler, transforms), mixture, effects
    )
    return Asked(predictor, draw_asked(columns, rng))


@st.composite
def classifiers(draw: st.DrawFn) -> Asked:
    """Draw any mixture of parts for two classes or more."""
    columns, rng = draw(features()), np.random.default_rng(draw(SEEDS))
    encoding, maker = draw(encodings(columns, rng))
    classes = draw(st.integers(2, 4))
    kinds = draw(st.lists(st.sampled_from(CLASS_KINDS), min_size=1, max_size=3))
    parts = tuple(_class_part(kind, maker, classes, draw(SHAPES)) for kind in kinds)
    weights = rng.uniform(0.2, 1, len(parts))
    mixture = ClassMixture(parts, weights / weights.sum(), rng.uniform(0.5, 2, len(parts)))
    target = Column("y", kind="category", categories=tuple(f"class {number}" for number in range(classes)))
    domain = np.stack([maker.columns.min(axis=0), maker.columns.max(axis=0)])
    predictor = Classifier(Signature(columns, (target,)), encoding, domain, mixture)
    return Asked(predictor, draw_asked(columns, rng))


def _class_part(kind: str, maker: Maker, classes: int, shape: tuple[str, str, bool]) -> Any:
    rng = maker.rng
    if kind == "shares":
        return ClassShares(np.log(rng.dirichlet(np.ones(classes))))
    if kind == "trees":
        grown, outputs = trees(rng, maker.columns), 1 if classes == 2 else classes
        values = rng.normal(size=(outputs, *grown.values.shape)).astype(np.float32)
        return ClassTreesPart(ClassTrees(grown.columns, grown.thresholds, values, rng.normal(size=outputs)))
    inputs = maker.inputs(ramps=True)
    architecture = Architecture((len(inputs.source), 4, classes), *shape)
    return ClassNetworks(inputs, Ensemble(architecture, rng.normal(size=(2, architecture.parameter_count))))


def _effects(feature: int, levels: int, targets: int, rng: np.random.Generator) -> LevelEffects:
    location = np.vstack([rng.normal(size=(levels, targets)), np.zeros((1, targets))])
    variance = rng.uniform(0.1, 0.5, (levels + 1, targets))
    return LevelEffects(np.array([feature]), location, variance, np.full(targets, 1.5), np.full(targets, 4.0))
