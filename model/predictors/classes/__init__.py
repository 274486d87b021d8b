"""What a classifier mixes: parts that answer with logits, and the mixture of their probabilities."""

from model.predictors.classes.class_mixture import ClassMixture
from model.predictors.classes.class_parts import ClassNetworks, ClassPart, ClassShares, ClassTreesPart

__all__ = ["ClassMixture", "ClassNetworks", "ClassPart", "ClassShares", "ClassTreesPart"]
