"""Reading a CSV of 100,000 rows and 10 columns: ours, with its checks and named errors, beside numpy.loadtxt."""

import io
import resource
import statistics

import numpy as np

from app.tables import parse_csv
from app.tables.rows import table_to_matrix
from benchmarks.stopwatch import measure_seconds
from model.table.signature import Column

ROWS, COLUMNS, ROUNDS = 100_000, 10, 5


def main() -> None:
    """Print the times, their ratio in interleaved rounds, and the memory that it took."""
    table = np.random.default_rng(0).normal(size=(ROWS, COLUMNS)).round(6)
    text = io.StringIO()
    np.savetxt(text, table, fmt="%.6f", delimiter=",", header=",".join(f"x{c}" for c in range(COLUMNS)), comments="")
    body = text.getvalue().encode()
    columns = tuple(Column(f"x{c}", minimum=-100, maximum=100) for c in range(COLUMNS))

    def ours() -> np.ndarray:
        return table_to_matrix(parse_csv(body), columns)

    def numpy() -> np.ndarray:
        return np.loadtxt(io.BytesIO(body), delimiter=",", skiprows=1)

    assert np.array_equal(ours(), numpy())
    pairs = [(measure_seconds(ours), measure_seconds(numpy)) for _ in range(ROUNDS)]
    us, them = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"ours {us:.3f} s   numpy.loadtxt {them:.3f} s   ratio {ratio:.2f}   peak memory {peak:.0f} MiB")


if __name__ == "__main__":
    main()
