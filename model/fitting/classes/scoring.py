"""Scores of what candidates say of classes: log-loss, and the temperature under which it is least."""

import numpy as np

from model.arrays import FloatArray, IntArray
from model.network import softmax

TEMPERATURES = np.exp(np.linspace(-0.9, 0.9, 31))
LOG_DEVIATION = 0.2
"""Of the normal prior of a temperature's logarithm: few rows say little about it."""
MIN_PROBABILITY = float(np.finfo(float).tiny)


def label_probabilities(logits: FloatArray, labels: IntArray, temperature: float = 1.0) -> FloatArray:
    """Return the probability (rows,) that logits (members, rows, classes) give to each row's label."""
    probabilities = softmax(logits / temperature)[:, np.arange(len(labels)), labels].mean(axis=0)
    return np.asarray(np.maximum(probabilities, MIN_PROBABILITY))


def log_loss(logits: FloatArray, labels: IntArray, temperature: float = 1.0) -> float:
    """Return the mean negative log probability of labels (rows,), in nats; infinite where it is no number."""
    loss = -float(np.mean(np.log(label_probabilities(logits, labels, temperature))))
    return loss if np.isfinite(loss) else np.inf


def fit_temperature(logits: FloatArray, labels: IntArray) -> float:
    """Return the temperature that suits logits (members, rows, classes) best (Guo et al. 2017): the most probable one."""
    losses = np.array([log_loss(logits, labels, temperature) for temperature in TEMPERATURES.tolist()])
    penalties = (np.log(TEMPERATURES) / LOG_DEVIATION) ** 2 / 2
    return float(TEMPERATURES[(len(labels) * losses + penalties).argmin()])
