"""Do 95 % intervals hold 95 % of unseen rows? On synthetic problems and scikit-learn's tables.

python -m benchmarks.coverage
"""

import numpy as np

from benchmarks.ours import covered, learn
from benchmarks.problems import problems
from benchmarks.tables import splits, tables

FRESH_ROWS = 2000


def main() -> None:
    """Print the coverage of each problem and table, then the average and the worst."""
    shares: list[tuple[int, float, str]] = []
    for problem in problems():
        share = covered(learn(problem.draw(problem.rows, 1)), problem.draw(FRESH_ROWS, 2))
        shares.append((problem.rows, share, f"{problem.name}, {problem.kind}, noise {problem.noise:g}"))
        print(f"{problem.rows:6d} rows  {share:.3f}  {shares[-1][2]}", flush=True)
    for name, table in tables():
        share = float(np.mean([covered(learn(known), fresh) for known, fresh in splits(table)]))
        shares.append((len(table), share, name))
        print(f"{len(table):6d} rows  {share:.3f}  {name}, 20 splits", flush=True)
    average = float(np.mean([share for _, share, _ in shares]))
    worst = min((share, name) for rows, share, name in shares if rows >= 50)
    print(f"average {average:.3f} (promised: .93 to .97); worst with 50 rows or more {worst[0]:.3f}, {worst[1]} (.88)")


if __name__ == "__main__":
    main()
