"""The posterior: what a trained network's parameters leave uncertain, and what that means for a prediction."""

from model.posterior.cholesky import add_to_diagonal, cholesky, lower_inverse
from model.posterior.evidence import PSEUDO_DEVIATION, Prior, evidence_of, group_parameters, update_prior
from model.posterior.laplace import MemberPosterior, Posterior, approximate_posterior
from model.posterior.leave_one_out import LeaveOneOut, fit_student
from model.posterior.row_blocks import RowBlocks, block_bytes

__all__ = [
    "PSEUDO_DEVIATION",
    "LeaveOneOut",
    "MemberPosterior",
    "Posterior",
    "Prior",
    "RowBlocks",
    "add_to_diagonal",
    "approximate_posterior",
    "block_bytes",
    "cholesky",
    "evidence_of",
    "fit_student",
    "group_parameters",
    "lower_inverse",
    "update_prior",
]
