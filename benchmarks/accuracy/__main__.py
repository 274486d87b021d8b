"""The exam: accuracy and honesty of intervals, ours beside other methods, and the targets that are met or missed.

    python -m benchmarks.accuracy [--dev] [--tables dev|confirm|real:dev|NAME ...] [--seeds dev|confirm|0,1] [--contestants ours,before]
                                  [--checkout FOLDER] [--results FILE] [--summary-only | --no-summary] [--markdown]

Results are kept in a file and not computed again. The first time it installs the peers, and the real tables with them.
`before` is the checkout of an older revision, over HTTP; `http` the same for this one.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.accuracy.environment import FOLDER, ROOT, install
from benchmarks.accuracy.printing import print_markdown, print_summary
from benchmarks.accuracy.results import PEERS, SCORECAST, Contestant, read, run
from benchmarks.accuracy.summary import Marks
from benchmarks.accuracy.tables import chosen
from benchmarks.accuracy.tables.catalogue import CONFIRMATION_SEEDS, DEVELOPMENT_SEEDS

SEEDS = {"dev": DEVELOPMENT_SEEDS, "confirm": CONFIRMATION_SEEDS}


def arguments(given: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy", description=__doc__.partition("\n")[0])
    parser.add_argument("--dev", action="store_true", help="a few tables, one seed: about five minutes on one core")
    parser.add_argument(
        "--tables", nargs="+", default=["dev"], help="quick, dev, confirm, all, a group, real:dev, names"
    )
    parser.add_argument("--seeds", default="dev", help="dev, confirm, or numbers")
    parser.add_argument("--contestants", default="ours", help=f"of {', '.join([*SCORECAST, *PEERS])}; or all")
    parser.add_argument("--checkout", default="", help="where an older revision of the code is: `before`")
    parser.add_argument("--results", type=Path, default=FOLDER / "results.jsonl")
    parser.add_argument("--summary-only", action="store_true", help="compute nothing")
    parser.add_argument("--no-summary", action="store_true", help="only compute")
    parser.add_argument("--markdown", action="store_true", help="print the tables of docs/accuracy.md")
    options = parser.parse_args(given)
    if options.dev:
        options.tables, options.seeds = ["quick"], str(DEVELOPMENT_SEEDS[0])
    return options


def contestants(names: str, checkout: str) -> list[Contestant]:
    """Return who is named; an older revision only where there is a checkout of one."""
    wanted = [*(("ours", "before") if checkout else ("ours",)), *PEERS] if names == "all" else names.split(",")
    if "before" in wanted and not checkout:
        raise SystemExit("`before` needs --checkout FOLDER, an older revision of the code")
    folders = {"before": checkout, "http": str(ROOT)}
    return [Contestant(name, folders.get(name, "")) for name in wanted]


def main(given: Sequence[str] = ()) -> None:
    """Run what is missing, then print the summary of each Scorecast that took part."""
    options = arguments(given)
    install()
    tables = chosen(options.tables)
    seeds = SEEDS[options.seeds] if options.seeds in SEEDS else tuple(map(int, options.seeds.split(",")))
    who = contestants(options.contestants, options.checkout)
    if not options.summary_only:
        run(options.results, who, tables, seeds)
    if not options.no_summary:
        before = next((each.identity for each in who if each.name == "before"), "")
        shown = [each.identity for each in who if each.name in SCORECAST] or [Contestant("ours").identity]
        marks = [Marks(read(options.results), tuple(tables), seeds, identity, before) for identity in shown]
        (print_markdown if options.markdown else print_summary)(marks)


if __name__ == "__main__":
    main(sys.argv[1:])
