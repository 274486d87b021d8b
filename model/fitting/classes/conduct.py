"""How a mixture of classes is made: judge, weigh, train what has weight, score on unseen rows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from model.arrays import FloatArray, IntArray
from model.errors import TrainingFailed
from model.fitting.classes.contract import ClassCandidate, ClassTask
from model.fitting.classes.functions import SharesCandidate, TreesCandidate
from model.fitting.classes.networks import LINEAR_ALPHAS, NetworkCandidate, NetworkKind
from model.fitting.classes.weights import ClassWeights, mix_unseen, weigh_classes
from model.fitting.ensemble_fitter import EnsembleFitter
from model.predictors import ClassMixture
from model.trainers import NetworkOptions, Trainer

MAX_EPOCHS = 50
"""Where the request leaves it at the default: later steps change probabilities of unseen rows by next to nothing."""
MIN_TREE_ROWS = 20
BUDGET_SHARE = 0.5
"""Of what is left of the budget: so much at most may be expected to go into one candidate."""


@dataclass(frozen=True, eq=False)
class ClassFit:
    """A mixture, and how it came about."""

    mixture: ClassMixture
    candidates: tuple[ClassCandidate, ...]
    logits: tuple[FloatArray, ...]
    """What each candidate said of the judged rows: (members, rows, classes)."""
    weighted: ClassWeights
    over_budget: tuple[str, ...]
    labels: IntArray
    folds: IntArray
    """Of the judged rows."""

    @cached_property
    def unseen(self) -> FloatArray:
        """(judged rows, classes): what mixtures say that were trained, weighted and calibrated without each row's fold."""
        return mix_unseen(self.logits, self.labels, self.folds, _priors(self.candidates))


def choose_class_candidates(
    task: ClassTask, network: NetworkOptions, trainer: Trainer, fitter: EnsembleFitter
) -> tuple[list[ClassCandidate], tuple[str, ...]]:
    """Return the candidates that suit a table and that the budget can bear, and the names of those it cannot."""
    shares = SharesCandidate(task)
    if not task.columns.shape[1]:
        return [shares], ()
    linear = NetworkKind("linear network", replace(network, hidden_layers=()), LINEAR_ALPHAS)
    line = NetworkCandidate(task, linear, trainer, fitter)
    made: list[ClassCandidate] = [line, NetworkCandidate(task, NetworkKind("network", network), trainer, fitter, line)]
    if len(task.labels) >= MIN_TREE_ROWS and len(np.unique(task.labels)) == task.classes:
        made.append(TreesCandidate(task))
    borne = [each for each in made if each.cost <= BUDGET_SHARE * fitter.budget.left]
    return [shares, *borne], tuple(each.name for each in made if each not in borne)


def fit_class_mixture(task: ClassTask, candidates: Sequence[ClassCandidate], over_budget: tuple[str, ...]) -> ClassFit:
    """Fit a mixture of candidates to a task."""
    logits = tuple(each.judge() for each in candidates)
    labels = task.judged_labels
    weighted = weigh_classes(logits, labels, _priors(candidates))
    if not np.isfinite(weighted.weights).all():
        raise TrainingFailed("no candidate has a finite answer for these rows; try columns of more usual size")
    used = np.flatnonzero(weighted.weights).tolist()
    parts = tuple(candidates[number].fit(float(weighted.weights[number])) for number in used)
    mixture = ClassMixture(parts, weighted.weights[used], weighted.temperatures[used])
    return ClassFit(mixture, tuple(candidates), logits, weighted, over_budget, labels, _folds_of_judged(task))


def _folds_of_judged(task: ClassTask) -> IntArray:
    folds = task.folds.numbers[task.folds.judged_rows]
    return (
        np.arange(len(folds)) % 2 if len(task.folds.judged) == 1 else folds
    )  # then the rows of one fold judge each other


def _priors(candidates: Sequence[ClassCandidate]) -> FloatArray:
    return np.array([each.prior_rows for each in candidates])
