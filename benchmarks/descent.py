"""Gradient descent on the tutorial's problem: where 50 starts end, and how near a pass comes to the best NumPy loop.

`python -m benchmarks.descent` takes about four minutes on two cores.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

import numpy as np

from benchmarks.tutorial import GOAL, NETWORK, ROWS, numpy_loop, start
from model.arrays import FloatArray
from model.network.network import Network
from model.trainers import GradientDescent
from model.trainers.loop import fit

QUESTION = np.array([[0.5, 1.0]])

STARTS = 50
PASSES = 100_000
PLATEAU = 1e-5
"""A loss above it is on the plateau near 1.2e-4."""

ROUNDS, PASSES_A_ROUND = 41, 10_000


class Landing(NamedTuple):
    """Where a training has led after so many passes."""

    loss: float
    answer: float
    """To the scaled question (0.5, 1.0)."""


def descend(network: Network, passes: int) -> tuple[float, FloatArray]:
    """Train by our gradient descent; return loss and parameters."""
    trainer, rng = GradientDescent(max_epochs=passes), np.random.default_rng(0)
    done = fit(trainer, network, ROWS, rng, lambda *_: None)
    return done.loss, done.parameters


def landings(seed: int) -> tuple[Landing, Landing]:
    """Return where a start has led after `PASSES`, and after as many again."""
    first, halfway = descend(start(seed), PASSES)
    second, end = descend(Network(NETWORK, halfway), PASSES)
    return Landing(first, _answer(halfway)), Landing(second, _answer(end))


def _answer(parameters: FloatArray) -> float:
    return float(Network(NETWORK, parameters).forward(QUESTION)[0, 0])


def formulas(starts: int) -> Iterator[list[Landing]]:
    """Yield where the tutorial's formulas lead, written down once more, for many starts at once: after `PASSES`, and again."""
    both = [[weights for weights, _ in start(seed).layers] for seed in range(starts)]
    W1, W2 = (np.stack(weights) for weights in zip(*both, strict=True))
    X, Y = ROWS.features, ROWS.targets
    for _ in range(2):
        for _ in range(PASSES):
            z2 = _sigmoid(X @ W1)
            o = _sigmoid(z2 @ W2)
            delta_o = (Y - o) * o * (1 - o)
            delta_h = (delta_o @ W2.swapaxes(1, 2)) * z2 * (1 - z2)
            W1 = W1 + X.T @ delta_h
            W2 = W2 + z2.swapaxes(1, 2) @ delta_o
        losses = np.mean((Y - _sigmoid(_sigmoid(X @ W1) @ W2)) ** 2, axis=(1, 2))
        answers = _sigmoid(_sigmoid(QUESTION @ W1) @ W2)[:, 0, 0]
        yield [Landing(*pair) for pair in zip(losses.tolist(), answers.tolist(), strict=True)]


def _sigmoid(s: FloatArray) -> FloatArray:
    return np.asarray(1 / (1 + np.exp(-s)))


def ours(parameters: FloatArray, passes: int) -> FloatArray:
    """Descend as `numpy_loop` does, by our gradient descent."""
    return descend(Network(NETWORK, parameters), passes)[1]


def ratios() -> Iterator[float]:
    """Yield how many times the best NumPy loop's processor time ours takes, in rounds in which both take turns."""
    begin = start(0).parameters
    assert np.array_equal(ours(begin, PASSES_A_ROUND), numpy_loop(begin, PASSES_A_ROUND))
    for number in range(ROUNDS):
        turns = (ours, numpy_loop) if number % 2 else (numpy_loop, ours)
        took = {loop: _processor_seconds(loop, begin) for loop in turns}
        yield took[ours] / took[numpy_loop]


def _processor_seconds(loop: Callable[[FloatArray, int], object], begin: FloatArray) -> float:
    began = time.process_time()
    loop(begin, PASSES_A_ROUND)
    return time.process_time() - began


def row(who: str, passes: int, ends: list[Landing]) -> str:
    """Return a row of the table."""
    losses, answers = np.array([end.loss for end in ends]), [end.answer for end in ends]
    points = " | ".join(f"{point:.1e}" for point in np.quantile(losses, [0.05, 0.25, 0.5, 0.75]))
    shares = " | ".join(f"{np.mean(which):.0%}" for which in (losses <= GOAL, losses < 1e-17, losses > PLATEAU))
    spread = f"{min(answers):.4f} to {max(answers):.4f}, median {np.median(answers):.4f}"
    return f"| {who} | {passes:,} | {points} | {shares} | {spread} |"


def main() -> None:
    """Print both."""
    measured = sorted(ratios())
    middle = f"{measured[ROUNDS // 10]:.2f} to {measured[-ROUNDS // 10]:.2f}"
    print(f"gradient descent: {statistics.median(measured):.2f} ({middle}) times the best NumPy loop (at most 1.5)")
    with ProcessPoolExecutor(2) as pool:
        pairs = list(pool.map(landings, range(STARTS)))
    print(f"| | passes | 5 % | 25 % | 50 % | 75 % | {GOAL:g} | below 1e-17 | on the plateau | answer to (0.5, 1.0) |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for times in (1, 2):
        print(row(f"ours, {STARTS} starts", times * PASSES, [pair[times - 1] for pair in pairs]))
    for times, ends in enumerate(formulas(4 * STARTS), 1):
        print(row(f"the formulas, {4 * STARTS} starts", times * PASSES, ends))


if __name__ == "__main__":
    main()
