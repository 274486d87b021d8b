"""A regressor in a graph: from features to its targets and their intervals."""

import numpy as np

from model.arrays import FloatArray
from model.onnx.columns import Output
from model.onnx.draws import RowDraws, draw
from model.onnx.graph import Tensor
from model.onnx.mixture import locations, locations_and_variances
from model.onnx.targets import Answers, TargetAnswer, deviations
from model.onnx.trees import constant_rows
from model.predictors import Regressor
from model.table import MAX_LEVELS, LevelEffects


def needs_variance(regressor: Regressor) -> bool:
    """Tell whether the means themselves need variances: those of targets that are transformed do."""
    return not regressor.targets.untransformed and bool(regressor.has_spread.any())


def answer_targets(features: Tensor, regressor: Regressor, coverage: float | None) -> dict[Output, Tensor]:
    """Return outputs [rows, 1]: each target, and its interval, if a coverage is given and its spread is known."""
    if not regressor.has_spread.any():
        coverage = None
    answers = _answer(features, regressor, coverage)
    quantiles, outputs = regressor.mixture.quantiles, dict[Output, Tensor]()
    for number, column in enumerate(regressor.targets.columns):
        each = TargetAnswer(regressor.targets, number, answers)
        outputs[Output(column.name)] = each.mean(quantiles.nodes)
        if coverage is not None and regressor.has_spread[number]:
            lower, upper = (float(side[number]) for side in quantiles.bounds(coverage))
            below, above = each.bounds(lower, upper)
            outputs |= {Output(column.name, "_lower"): below, Output(column.name, "_upper"): above}
    return outputs


def _answer(features: Tensor, regressor: Regressor, coverage: float | None) -> Answers:
    columns, drawn = draw(features, regressor.category_encoding)
    if coverage is None and not needs_variance(regressor):
        location = locations(columns, regressor.mixture)
        location = location if drawn is None else drawn.average(location)
        return Answers(_add_effects(features, regressor, (location, None))[0])
    location, variance = locations_and_variances(columns, regressor.mixture)
    if drawn is not None:
        location, variance = _average(drawn, (location, variance), regressor.mixture.quantiles.variance_factor)
    location, whole = _add_effects(features, regressor, (location, variance))
    assert whole is not None  # noqa: S101 - for the type checker
    scale = deviations(whole, regressor.mixture.quantiles)
    unit = scale if coverage is None else _widen(scale, features, drawn, regressor, coverage)
    return Answers(location, scale, unit)


def _average(drawn: RowDraws, said: tuple[Tensor, Tensor], factor: FloatArray) -> tuple[Tensor, Tensor]:
    """Average over draws: what is unknown of a row is no claim, and needs no calibration."""
    location, variance = drawn.average_with_variance(said[0], said[1] * factor)
    return location, drawn.are_several.where(variance / factor, drawn.average(said[1]))


def _add_effects(
    features: Tensor, regressor: Regressor, said: tuple[Tensor, Tensor | None]
) -> tuple[Tensor, Tensor | None]:
    """Return locations and variances (rows, targets) with the effects of the rows' levels."""
    location, variance = said
    for each in regressor.effects:
        number, is_unknown = _find_level(features, each)
        tables = [features.graph.tensor(table) for table in (each.location, each.variance)]
        location = location + tables[0].take(number, axis=0)
        if variance is not None:
            variance = variance + tables[1].take(number, axis=0)
            variance = is_unknown.where(variance * each.unseen_scale, variance)
    return location, variance


def _find_level(features: Tensor, effects: LevelEffects) -> tuple[Tensor, Tensor]:
    """Return the number of each row's level (rows,), and whether it is unknown [rows, 1]; then it is the last number."""
    code, unknown = features.take(effects.feature), float(len(effects.location) - 1)
    is_known = code.apply("GreaterOrEqual", 0.0).apply("And", code.apply("Less", unknown))
    number = is_known.where(code, unknown).cast(np.int64).apply("Squeeze", np.array([1]))
    return number, is_known.apply("Not")


def _widen(scale: Tensor, features: Tensor, drawn: RowDraws | None, regressor: Regressor, coverage: float) -> Tensor:
    """Return the scale (rows, targets), wider where few known levels stand for one that was never seen."""
    quantiles, targets = regressor.mixture.quantiles, len(regressor.targets.columns)
    widening = constant_rows(features, np.ones(targets))
    if drawn is not None:
        by_levels = [np.ones(targets)] + [
            np.broadcast_to(quantiles.widening(coverage, np.array([max(levels - 1.0, 1.0)])), targets)
            for levels in range(1, MAX_LEVELS + 1)
        ]
        levels = drawn.levels.cast(np.int64).apply("Squeeze", np.array([1]))
        widening = features.graph.tensor(np.stack(by_levels)).take(levels, axis=0)
    for each in regressor.effects:
        _, is_unknown = _find_level(features, each)
        wider = quantiles.widening(coverage, each.unseen_dof)
        widening = is_unknown.where(widening.apply("Max", wider), widening)
    return scale * widening
