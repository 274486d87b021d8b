"""The exam: forecasts of unseen rows, ours beside other methods, on real and made tables; see `docs/accuracy.md`."""


def main() -> None:
    """Run its shortest form: ours alone, on a few tables for development, and the targets."""
    from benchmarks.accuracy.__main__ import main as examine

    examine(("--dev",))
