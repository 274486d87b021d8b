"""A network: its shape and its one parameter vector, and the passes forward and backward through it."""

from model.network.activations import ZERO
from model.network.derivatives import Derivatives
from model.network.ensemble_pass import EnsemblePass, ResidualPass
from model.network.losses import LOSSES, softmax
from model.network.network import Architecture, Ensemble, Network
from model.network.stacked_derivatives import StackedDerivatives
from model.network.tiles import MAX_CACHED_BYTES, MAX_JACOBIAN_BYTES, TILE_ROWS, WIDE_TILE_ROWS, BufferPool, in_tiles

__all__ = [
    "LOSSES",
    "MAX_CACHED_BYTES",
    "MAX_JACOBIAN_BYTES",
    "TILE_ROWS",
    "WIDE_TILE_ROWS",
    "ZERO",
    "Architecture",
    "BufferPool",
    "Derivatives",
    "Ensemble",
    "EnsemblePass",
    "Network",
    "ResidualPass",
    "StackedDerivatives",
    "in_tiles",
    "softmax",
]
