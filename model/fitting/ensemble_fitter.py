"""The ensemble fitter trains the networks of one request, one after another, within one budget."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from model.arrays import FloatArray, IntArray
from model.fitting.inspection import find_varying
from model.fitting.preparation import Prepared
from model.network import Architecture, Ensemble, Network
from model.posterior import LeaveOneOut, MemberPosterior, Posterior, approximate_posterior, fit_student
from model.posterior.stacked import approximate_posteriors
from model.predictors import NetworkPart, StudentQuantiles
from model.table import Dataset
from model.trainers import Budget, Fit, LevenbergMarquardt, OnEpoch, Trainer, fit, fit_side_by_side


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

    def train_each(
        self, trainer: LevenbergMarquardt, tables: Sequence[Prepared], members: Sequence[int]
    ) -> list[FittedEnsemble]:
        """Train one network on each table; those of one architecture side by side."""
        keys = [(table.architecture, table.scaled.input_groups) for table in tables]
        trained: dict[int, FittedEnsemble] = {}
        for key in dict.fromkeys(keys):
            places = [place for place, other in enumerate(keys) if other == key]
            alike = self._train_alike(
                trainer, [tables[place] for place in places], [members[place] for place in places]
            )
            trained.update(zip(places, alike, strict=True))
        return [trained[place] for place in range(len(tables))]

    def _train_alike(
        self, trainer: LevenbergMarquardt, tables: Sequence[Prepared], members: Sequence[int]
    ) -> list[FittedEnsemble]:
        """Train one network on each table, all of one architecture."""
        architecture, (dataset, rows) = tables[0].architecture, _join([table.scaled for table in tables])
        starts = np.stack([self._start(trainer, architecture, member).parameters for member in members])
        fits = fit_side_by_side(trainer, Ensemble(architecture, starts), dataset, rows, self._counting())
        for done, table in zip(fits, tables, strict=True):
            self._count(trainer, architecture, len(table.scaled), done)
        ensemble = Ensemble(architecture, np.stack([done.parameters for done in fits]))
        posteriors = approximate_posteriors(ensemble, dataset, rows, [done.prior for done in fits])
        parts = zip(tables, fits, posteriors, strict=True)
        return [FittedEnsemble(table, (done,), (posterior,)) for table, done, posterior in parts]

    def fit_networks(
        self, trainer: Trainer, architecture: Architecture, scaled: Dataset, members: Iterable[int]
    ) -> tuple[Fit, ...]:
        """Train networks, without a posterior."""
        return tuple(self._fit(trainer, architecture, scaled, member) for member in members)

    def _fit(self, trainer: Trainer, architecture: Architecture, scaled: Dataset, member: int) -> Fit:
        rng = np.random.default_rng([self.seed, member])
        start = architecture.initialise(rng, trainer.initialisation)
        done = fit(trainer, start, scaled, rng, self._counting())
        self._count(trainer, architecture, len(scaled), done)
        return done

    def _start(self, trainer: Trainer, architecture: Architecture, member: int) -> Network:
        return architecture.initialise(np.random.default_rng([self.seed, member]), trainer.initialisation)

    def _counting(self) -> OnEpoch:
        """Return what adds the epochs of earlier networks to those that it is told."""
        before, on_epoch = self.epochs, self._on_epoch
        return (lambda epoch, loss, network: on_epoch(before + epoch, loss, network)) if before else on_epoch

    def _count(self, trainer: Trainer, architecture: Architecture, rows: int, done: Fit) -> None:
        self.epochs += done.epochs
        self.budget.spend(done.epochs * trainer.epoch_cost(architecture, rows))


def _join(tables: Sequence[Dataset]) -> tuple[Dataset, list[IntArray] | None]:
    """Return tables as one, with the rows of each; None if all of them are the same."""
    first = tables[0]
    if all(table is first for table in tables):
        return first, None
    ends = np.cumsum([len(table) for table in tables])
    features = np.concatenate([table.features for table in tables])
    joined = Dataset(features, np.concatenate([table.targets for table in tables]), first.input_groups, first.loss)
    return joined, [np.arange(end - len(table), end) for table, end in zip(tables, ends, strict=True)]
