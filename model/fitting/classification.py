"""Training a classifier: candidates are judged by rows that they have not seen, mixed, and calibrated there.

A request that chooses a network, its prior or another trainer than the default gets that one kind alone, judged likewise.
"""

from dataclasses import replace

import numpy as np

from model.arrays import FloatArray
from model.checkpoint import Checkpoint, UnseenAnswers
from model.errors import OptionsError
from model.fitting.candidates import Folds
from model.fitting.classes import (
    MAX_EPOCHS,
    ClassOutcome,
    ClassTask,
    NetworkCandidate,
    NetworkKind,
    choose_class_candidates,
    fit_class_mixture,
    report_classes,
)
from model.fitting.ensemble_fitter import EnsembleFitter
from model.fitting.inspection import find_limits, find_telling_gaps
from model.fitting.spec import TrainingSpec
from model.predictors import Classifier
from model.table import CategoryEncoding
from model.trainers import LBFGS, Budget, OnEpoch

MIN_ROWS = 4
"""Of fewer rows too little is left to judge by."""


def train_classifier(spec: TrainingSpec, on_epoch: OnEpoch) -> Checkpoint[Classifier]:
    """Return a predictor of categories, with its report.

    Raises `OptionsError` if the trainer is for numbers alone.
    """
    if "cross_entropy" not in spec.trainer.losses:
        raise OptionsError(
            f"trainer {spec.trainer.name!r} predicts numbers, not categories: leave it out, or take 'lbfgs'"
        )
    telling = find_telling_gaps(spec.signature, spec.dataset)
    encoding = CategoryEncoding.fit(spec.signature, spec.dataset.features, telling)
    task = make_class_task(spec, encoding.apply(spec.dataset.features))
    fitter = EnsembleFitter(spec.seed, Budget(spec.trainer.refinements.budget, len(spec.dataset)), on_epoch)
    with np.errstate(all="ignore"):  # a training that diverges ends with an error of its loop, not with warnings
        if leaves_the_choice(spec):
            trainer = replace(spec.trainer, max_epochs=_count_epochs(spec.trainer.max_epochs))  # type: ignore[type-var]
            candidates, over_budget = choose_class_candidates(task, spec.network, trainer, fitter)
        else:
            only = NetworkCandidate(task, NetworkKind("network", spec.network), spec.trainer, fitter)
            candidates, over_budget = [only], ()
        fit = fit_class_mixture(task, candidates, over_budget)
        domain = np.stack([task.columns.min(axis=0), task.columns.max(axis=0)])
        classifier = Classifier(spec.signature, encoding, domain, fit.mixture)
        unseen = UnseenAnswers.keep(task.folds.judged_rows, fit.unseen)
        return Checkpoint(classifier, report_classes(spec, classifier, ClassOutcome(task, fit, fitter)), unseen)


def leaves_the_choice(spec: TrainingSpec) -> bool:
    """Whether a request leaves open what is trained, and rows are enough to judge candidates by."""
    trainer = spec.trainer
    is_default = isinstance(trainer, LBFGS) and trainer.alpha is None and spec.network == trainer.default_network
    return is_default and len(spec.dataset) >= MIN_ROWS


def make_class_task(spec: TrainingSpec, columns: FloatArray) -> ClassTask:
    """Return what the candidates learn: columns (rows, columns) and the class of each row, folds drawn."""
    labels = spec.dataset.targets[:, 0].astype(np.intp)
    folds = Folds.draw(np.column_stack([columns, labels]), np.random.default_rng([spec.seed, 77]))
    classes = len(spec.signature.targets[0].categories)
    return ClassTask(columns, labels, classes, folds, find_limits(columns), spec.seed)


def _count_epochs(asked: int) -> int:
    return MAX_EPOCHS if asked == LBFGS().max_epochs else asked
