"""A report says what a training did and how well the result does, in words and units of the table."""

import json
import math
from dataclasses import asdict, dataclass, field
from typing import Any

from model.scores import Scores

RELEVANCE_WORDS = ((0.5, "strong"), (0.2, "moderate"), (0.05, "weak"), (0.0, "none"))
"""(least relevance, word): the first that a feature reaches is its word."""


MIN_UNEXPLAINED = 1e-10
"""The least share of a target's variance that has to be left for the variance to be reckoned from it, to six digits."""


@dataclass(frozen=True)
class Relevance:
    """How much a feature moves the answers, beside the one that moves them most."""

    value: float
    """From 0 to 1."""
    word: str

    @staticmethod
    def from_value(value: float) -> "Relevance":
        """Choose the word for a relevance."""
        return Relevance(value, next(word for least, word in RELEVANCE_WORDS if value >= least))


@dataclass(frozen=True)
class Refinement:
    """What was tried beside the candidates: one refinement, and what came of it."""

    name: str
    outcome: str
    """kept, dropped, or skipped."""
    reason: str
    gain: float | None = None
    """What it gained, in nats: the rise of the rows' log probability, each row predicted without itself. None: not tried."""

    def to_json(self) -> dict[str, Any]:
        """Return it as a member of a report, where the reason is called `because`."""
        return {"name": self.name, "outcome": self.outcome, "because": self.reason, "gain": self.gain}

    @staticmethod
    def from_json(members: dict[str, Any]) -> "Refinement":
        """Read what `to_json` wrote."""
        return Refinement(members["name"], members["outcome"], members["because"], members.get("gain"))


@dataclass(frozen=True)
class CandidateReport:
    """What one candidate of a mixture was worth."""

    name: str
    weight: dict[str, float]
    """For each target: its share of the answers."""
    rmse: dict[str, float]
    """For each target, in its units: the error on rows that the candidate had not seen. Of a classifier: none."""
    gain: float
    """By how much more probable it made unseen rows than the mean, or the class shares, did, in nats a row."""
    log_loss: dict[str, float] = field(default_factory=dict)
    """Of a classifier: for its target, the log-loss of unseen rows, in nats."""


@dataclass(frozen=True)
class Report:
    """What a training did and how well the result does."""

    trainer: dict[str, Any]
    network: dict[str, Any]
    seed: int
    rows: int
    epochs: int
    """Of all the ensemble's networks together."""
    stopped_because: str
    loss: float
    """Of the ensemble's best network: the mean squared error in scaled units; of a classifier the mean cross-entropy, in nats."""
    scores: dict[str, Scores]
    """For each target, on the training rows, in the target's units."""
    learning_curve: tuple[tuple[int, float], ...]
    """(epoch, loss) of the ensemble's best network."""
    warnings: tuple[str, ...]
    leave_one_out: dict[str, Scores]
    """The same scores of the predictions of each row without it, and `coverage`: the share of rows inside their
    95 % interval. Empty values where no spread can be estimated."""
    noise: dict[str, float | None]
    """For each target, the standard deviation of what the features do not explain, in the target's units."""
    evidence: float | None
    """Logarithm of the probability of the scaled targets, in nats: the mean over the networks."""
    parameters: int
    """Of one network."""
    effective_parameters: float | None
    """How many of them the rows determine: the mean over the networks."""
    relevance: dict[str, Relevance]
    """For each feature."""
    held_out: dict[str, Scores]
    """Of a classifier: the scores on rows that what answered had not seen."""
    attempts: tuple[Refinement, ...]
    """What was tried beside the candidates, what was not, and what came of it."""
    candidates: tuple[CandidateReport, ...] = ()
    """What answers, in which shares, and what else was judged; none where a request chose its network."""
    judged_by: str = ""
    """In words: which rows `leave_one_out` and the candidates' scores come from."""

    def to_json(self) -> dict[str, Any]:
        """Return the report as what JSON can hold."""
        members = {**asdict(self), "attempts": [each.to_json() for each in self.attempts]}
        document: dict[str, Any] = json.loads(json.dumps(members, allow_nan=False))
        return document

    def find_deviations(self) -> dict[str, float]:
        """Return the standard deviations of targets in the training's rows: their variance is what r2 compares with.

        A target is left out that does not vary, or is reproduced so exactly that rounding would decide; so are classes.
        """
        scores = {name: (each.get("rmse"), each.get("r2")) for name, each in self.scores.items()}
        return {
            name: rmse / math.sqrt(1.0 - r2)
            for name, (rmse, r2) in scores.items()
            if rmse and r2 is not None and 1.0 - r2 > MIN_UNEXPLAINED
        }

    @staticmethod
    def from_json(members: dict[str, Any]) -> "Report":
        """Read what `to_json` wrote."""
        restored = {
            "learning_curve": tuple((epoch, loss) for epoch, loss in members["learning_curve"]),
            "warnings": tuple(members["warnings"]),
            "attempts": tuple(Refinement.from_json(each) for each in members["attempts"]),
            "candidates": tuple(CandidateReport(**each) for each in members.get("candidates", ())),
            "relevance": {name: Relevance(**value) for name, value in members["relevance"].items()},
        }
        return Report(**{**members, **restored})
