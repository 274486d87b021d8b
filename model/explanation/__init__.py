"""What is inside a predictor, for those who ask how it comes to its answers."""

from model.explanation.mixture_network import MixtureNetwork, find_network

__all__ = ["MixtureNetwork", "find_network"]
