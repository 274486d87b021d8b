"""A network: its shape and its one parameter vector, and the passes forward and backward through it."""

from model.network.activations import ZERO
from model.network.derivatives import Derivatives
from model.network.ensemble_pass import EnsemblePass
from model.network.losses import LOSSES, softmax
from model.network.network import Architecture, Ensemble, Network
from model.network.tiles import CACHED_BYTES, LANES, LARGEST_BYTES, MANY_LANES, Passes, in_lanes

__all__ = [
    "CACHED_BYTES",
    "LANES",
    "LARGEST_BYTES",
    "LOSSES",
    "MANY_LANES",
    "ZERO",
    "Architecture",
    "Derivatives",
    "Ensemble",
    "EnsemblePass",
    "Network",
    "Passes",
    "in_lanes",
    "softmax",
]
