"""Posteriors of many networks of one shape side by side: what `posterior` does, in stacked arrays."""

from model.posterior.stacked.curvatures import StackedPass, networks_at_once
from model.posterior.stacked.evidence import StackedGroups, StackedPrior, evidences_of, update_priors
from model.posterior.stacked.laplace import RowPredictions, approximate_posteriors, predict_rows
from model.posterior.stacked.rows import StackedRows

__all__ = [
    "RowPredictions",
    "StackedGroups",
    "StackedPass",
    "StackedPrior",
    "StackedRows",
    "approximate_posteriors",
    "evidences_of",
    "networks_at_once",
    "predict_rows",
    "update_priors",
]
