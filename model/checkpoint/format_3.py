"""Classifiers of format 3 and before: one ensemble of networks with one temperature.

As a mixture in which these networks have all the weight it answers the same, to the last bit.
"""

from typing import Any

from model.predictors import ClassMixture, ClassNetworks

FORMAT = 3


def read_classifier(members: dict[str, Any]) -> dict[str, Any]:
    """Return the members that a classifier has today. Raises KeyError if some are missing."""
    left = dict(members)
    part = ClassNetworks(left.pop("network_inputs"), left.pop("ensemble"))
    mixture = ClassMixture.single(part, left.pop("temperature"))
    return {**left, "mixture": mixture}
