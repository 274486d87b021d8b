"""What is inside a predictor, for those who ask how it comes to its answers."""

from model.explanation.layers import LayerNumbers, describe_layers
from model.explanation.mixture_network import MixtureNetwork, find_network

__all__ = ["LayerNumbers", "MixtureNetwork", "describe_layers", "find_network"]
