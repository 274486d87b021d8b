"""The tutorial's own problem, solved by every way: its network, its table, its loss."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np
from scipy.optimize import minimize
from sklearn.neural_network import MLPRegressor

from model.arrays import FloatArray
from model.network.derivatives import loss_and_gradient
from model.network.network import Architecture, Network
from model.table.dataset import Dataset
from model.trainers import LevenbergMarquardt

ROWS = Dataset(np.array([[2, 9], [1, 5], [3, 6]]) / [3, 9], np.array([[0.92], [0.86], [0.89]]))
"""The tutorial's table, scaled as the tutorial scales it."""
NETWORK = Architecture((2, 3, 1), "sigmoid", "sigmoid", bias=False)
GOAL = 1.94e-18
ROUNDS = 25
"""Of all starts: one round is done in 20 ms, so that whatever else the machine does for a moment would decide."""

C_SOURCE = """
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv) {
  double x[3][2] = {{2/3., 1}, {1/3., 5/9.}, {1, 6/9.}}, y[3] = {.92, .86, .89}, w[2][3], v[3];
  for (int i = 0; i < 6; i++) w[i / 3][i % 3] = atof(argv[1 + i]);
  for (int j = 0; j < 3; j++) v[j] = atof(argv[7 + j]);
  for (long pass = 0; pass < 5000000; pass++) {
    double dw[2][3] = {{0}}, dv[3] = {0}, loss = 0;
    for (int n = 0; n < 3; n++) {
      double h[3], o = 0;
      for (int j = 0; j < 3; j++) { h[j] = 1 / (1 + exp(-x[n][0] * w[0][j] - x[n][1] * w[1][j])); o += h[j] * v[j]; }
      o = 1 / (1 + exp(-o));
      double e = o - y[n], d = e * o * (1 - o);
      loss += e * e / 3;
      for (int j = 0; j < 3; j++) {
        double b = d * v[j] * h[j] * (1 - h[j]);
        dv[j] += d * h[j]; dw[0][j] += x[n][0] * b; dw[1][j] += x[n][1] * b;
      }
    }
    if (loss <= GOAL) { printf("%ld", pass); return 0; }
    for (int j = 0; j < 3; j++) { v[j] -= dv[j]; w[0][j] -= dw[0][j]; w[1][j] -= dw[1][j]; }
  }
  return 1;
}
"""


def seconds(act: Callable[[], object]) -> float:
    """Time one call."""
    start = perf_counter()
    act()
    return perf_counter() - start


def start(seed: int) -> Network:
    """Return the tutorial's network as it starts."""
    return NETWORK.initialise(np.random.default_rng(seed), "standard_normal")


def steps_to_goal(seed: int) -> int:
    """Train by plain Levenberg-Marquardt until the goal."""
    epochs = LevenbergMarquardt(prior=False).epochs(start(seed), ROWS, np.random.default_rng(0))
    return next(number for number, epoch in enumerate(epochs) if epoch.loss <= GOAL)


def numpy_loop(start_at: FloatArray, passes: int) -> FloatArray:
    """Descend as the tutorial does, with its formulas and nothing else: the best that plain NumPy can do; return the parameters.

    A sample a column, every result into an array that is there, every function and view looked up once.
    """
    parameters, gradient = start_at.copy(), np.empty(9)
    (W1, _), (W2, _) = NETWORK.layers(parameters)
    (by_W1, _), (by_W2, _) = NETWORK.layers(gradient)
    X, Y = ROWS.features.T.copy(), ROWS.targets.T.copy()
    z2, o, error, delta_o, delta_h, slope = (np.empty((units, 3)) for units in (3, 1, 1, 1, 3, 3))
    half, one, flat = np.array(0.5), np.array(1.0), error.ravel()
    delta_h_T, delta_o_T = delta_h.T, delta_o.T
    add, multiply, subtract, tanh = np.add, np.multiply, np.subtract, np.tanh
    to_z2, to_o, to_delta_h, to_W1, to_W2, squared = W1.T.dot, W2.T.dot, W2.dot, X.dot, z2.dot, flat.dot
    for _ in range(passes):
        to_z2(X, z2)
        multiply(z2, half, z2)
        tanh(z2, z2)
        add(z2, one, z2)
        multiply(z2, half, z2)
        to_o(z2, o)
        multiply(o, half, o)
        tanh(o, o)
        add(o, one, o)
        multiply(o, half, o)
        subtract(Y, o, error)
        squared(flat)  # the loss
        subtract(one, o, delta_o)
        multiply(delta_o, o, delta_o)
        multiply(delta_o, error, delta_o)
        to_delta_h(delta_o, delta_h)
        subtract(one, z2, slope)
        multiply(slope, z2, slope)
        multiply(delta_h, slope, delta_h)
        to_W1(delta_h_T, by_W1)
        to_W2(delta_o_T, by_W2)
        add(parameters, gradient, parameters)
    return parameters


def c_loop(seeds: int) -> tuple[float, float] | None:
    """Return the median seconds and passes of the same descent in C, or None without a compiler."""
    compiler = shutil.which("gcc")
    if compiler is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        source, program = Path(folder) / "descent.c", Path(folder) / "descent"
        source.write_text(C_SOURCE.replace("GOAL", repr(GOAL)))
        subprocess.run([compiler, "-O3", str(source), "-o", str(program), "-lm"], check=True)
        times, passes = [], []
        for seed in range(seeds):
            command = [str(program), *(repr(float(value)) for value in start(seed).parameters)]
            began = perf_counter()
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode == 0:
                times.append(perf_counter() - began - process_start(str(program)))
                passes.append(int(done.stdout))
        return float(np.median(times)), float(np.median(passes))


def process_start(program: str) -> float:
    """Time what starting a program takes: one that has nothing to do, since its first loss is no number."""
    return min(seconds(lambda: subprocess.run(["/bin/true", program], check=True)) for _ in range(3))


def scipy_loop(seed: int) -> float:
    """Minimise with scipy's L-BFGS; return the loss."""

    def objective(parameters: FloatArray) -> tuple[float, FloatArray]:
        return loss_and_gradient(Network(NETWORK, parameters), ROWS.features, ROWS.targets)

    options = {"maxiter": 10_000, "ftol": 0, "gtol": 1e-16}
    return 2 * float(minimize(objective, start(seed).parameters, jac=True, method="L-BFGS-B", options=options).fun) / 3


def main() -> None:
    """Print how long the tutorial's own problem takes by each way."""
    steps_to_goal(0)
    times = [[seconds(lambda seed=seed: steps_to_goal(seed)) for seed in range(20)] for _ in range(ROUNDS)]  # type: ignore[misc]
    ours = float(np.median(np.median(times, axis=0)))
    steps = float(np.median([steps_to_goal(seed) for seed in range(20)]))
    print(f"tutorial, loss {GOAL:g}: Levenberg-Marquardt {1e3 * ours:.2f} ms in {steps:g} epochs (limits 1 ms, 10)")
    compiled = c_loop(5)
    if compiled is not None:
        loop = seconds(lambda: numpy_loop(start(0).parameters, 20_000)) / 20_000 * compiled[1]
        print(f"  C -O3 {1e3 * compiled[0]:.1f} ms: {compiled[0] / ours:.0f} times as long (at least 20)")
        print(f"  NumPy loop {loop:.2f} s ({compiled[1]:.0f} passes): {loop / ours:.0f} times as long")
    scipy_seconds = float(np.median([seconds(lambda: scipy_loop(3)) for _ in range(5)]))
    print(
        f"  scipy L-BFGS {1e3 * scipy_seconds:.1f} ms, loss {scipy_loop(3):.1e}: {scipy_seconds / ours:.0f} times as long"
    )
    learner = MLPRegressor(
        hidden_layer_sizes=(3,), activation="logistic", solver="lbfgs", alpha=0, max_iter=10_000, tol=0
    )
    took = seconds(lambda: learner.fit(ROWS.features, ROWS.targets[:, 0]))
    reached = float(np.mean((learner.predict(ROWS.features) - ROWS.targets[:, 0]) ** 2))
    print(f"  scikit-learn lbfgs (with biases) {1e3 * took:.1f} ms, loss {reached:.1e}")


if __name__ == "__main__":
    main()
