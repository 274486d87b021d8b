"""The symmetric product of the normal equations, beside what BLAS alone takes for it in one call over the whole table.

OPENBLAS_NUM_THREADS=1 python -m benchmarks.symmetric_product
"""

import statistics
from collections.abc import Callable, Iterator

import numpy as np
from scipy.linalg.blas import dgemm, dsyrk

from benchmarks.problems import Problem, friedman_1
from benchmarks.tutorial import seconds
from model.network.network import Architecture
from model.posterior.row_blocks import RowBlocks, sum_products
from model.trainers import LevenbergMarquardt

SHAPES = ((500, 13), (1000, 8), (8000, 8))
OURS, FILLED, SYRK, GEMM = "ours", "ours, with the Jacobian filled", "dsyrk alone", "dgemm alone"
ROUNDS = 101


def ways(rows: int, features: int) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield each way to the products of the base network's Jacobian with itself, on a table of this shape."""
    table = Problem("", friedman_1, features, rows, 0.2).draw(rows, 0)
    architecture = Architecture((features, *LevenbergMarquardt.default_network.hidden_layers, 1))
    blocks = RowBlocks(architecture, table)
    blocks.parameters[:] = architecture.initialise(np.random.default_rng(0)).parameters
    jacobians = [jacobian.copy() for jacobian in blocks.jacobians()]
    whole = np.concatenate(jacobians, axis=-1)[0].T  # (samples, parameters + 1), column by column, as BLAS wants it
    yield OURS, lambda: sum_products(jacobians)
    yield FILLED, blocks.curvature
    yield SYRK, lambda: dsyrk(1.0, whole, trans=1)
    yield GEMM, lambda: dgemm(1.0, whole, whole, trans_a=1)


def main() -> None:
    """Print the medians of rounds in which all ways take turns, and what part of BLAS's speed is reached.

    dgemm does twice the work, entries on both sides of the diagonal: beside it, what counts is work a second.
    """
    print("| table | ours | with filling | dsyrk alone | dgemm alone | of dsyrk's speed | with filling | of dgemm's |")
    print("|---|---|---|---|---|---|---|---|")
    for rows, features in SHAPES:
        taking = dict(ways(rows, features))
        rounds = [{name: seconds(way) for name, way in taking.items()} for _ in range(ROUNDS)]
        times = " | ".join(f"{1e6 * statistics.median(each[name] for each in rounds):.0f} us" for name in taking)
        pairs = ((SYRK, OURS, 1.0), (SYRK, FILLED, 1.0), (GEMM, OURS, 0.5))
        parts = [statistics.median(part * each[blas] / each[way] for each in rounds) for blas, way, part in pairs]
        print(f"| {rows:,} x {features} | {times} | " + " | ".join(f"{part:.0%}" for part in parts) + " |")


if __name__ == "__main__":
    main()
