"""More of the predictive distribution than a mean and one interval: what may be asked of it, and how it stands in an answer."""

from app.predict.distribution.figures import (
    Figure,
    FigurePrediction,
    compute_figures,
    find_figures,
    to_figure_members,
)
from app.predict.distribution.request import DistributionMembers, asks_for_figures, read_members

__all__ = [
    "DistributionMembers",
    "Figure",
    "FigurePrediction",
    "asks_for_figures",
    "compute_figures",
    "find_figures",
    "read_members",
    "to_figure_members",
]
