"""The state of many Levenberg-Marquardt trainings side by side: where each network stands, its damping, its prior."""

from collections.abc import Sequence

import numpy as np

from model.arrays import BoolArray, FloatArray, IntArray
from model.network import Ensemble
from model.posterior import Prior
from model.posterior.stacked import StackedGroups, StackedPass, StackedPrior, StackedRows, evidences_of, update_priors
from model.table import Dataset
from model.trainers.contract import Epoch
from model.trainers.levenberg_marquardt import (
    DAMPING_FACTOR,
    DAMPING_MAX,
    DAMPING_MIN,
    DAMPING_START,
    MIN_RESIDUALS_PER_PARAMETER,
    STUDENT_DOF,
    STUDENT_FROM,
    LevenbergMarquardt,
)

Which = IntArray | slice
ALL = slice(None)


class StackedDescents:
    """Networks on their way down; the first axis of every array runs over those that are still on it."""

    def __init__(
        self, options: LevenbergMarquardt, starts: Ensemble, dataset: Dataset, rows_of_each: Sequence[IntArray] | None
    ) -> None:
        networks = len(starts.parameters)
        self._options = options
        self._groups = StackedGroups(starts.architecture, dataset.input_groups)
        rows = StackedRows.of(dataset, rows_of_each, networks)
        self._passes = StackedPass(starts.architecture, rows)
        self._prior = self._prior_of_evidence = StackedPrior.of([self._start(each) for each in rows.targets_of_each])
        self._sizes = rows.counts * dataset.targets.shape[1]
        self._is_bold = options.prior & (
            self._sizes >= MIN_RESIDUALS_PER_PARAMETER * starts.architecture.parameter_count
        )
        self._damping = np.full(networks, DAMPING_START)
        self._evidence = np.full(networks, np.nan)
        self._parameters = starts.parameters
        self._residuals = self._passes.residuals(self._parameters)
        self._student = np.ones(self._residuals.shape) if options.noise == "student" else None
        self._curvature = self._passes.curvature(ALL, self._residuals, rows.weights(self._student))
        self.steps = np.zeros(networks, dtype=np.intp)

    @property
    def has_ended(self) -> BoolArray:
        """(networks,): whether no step leads further down."""
        return np.asarray(self._damping > DAMPING_MAX)

    @property
    def losses(self) -> FloatArray:
        """(networks,): mean squared error in scaled units."""
        squares = self._curvature.squares
        if self._student is not None:
            squares = np.einsum("nks,nks->nk", self._residuals, self._residuals)
        return np.asarray(squares.sum(axis=1) / self._sizes)

    @property
    def parameters(self) -> FloatArray:
        """(networks, parameters): where each network stands."""
        return self._parameters

    def epoch(self, network: int, loss: float) -> Epoch:
        """Return where a network's training stands."""
        if not self._options.prior or not self.steps[network]:
            return Epoch(loss, self._parameters[network])
        prior = self._prior_of_evidence.one(network, self._student_weights(network))
        return Epoch(loss, self._parameters[network], float(self._evidence[network]), prior)

    def step(self) -> BoolArray:
        """Try a step down for each network, and tell for which it led down (networks,); the others are damped more."""
        prior, curvature, parameters = self._prior, self._curvature, self._parameters
        alpha = self._groups.spread(prior.alpha)
        slope = alpha * parameters
        height = (prior.beta * curvature.squares).sum(axis=1) + (slope * parameters).sum(axis=1)
        damping = self._damping * prior.beta.mean(axis=1)
        step = curvature.step(alpha + damping[:, None], prior.beta, slope)
        trial = parameters - step
        residuals = self._passes.residuals(trial)
        weights = self._passes.rows.weights(self._student)
        weighted = residuals if weights is None else residuals * weights
        squares = np.einsum("nks,nks->nk", weighted, weighted)
        fall = height - (prior.beta * squares).sum(axis=1) - (alpha * trial * trial).sum(axis=1)
        slope += curvature.gradient(prior.beta)
        predicted = (slope * step).sum(axis=1) + damping * (step * step).sum(axis=1)
        is_down = np.asarray(fall > 0)
        self._update_damping(is_down, fall, predicted)
        if is_down.any():
            self._accept(ALL if is_down.all() else np.flatnonzero(is_down), trial, residuals)
        return is_down

    def take(self, which: IntArray) -> None:
        """Go on with these networks alone."""
        self._passes, self._curvature = self._passes.take(which), self._curvature.take(which)
        self._prior, self._prior_of_evidence = self._prior.take(which), self._prior_of_evidence.take(which)
        self._student = None if self._student is None else self._student[which]
        for name in ("_sizes", "_is_bold", "_damping", "_evidence", "_parameters", "_residuals", "steps"):
            setattr(self, name, getattr(self, name)[which])

    def _update_damping(self, is_down: BoolArray, fall: FloatArray, predicted: FloatArray) -> None:
        """As `levenberg_marquardt` does (Nielsen 1999, Marquardt 1963)."""
        ratio = np.where(predicted > 0, np.minimum(fall / predicted, 1.0), 1.0)
        factor = np.maximum(0.05, 1.0 - (2.0 * ratio - 1.0) ** 3)
        factor[self._is_bold] = 1.0 / DAMPING_FACTOR
        less = np.maximum(self._damping * factor, DAMPING_MIN)
        self._damping = np.where(is_down, less, DAMPING_FACTOR * self._damping)

    def _accept(self, which: Which, parameters: FloatArray, residuals: FloatArray) -> None:
        """Go to these parameters and residuals, of all networks, with those of `which`."""
        self._parameters, self._residuals = self._parameters.copy(), self._residuals.copy()
        self._parameters[which], self._residuals[which] = parameters[which], residuals[which]
        self.steps[which] += 1
        self._weigh_rows(which)
        fresh = self._passes.curvature(which, self._residuals[which], self._passes.rows.weights(self._student, which))
        self._curvature = fresh if which is ALL else self._curvature.put(which, fresh)
        if self._options.prior:
            prior, counts = self._prior.take(which), self._passes.rows.counts[which]
            evidence = evidences_of(parameters[which], self._groups, prior, (fresh, counts))
            self._evidence[which] = evidence.value
            self._prior_of_evidence = self._prior_of_evidence.put(which, prior)
            self._prior = self._prior.put(which, update_priors(prior, evidence, (fresh, counts)))

    def _weigh_rows(self, which: Which) -> None:
        """Student weights, from the step on where residuals say something (Lange et al. 1989)."""
        if self._student is None:
            return
        squares = self._prior.beta[which][:, :, None] * self._residuals[which] ** 2
        is_late = (self.steps[which] >= STUDENT_FROM)[:, None, None]
        self._student[which] = np.where(is_late, np.sqrt((STUDENT_DOF + 1) / (STUDENT_DOF + squares)), 1.0)

    def _student_weights(self, network: int) -> FloatArray | None:
        if self._student is None or self.steps[network] < STUDENT_FROM:
            return None
        return self._student[network, :, : self._passes.rows.counts[network]].T.copy()

    def _start(self, targets: FloatArray) -> Prior:
        return (Prior.start if self._options.prior else Prior.none)(self._groups.one, targets)
