"""Run the benchmarks one after another: all of them, or those that are named."""

import importlib
import sys

NAMES = (
    "tutorial", "descent", "training", "symmetric_product", "profile_fit", "trains_over_http", "one_row", "serving", "keys", "batches", "inference",
    "start_up", "memory", "responsiveness", "slow_clients", "page", "csv_tables", "table_forms", "frames", "accuracy",
)  # fmt: skip
"""In this order. Of the exam, `accuracy`, its shortest form: `python -m benchmarks.accuracy` runs all of it."""


def main() -> None:
    """Run each benchmark's `main`."""
    for name in sys.argv[1:] or NAMES:
        print(f"\n== {name}", flush=True)
        importlib.import_module(f"benchmarks.{name}").main()


if __name__ == "__main__":
    main()
