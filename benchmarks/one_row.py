"""What one row costs, in microseconds: forward, and with its interval, beside the same arithmetic in C (gcc -O3).

In C: the networks' passes, the Jacobian, and the variance along it, in double precision; not the scaling,
the quantile, the bounds. `of 16` is a row's share of sixteen that are answered together.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from timeit import repeat

import numpy as np

from benchmarks.ours import spec
from benchmarks.trained import FRIEDMAN, exam_scores
from model.fitting.spec import TrainingSpec
from model.predictors.regressor import Regressor
from model.table.dataset import Dataset
from model.trainers import GradientDescent, LevenbergMarquardt
from model.training import train
from tests.support.tables import TABLE

C_SOURCE = """
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
enum { LAYERS = sizeof (int[]){SIZES} / sizeof(int), MEMBERS = M, PARAMETERS = P, WIDEST = 64, RANK = R };
static const int size[] = {SIZES};
static double w[MEMBERS][PARAMETERS], F[MEMBERS][RANK][PARAMETERS], prior[PARAMETERS], J[PARAMETERS];
static double row(double *x, int spread) {
  double mean = 0, variance = 0;
  for (int m = 0; m < MEMBERS; m++) {
    double v[LAYERS][WIDEST], d[WIDEST], e[WIDEST];
    int start[LAYERS], at = 0;
    for (int i = 0; i < size[0]; i++) v[0][i] = x[i];
    for (int l = 1; l < LAYERS; l++) {
      int n = size[l - 1], u = size[l];
      start[l] = at;
      for (int j = 0; j < u; j++) v[l][j] = BIAS ? w[m][at + n * u + j] : 0;
      for (int i = 0; i < n; i++) for (int j = 0; j < u; j++) v[l][j] += v[l - 1][i] * w[m][at + i * u + j];
      if (l < LAYERS - 1) for (int j = 0; j < u; j++) v[l][j] = tanh(v[l][j]);
      at += (n + BIAS) * u;
    }
    mean += v[LAYERS - 1][0];
    if (!spread) continue;
    d[0] = 1;
    for (int l = LAYERS - 1; l > 0; l--) {
      int n = size[l - 1], u = size[l];
      if (l < LAYERS - 1) for (int j = 0; j < u; j++) d[j] *= 1 - v[l][j] * v[l][j];
      for (int i = 0; i < n; i++) for (int j = 0; j < u; j++) J[start[l] + i * u + j] = v[l - 1][i] * d[j];
      if (BIAS) for (int j = 0; j < u; j++) J[start[l] + n * u + j] = d[j];
      for (int i = 0; i < n; i++) { e[i] = 0; for (int j = 0; j < u; j++) e[i] += w[m][start[l] + i * u + j] * d[j]; }
      for (int i = 0; i < n; i++) d[i] = e[i];
    }
    for (int r = 0; r < RANK; r++) { double s = 0; for (int p = 0; p < PARAMETERS; p++) s += F[m][r][p] * J[p]; variance += s * s; }
    if (RANK < PARAMETERS) for (int p = 0; p < PARAMETERS; p++) variance += prior[p] * J[p] * J[p];
  }
  return mean + variance;
}
int main(void) {
  double x[64], sum = 0;
  for (int i = 0; i < 64; i++) x[i] = drand48();
  for (double *p = &w[0][0]; p < &w[0][0] + MEMBERS * PARAMETERS; p++) *p = drand48() - .5;
  for (double *p = &F[0][0][0]; p < &F[0][0][0] + MEMBERS * RANK * PARAMETERS; p++) *p = drand48() - .5;
  for (int spread = 0; spread < 2; spread++) {
    double best = 1e9;
    for (int round = 0; round < 20; round++) {
      struct timespec a, b;
      clock_gettime(CLOCK_MONOTONIC, &a);
      for (int i = 0; i < 500; i++) { x[0] += 1e-9; sum += row(x, spread); }
      clock_gettime(CLOCK_MONOTONIC, &b);
      double took = ((b.tv_sec - a.tv_sec) + 1e-9 * (b.tv_nsec - a.tv_nsec)) / 500 * 1e6;
      if (took < best) best = took;
    }
    printf("%f ", best);
  }
  fprintf(stderr, "%g", sum);
  return 0;
}
"""


def in_c(predictor: Regressor) -> list[float]:
    """Return what a row costs in C, forward and with its variance, in microseconds."""
    (part,) = predictor.mixture.networks
    architecture, factor = part.ensemble.architecture, part.posterior.factor
    values = {
        "SIZES": ",".join(map(str, architecture.layer_sizes)),
        "M": len(factor),
        "P": architecture.parameter_count,
        "R": factor.shape[1],
        "BIAS": int(architecture.bias),
    }
    defined = [f"-D{name}={value}" for name, value in values.items()]
    with tempfile.TemporaryDirectory() as folder:
        source, program = Path(folder, "row.c"), Path(folder, "row")
        source.write_text(C_SOURCE)
        command = ["gcc", "-O3", "-march=native", "-ffast-math", *defined, "-o", str(program), str(source), "-lm"]
        subprocess.run(command, check=True)
        return [
            float(figure)
            for figure in subprocess.run(program, capture_output=True, text=True, check=True).stdout.split()
        ]


def microseconds(act: Callable[[], object]) -> float:
    """Return what a call takes at best."""
    return min(repeat(act, number=50, repeat=40)) / 50 * 1e6


def predictors() -> dict[str, Regressor]:
    """Return what is measured, trained."""
    tutorial = GradientDescent(max_epochs=1000)
    few, many = (
        Dataset(table[:, :2], table[:, 2:])
        for table in (np.array([list(row.values()) for row in rows]) for rows in (TABLE, exam_scores(200)))
    )
    default = spec(few, LevenbergMarquardt())
    specs = {
        "tutorial's 2-3-1": TrainingSpec(default.signature, few, tutorial.default_network, tutorial),
        "2 features, 3 rows": default,
        "2 features, 200 rows": spec(many),
        "8 features, 1,000 rows": spec(FRIEDMAN.draw(FRIEDMAN.rows, 0)),
    }
    return {name: train(each).predictor for name, each in specs.items()}


def figures(predictor: Regressor) -> Iterator[float]:
    """Yield what a row costs forward, and with its interval: alone, as one of sixteen, and in C."""
    least, greatest = predictor.domain
    rows = np.random.default_rng(0).uniform(least, greatest, (16, len(least)))
    limits = in_c(predictor) if shutil.which("gcc") else [float("nan")] * 2
    for coverage, limit in zip((None, 0.95), limits, strict=True):
        yield microseconds(partial(predictor.predict, rows[:1], coverage))
        yield microseconds(partial(predictor.predict, rows, coverage)) / 16
        yield limit


def main() -> None:
    """Print the table."""
    print("| | forward | of 16 | in C | with interval | of 16 | in C |\n|---|---|---|---|---|---|---|")
    for name, predictor in predictors().items():
        print(f"| {name} | {' | '.join(f'{figure:.1f}' for figure in figures(predictor))} |", flush=True)


if __name__ == "__main__":
    main()
