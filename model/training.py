"""Training: from a table and options to a checkpoint."""

from dataclasses import asdict, dataclass

import numpy as np

from model.activations import FloatArray
from model.checkpoint import Checkpoint
from model.course import Fit, OnEpoch, fit
from model.dataset import Dataset
from model.inspection import inspect, outliers, varying
from model.network import Ensemble, Network
from model.predictor import Predictor
from model.preparation import Prepared, prepare
from model.report import Report, leave_one_out_scores, relevances
from model.scores import regression_scores
from model.signature import Signature
from model.trainers import NetworkOptions, Trainer
from model.uncertainty import LeaveOneOut, MemberPosterior, Posterior, fit_student, leave_one_out, member_posterior


@dataclass(frozen=True, eq=False)
class TrainingSpec:
    """All that determines a checkpoint: equal specs give equal checkpoints."""

    signature: Signature
    dataset: Dataset
    """In the table's own units."""
    network: NetworkOptions
    trainer: Trainer
    seed: int = 0


def train(spec: TrainingSpec, on_epoch: OnEpoch = lambda _epoch, _loss: None) -> Checkpoint:
    """Scale the table, train the ensemble, reckon its posterior, score it.

    Raises `OptionsError` if the options do not fit the table, `TrainingFailed` if no usable network
    came out, and whatever `on_epoch` raises.
    """
    prepared = prepare(spec.signature, spec.dataset, spec.network)
    with np.errstate(all="ignore"):  # a training that diverges is told so by its course, not by warnings
        trained = train_ensemble(spec.trainer, prepared, spec.seed, on_epoch)
        posterior, left_out = assess(trained, prepared.scaled)
    domain = np.stack([spec.dataset.features.min(axis=0), spec.dataset.features.max(axis=0)])
    predictor = Predictor(spec.signature, trained.ensemble, prepared.encoding, prepared.targets, posterior, domain)
    return Checkpoint(predictor, _report(spec, predictor, trained, left_out))


@dataclass(frozen=True, eq=False)
class Trained:
    """An ensemble with how each member came about and what is uncertain about it."""

    ensemble: Ensemble
    fits: list[Fit]
    members: list[MemberPosterior]


def train_ensemble(trainer: Trainer, prepared: Prepared, seed: int, on_epoch: OnEpoch) -> Trained:
    """Train each member from its own start."""
    fits: list[Fit] = []
    for member in range(trainer.members):
        rng = np.random.default_rng([seed, member])
        start = prepared.architecture.initialise(rng, trainer.initialisation)
        counting = _counting_on(on_epoch, sum(done.epochs for done in fits))
        fits.append(fit(trainer, start, prepared.scaled, rng, counting))
    ensemble = Ensemble(prepared.architecture, np.stack([done.parameters for done in fits]))
    networks = [Network(prepared.architecture, done.parameters) for done in fits]
    members = [
        member_posterior(network, prepared.scaled, done.prior) for network, done in zip(networks, fits, strict=True)
    ]
    return Trained(ensemble, fits, members)


def assess(trained: Trained, scaled: Dataset) -> tuple[Posterior, LeaveOneOut]:
    """Join the members' posteriors, and calibrate them on the leave-one-out residuals."""
    factor = np.stack([member.factor for member in trained.members])
    noise = np.stack([1.0 / member.prior.beta for member in trained.members])
    unknown = np.full(noise.shape[1], np.nan)
    left_out = leave_one_out(trained.ensemble, Posterior(factor, noise, unknown, unknown), scaled)
    effective = np.mean([member.weighed.by_target for member in trained.members], axis=0)
    scale, dof = fit_student(left_out, effective)
    spread = varying(scaled.targets)
    return Posterior(factor, noise, np.where(spread, scale, np.nan), dof), left_out


def _counting_on(on_epoch: OnEpoch, before: int) -> OnEpoch:
    return (lambda epoch, loss: on_epoch(before + epoch, loss)) if before else on_epoch


def _report(spec: TrainingSpec, predictor: Predictor, trained: Trained, left_out: LeaveOneOut) -> Report:
    truth, targets, scale = spec.dataset.targets, spec.signature.targets, predictor.targets.scale
    predicted = predictor.predict(spec.dataset.features, None).mean
    in_units = LeaveOneOut(left_out.residuals * scale, left_out.variances * scale**2)
    noise = np.sqrt(predictor.posterior.noise.mean(axis=0)) * scale
    best = min(trained.fits, key=lambda done: done.loss)
    weighed = [member.weighed for member in trained.members]
    return Report(
        trainer={"name": spec.trainer.name, **asdict(spec.trainer)},  # type: ignore[call-overload]
        network=asdict(spec.network),
        seed=spec.seed,
        rows=len(spec.dataset),
        epochs=sum(done.epochs for done in trained.fits),
        stopped_because=best.stopped_because,
        loss=best.loss,
        scores={column.name: regression_scores(truth[:, k], predicted[:, k]) for k, column in enumerate(targets)},
        learning_curve=best.curve,
        warnings=(*inspect(spec.signature, spec.dataset), *outliers(spec.signature, left_out)),
        leave_one_out=leave_one_out_scores(targets, truth, in_units, predictor.posterior),
        noise={c.name: float(noise[k]) if predictor.has_spread[k] else None for k, c in enumerate(targets)},
        evidence=float(np.mean([each.evidence for each in weighed])),
        parameters=predictor.ensemble.architecture.parameter_count,
        effective_parameters=float(np.mean([each.by_group.sum() for each in weighed])),
        relevance=relevances(spec.signature.features, _feature_relevance(spec.dataset, predictor, trained)),
    )


def _feature_relevance(table: Dataset, predictor: Predictor, trained: Trained) -> FloatArray:
    """(features,): how widely each one's first weights spread, times how widely its inputs do."""
    weights = np.mean([member.first_weights for member in trained.members], axis=0)
    spread = predictor.encoding.apply(table.features).std(axis=0)
    squares = np.bincount(predictor.encoding.source, weights * spread**2, table.features.shape[1])
    return np.sqrt(squares)


__all__ = ["OnEpoch", "TrainingSpec", "fit", "train"]
