"""The posterior: what a trained network's parameters leave uncertain, and what that means for a prediction."""

from model.posterior.evidence import PSEUDO_DEVIATION, Prior, groups, updated, weigh
from model.posterior.laplace import LeaveOneOut, MemberPosterior, Posterior, fit_student, member_posterior
from model.posterior.row_blocks import RowBlocks

__all__ = [
    "PSEUDO_DEVIATION",
    "LeaveOneOut",
    "MemberPosterior",
    "Posterior",
    "Prior",
    "RowBlocks",
    "fit_student",
    "groups",
    "member_posterior",
    "updated",
    "weigh",
]
