"""The ensemble fitter trains the networks of one request, one after another, within one budget."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from model.arrays import FloatArray
from model.fitting.inspection import find_varying
from model.fitting.preparation import Prepared
from model.network import Architecture, Ensemble, Network
from model.posterior import LeaveOneOut, MemberPosterior, Posterior, approximate_posterior, fit_student
from model.predictors import NetworkPart, StudentQuantiles
from model.table import Dataset
from model.trainers import Budget, Fit, OnEpoch, Trainer, fit


@dataclass(frozen=True, eq=False)
class FittedEnsemble:
    """A trained ensemble, with how each member came about and what is uncertain about it."""

    prepared: Prepared
    fits: tuple[Fit, ...]
    members: tuple[MemberPosterior, ...]

    @cached_property
    def ensemble(self) -> Ensemble:
        """The networks side by side."""
        return Ensemble(self.prepared.architecture, np.stack([done.parameters for done in self.fits]))

    @cached_property
    def left_out(self) -> LeaveOneOut:
        """What the ensemble would have predicted of each row without it."""
        return LeaveOneOut.average([member.left_out for member in self.members])

    @cached_property
    def outputs(self) -> FloatArray:
        """(samples, targets): the predictions of the training rows, in scaled units."""
        networks = [Network(self.prepared.architecture, done.parameters) for done in self.fits]
        return np.asarray(np.mean([network.forward(self.prepared.scaled.features) for network in networks], axis=0))

    @cached_property
    def posterior(self) -> Posterior:
        """The members' posteriors side by side."""
        covariances = [member.covariance for member in self.members]
        if any(each.prior is None for each in covariances):
            covariances = [each.whole for each in covariances]
        factor = np.stack([each.factor for each in covariances])
        priors = [each.prior for each in covariances if each.prior is not None]
        noise = np.stack([1.0 / member.prior.beta for member in self.members])
        return Posterior(factor, noise, np.stack(priors) if priors else None)

    @property
    def part(self) -> NetworkPart:
        """What answers for it in a mixture."""
        return NetworkPart(self.prepared.network_inputs, None, self.ensemble, self.posterior)

    def fit_quantiles(self, left_out: LeaveOneOut) -> StudentQuantiles:
        """Calibrate the ensemble on the predictions of each row without it."""
        effective = np.mean([member.evidence.by_target for member in self.members], axis=0)
        scale, dof = fit_student(left_out, effective)
        return StudentQuantiles(np.where(find_varying(self.prepared.scaled.targets), scale, np.nan), dof)

    def with_more(self, other: "FittedEnsemble") -> "FittedEnsemble":
        """Return both ensembles as one."""
        return FittedEnsemble(self.prepared, self.fits + other.fits, self.members + other.members)


class EnsembleFitter:
    """Trains networks, counts their epochs for `on_epoch`, and takes their cost from the budget."""

    def __init__(self, seed: int, budget: Budget, on_epoch: OnEpoch) -> None:
        self.seed = seed
        self.budget = budget
        self._on_epoch = on_epoch
        self.epochs = 0

    def train(self, trainer: Trainer, prepared: Prepared, members: Iterable[int]) -> FittedEnsemble:
        """Train networks, each from its own start: the same number gives the same start."""
        fits = self.fit_networks(trainer, prepared.architecture, prepared.scaled, members)
        networks = [Network(prepared.architecture, done.parameters) for done in fits]
        posteriors = [
            approximate_posterior(network, prepared.scaled, done.prior)
            for network, done in zip(networks, fits, strict=True)
        ]
        return FittedEnsemble(prepared, fits, tuple(posteriors))

    def fit_networks(
        self, trainer: Trainer, architecture: Architecture, scaled: Dataset, members: Iterable[int]
    ) -> tuple[Fit, ...]:
        """Train networks, without a posterior."""
        return tuple(self._fit(trainer, architecture, scaled, member) for member in members)

    def _fit(self, trainer: Trainer, architecture: Architecture, scaled: Dataset, member: int) -> Fit:
        rng = np.random.default_rng([self.seed, member])
        start = architecture.initialise(rng, trainer.initialisation)
        before, on_epoch = self.epochs, self._on_epoch
        counting = (lambda epoch, loss: on_epoch(before + epoch, loss)) if before else on_epoch
        done = fit(trainer, start, scaled, rng, counting)
        self.epochs += done.epochs
        self.budget.spend(done.epochs * trainer.epoch_cost(architecture, len(scaled)))
        return done
