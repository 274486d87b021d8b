"""Where the time of a fit goes: what share of it lies in BLAS, LAPACK, the activations and the filling of the Jacobian.

OPENBLAS_NUM_THREADS=1 python -m benchmarks.profile_fit

A profiler would slow down the small functions all around, and does not see NumPy's ufuncs. So the few functions
that do this work are replaced by ones that look at the clock, too; where they call each other, time counts for the
innermost. A product that is written with @ cannot be replaced so: such a one counts as everything else.
"""

from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from time import perf_counter
from typing import Any
from unittest.mock import patch

import numpy as np

from benchmarks.ours import spec
from benchmarks.problems import Problem, friedman_1
from model.network import derivatives
from model.network.ensemble_pass import EnsemblePass
from model.posterior import curvature
from model.trainers import LevenbergMarquardt
from model.training import train

BASE = LevenbergMarquardt(growth=False, noise_network=False, target_transform=False)

KINDS = BLAS, LAPACK, FORWARD, FILLING = "BLAS", "LAPACK", "forward passes", "filling the Jacobian"

WATCHED = (
    (np, "matmul", BLAS),
    (np.linalg, "solve", LAPACK), (np.linalg, "cholesky", LAPACK), (np.linalg, "eigh", LAPACK), (np.linalg, "qr", LAPACK),
    (curvature, "lower_inverse", LAPACK),
    (derivatives.Derivatives, "outputs", FORWARD),
    (EnsemblePass, "outputs", FORWARD), (EnsemblePass, "outputs_and_jacobian", FILLING),
)  # fmt: skip

BASE = LevenbergMarquardt(growth=False, noise_network=False, target_transform=False)

ROUNDS = 5


class Watch:
    """Adds up the time that is spent in functions of each kind."""

    def __init__(self) -> None:
        self.spent: defaultdict[str, float] = defaultdict(float)
        self._inner = 0.0

    def over(self, kind: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that does the same, watched."""

        def watched(*args: Any, **kwargs: Any) -> Any:
            outer, self._inner = self._inner, 0.0
            began = perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                took = perf_counter() - began
                self.spent[kind] += took - self._inner
                self._inner = outer + took

        return watched


def watching(watch: Watch) -> ExitStack:
    """Return what, once entered, has all that does a fit's work watched."""
    stack = ExitStack()
    for owner, name, kind in WATCHED:
        stack.enter_context(patch.object(owner, name, watch.over(kind, getattr(owner, name))))
    return stack


def shares(rows: int, features: int, trainer: LevenbergMarquardt) -> dict[str, float]:
    """Return what share of a training's time each kind of work takes."""
    training = spec(Problem("", friedman_1, features, rows, 0.2).draw(rows, 0), trainer)
    watch = Watch()
    with watching(watch):
        began = perf_counter()
        train(training)
        took = perf_counter() - began
    return {kind: watch.spent[kind] / took for kind in KINDS} | {"seconds": took}


def main() -> None:
    """Print the shares, as medians over some trainings."""
    print("| training | seconds | BLAS | LAPACK | forward passes, activations | filling the Jacobian | together |")
    print("|---|---|---|---|---|---|---|")
    whole = LevenbergMarquardt()
    for name, rows, trainer, rounds in (
        ("base", 1000, BASE, ROUNDS), ("base", 8000, BASE, 3), ("with all refinements", 1000, whole, 1),
    ):  # fmt: skip
        found = [shares(rows, 8, trainer) for _ in range(rounds)]
        seconds, *parts = (float(np.median([each[kind] for each in found])) for kind in ("seconds", *KINDS))
        print(
            f"| {name}, {rows:,} x 8 | {seconds:.2f} | "
            + " | ".join(f"{part:.0%}" for part in parts)
            + f" | **{sum(parts):.0%}** |",
            flush=True,
        )


if __name__ == "__main__":
    main()
