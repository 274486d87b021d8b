"""The report of a mixture: what answers in which shares, how it was judged, and what is not to be trusted."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from model.arrays import FloatArray
from model.fitting.candidates import Answers, Choice, FittedNetworks, Task
from model.fitting.ensemble_fitter import EnsembleFitter
from model.fitting.inspection import find_exact_fits, find_outliers, find_outlying_cells, find_wide_table, inspect
from model.fitting.mixing import MAX_CLAIMS, MIN_ROWS_FOR_SPREAD, MixtureFit
from model.fitting.reporting import (
    COVERAGE,
    NEEDS_ROWS,
    OFF,
    OVER_BUDGET,
    measure_relevance,
    scale_relevances,
    score_predictions,
    skip,
    training_facts,
)
from model.fitting.spec import TrainingSpec
from model.posterior import LeaveOneOut
from model.predictors import NetworkPart, Part, Prediction, Regressor
from model.report import CandidateReport, Refinement, Report
from model.scores import Scores
from model.trainers import Fit

SPREAD = "noise model"
MIN_COVERAGE_ERRORS = 3.0
"""Coverage on unseen rows is warned of if it is off by more standard errors than that."""


class Outcome(NamedTuple):
    """What a training came to, apart from the regressor."""

    task: Task
    choice: Choice
    fit: MixtureFit
    fitter: EnsembleFitter
    attempts: tuple[Refinement, ...]
    shift: FloatArray
    """(judged rows, targets): what the levels of features that have no columns add to what candidates say."""


def report_mixture(spec: TrainingSpec, regressor: Regressor, outcome: Outcome) -> Report:
    """Return the report of a trained mixture."""
    truth, columns, task, fit = spec.dataset.targets, spec.signature.targets, outcome.task, outcome.fit
    left_out = score_unseen(spec, regressor, outcome)
    return Report(
        **_network_facts(spec, outcome),
        scores=score_predictions(columns, truth, regressor.predict(spec.dataset.features, None)),
        warnings=(*_find_odd(spec, regressor, outcome), *_find_untrusted(outcome, left_out)),
        leave_one_out=left_out,
        noise=_noise(spec, regressor),
        relevance=scale_relevances(spec.signature.features, measure_relevance(regressor, spec)),
        held_out={},
        attempts=(*outcome.attempts, *_tell_spread(spec, outcome), *_skipped(outcome)),
        candidates=tuple(_describe_candidates(spec, regressor, outcome)),
        judged_by=_tell_rows(task, any(each.trust > 0 for one in fit.weighted.assessments for each in one)),
    )


def score_unseen(spec: TrainingSpec, regressor: Regressor, outcome: Outcome) -> dict[str, Scores]:
    """Score what the mixture said of rows that it had not seen; coverage by intervals calibrated without the row's fold."""
    unseen, rows = outcome.fit.unseen, outcome.task.folds.judged_rows
    prediction = to_prediction(regressor, unseen.answers, COVERAGE)
    scores = score_predictions(spec.signature.targets, spec.dataset.targets[rows], prediction)
    for column, inside in zip(spec.signature.targets, unseen.inside.T, strict=True):
        if scores[column.name]["rmse"] is not None:
            scores[column.name]["coverage"] = float(inside.mean())
    return scores


def to_prediction(regressor: Regressor, answers: Answers, coverage: float | None) -> Prediction:
    """Turn scaled answers into the targets' units."""
    nothing = np.zeros((len(answers.locations), 0), dtype=np.bool_)
    return regressor.to_prediction(answers.locations, answers.variances, coverage, nothing)


def _network_facts(spec: TrainingSpec, outcome: Outcome) -> dict[str, Any]:
    """Return what is told of the networks with the largest weight; of none, where none has any."""
    weights = outcome.fit.weighted.weights.sum(axis=1)
    places = [
        place for place, each in enumerate(outcome.fit.fitted) if isinstance(each, FittedNetworks) and weights[place]
    ]
    if not places:
        answers, rows = outcome.fit.unseen.answers, outcome.task.folds.judged_rows
        loss = float(np.mean((answers.locations - outcome.task.targets[rows]) ** 2))
        none = Fit(np.empty(0), loss, 0, "converged", ((0, loss),), None)
        facts = training_facts(spec, [none], outcome.fitter.epochs)
        return {**facts, "evidence": None, "parameters": 0, "effective_parameters": None}
    best = outcome.fit.fitted[max(places, key=lambda place: float(weights[place]))]
    assert isinstance(best, FittedNetworks)  # noqa: S101 - for the type checker
    evidences = [member.evidence for member in best.ensemble.members]
    return {
        **training_facts(spec, best.ensemble.fits, outcome.fitter.epochs),
        "evidence": float(np.mean([each.value for each in evidences])),
        "parameters": best.ensemble.ensemble.architecture.parameter_count,
        "effective_parameters": float(np.mean([each.by_group.sum() for each in evidences])),
    }


def _find_odd(spec: TrainingSpec, regressor: Regressor, outcome: Outcome) -> Iterable[str]:
    encoding, task, unseen = regressor.category_encoding, outcome.task, outcome.fit.unseen.answers
    yield from inspect(spec.signature, encoding.fill_missing(spec.dataset))
    yield from find_wide_table(*task.columns.shape)
    yield from find_outlying_cells(encoding.columns(spec.signature), task.columns, task.limits)
    yield from find_exact_fits(spec.signature, task.targets[task.folds.judged_rows], unseen.locations)
    if len(task.folds.judged) > 1:
        residuals = unseen.locations - task.targets
        yield from find_outliers(spec.signature, LeaveOneOut(residuals, unseen.variances))


def _find_untrusted(outcome: Outcome, left_out: dict[str, Scores]) -> Iterable[str]:
    for name, claims in _overconfident(outcome).items():
        yield (
            f"overconfident: the {name} was off by {np.sqrt(claims):.1f} times what it claimed on rows that it had not "
            "seen, and was left out"
        )
    rows = len(outcome.task.folds.judged_rows)
    error = np.sqrt(COVERAGE * (1 - COVERAGE) / rows)
    for name, scores in left_out.items():
        held = scores.get("coverage")
        if held is not None and held < COVERAGE - max(MIN_COVERAGE_ERRORS * error, 0.03):
            yield f"coverage: {COVERAGE:.0%} intervals for {name!r} held {held:.0%} of rows that were not seen"


def _overconfident(outcome: Outcome) -> dict[str, float]:
    """Return by what factor the squared errors of candidates exceeded their claims, for those that were left out for it."""
    weighted = outcome.fit.weighted
    found = {}
    for number, judged in enumerate(weighted.judged):
        claims = max(one[number].claims for one in weighted.assessments)
        if claims > MAX_CLAIMS and judged.candidate.name != "mean":
            found[judged.candidate.name] = claims
    return found


def _noise(spec: TrainingSpec, regressor: Regressor) -> dict[str, float | None]:
    """For each target, the deviation of what the candidates do not explain, in the target's units."""
    pairs = zip(regressor.mixture.parts, regressor.mixture.weights, strict=True)
    scaled = np.sqrt(sum(weights * _noise_variance(part) for part, weights in pairs))
    levels = regressor.targets.noise_in_target_units(scaled, spec.dataset.targets)
    known = zip(spec.signature.targets, levels, regressor.has_spread, strict=True)
    return {column.name: float(level) if spread else None for column, level, spread in known}


def _noise_variance(part: Part) -> FloatArray:
    """(targets,): what a part does not explain."""
    return np.asarray(part.posterior.noise.mean(axis=0) if isinstance(part, NetworkPart) else part.variance)  # type: ignore[attr-defined]


def _tell_spread(spec: TrainingSpec, outcome: Outcome) -> Iterable[Refinement]:
    if not outcome.task.learns_spread:
        yield skip(SPREAD, OFF)
    elif len(outcome.task.folds.judged_rows) < MIN_ROWS_FOR_SPREAD:
        yield skip(SPREAD, NEEDS_ROWS.format(MIN_ROWS_FOR_SPREAD))
    else:
        for column, spread in zip(spec.signature.targets, outcome.fit.unseen.spreads, strict=True):
            kept, dropped = (
                ("kept", "intervals follow the noise from row to row"),
                ("dropped", "unseen rows gain nothing"),
            )
            yield Refinement(f"{SPREAD} for {column.name!r}", *(kept if spread.model else dropped), spread.gain)


def _skipped(outcome: Outcome) -> Iterable[Refinement]:
    for name in outcome.choice.over_budget:
        yield skip(f"candidate: {name}", OVER_BUDGET)
    for name in outcome.fit.behind:
        yield Refinement(f"candidate: {name}", "dropped", "after two folds unseen rows were surely less probable", None)


def _describe_candidates(spec: TrainingSpec, regressor: Regressor, outcome: Outcome) -> Iterable[CandidateReport]:
    weighted, rows = outcome.fit.weighted, outcome.task.folds.judged_rows
    columns, truth = spec.signature.targets, spec.dataset.targets[rows]
    number_of_mean = next(place for place, each in enumerate(weighted.judged) if each.candidate.name == "mean")
    for number, judged in enumerate(weighted.judged):
        answers = judged.answers._replace(locations=judged.answers.locations + outcome.shift)
        said = score_predictions(columns, truth, to_prediction(regressor, answers, None))
        gains = [
            float((one[number].log_densities - one[number_of_mean].log_densities).mean())
            for one in weighted.assessments
        ]
        weights = dict(zip((column.name for column in columns), weighted.weights[number].tolist(), strict=True))
        errors = {name: float(scores["rmse"] or 0.0) for name, scores in said.items()}
        yield CandidateReport(judged.candidate.name, weights, errors, float(np.sum(gains)))


def _tell_rows(task: Task, trusts_leverages: bool) -> str:  # noqa: FBT001
    text = task.folds.describe()
    if trusts_leverages and len(task.folds.judged) > 1:
        return f"{text}; where claims held, what the last rows teach is reckoned from leverages in part"
    return text
