"""The exam's results as text: verdicts and a line for each table, or the Markdown of `docs/accuracy.md`."""

from collections.abc import Iterator
from statistics import mean

from benchmarks.accuracy.results import PEERS
from benchmarks.accuracy.summary import Marks, verdicts

SAYINGS = {True: "met", False: "MISSED", None: "unknown"}

TITLES = {
    "kinds": "Tables of a known truth",
    "functions": "Functions",
    "odd": "Odd tables",
    "real": "Real tables",
    "classes": "Classes",
}
NAMES = {
    "mean": "mean", "ridge": "ridge", "catboost": "CatBoost", "lightgbm": "LightGBM", "xgboost": "XGBoost", "ngboost": "NGBoost",
    "process": "Gaussian process",
}  # fmt: skip


def print_summary(all_marks: list[Marks]) -> None:
    """Print a line for each table, then each target with what was found."""
    for marks in all_marks:
        print(f"\n== {marks.ours}, seeds {', '.join(map(str, marks.seeds))}")
        print(f"{'table':42s} {'RMSE':>9s} {'CRPS':>9s} {'95 %':>6s} {'80 %':>6s} {'told':>6s} {'CPU s':>7s}")
        for name in marks.named("kinds", "functions", "odd", "real"):
            print(_line(marks, name))
        for name in marks.named("classes"):
            loss, accuracy, seconds = (
                marks.of(marks.ours, name, score) for score in ("log_loss", "accuracy", "seconds")
            )
            print(f"{name:42s} log-loss {loss:.4f}, accuracy {accuracy:.3f}, {seconds:.2f} s")
        tables = [table.name for table in marks.tables if marks.lines(marks.ours, table.name)]
        total = sum(marks.of(marks.ours, name, "seconds") or 0.0 for name in tables)
        print(f"{len(tables)} tables, {total:.0f} s of CPU a seed\n")
        for verdict in verdicts(marks):
            print(f"{SAYINGS[verdict.is_met]:7s} {verdict.target}: {verdict.found}")


def _line(marks: Marks, name: str) -> str:
    rmse, crps, wide, narrow, reported, seconds = (
        marks.of(marks.ours, name, score) for score in ("rmse", "crps", "cover95", "cover80", "reported", "seconds")
    )
    told = f"{reported / rmse:6.2f}" if reported is not None and rmse else "     -"
    return f"{name:42s} {rmse:9.4g} {crps:9.4g} {wide:6.3f} {narrow:6.3f} {told} {seconds:7.2f}"


def print_markdown(all_marks: list[Marks]) -> None:
    """Print the targets, then a table for each group, ours beside all that took part."""
    marks = all_marks[0]
    print("| target | found | |\n|---|---|---|")
    for verdict in verdicts(marks):
        print(f"| {verdict.target} | {verdict.found} | {SAYINGS[verdict.is_met].lower()} |")
    columns = {marks.ours: "ours", **({marks.before: "before"} if marks.before else {}), **NAMES}
    for group, title in TITLES.items():
        names = marks.named(group)
        if names and group == "classes":
            classes = {"ridge": "logistic regression", "mean": "shares"}
            own = {
                who: classes.get(who, called)
                for who, called in columns.items()
                if who in (marks.ours, marks.before, "mean", "ridge", "catboost")
            }
            _table(marks, f"{title}: log-loss / accuracy", names, own, ("log_loss", "accuracy"))
        elif names:
            _table(marks, f"{title}: RMSE / CRPS / 95 % interval score", names, columns, ("rmse", "crps", "is95"))
            _table(marks, f"{title}: coverage of 95 % / 80 % intervals", names, columns, ("cover95", "cover80"))
    print("\n## Coverage of 95 % intervals by tenths of predicted width, from narrow to wide\n")
    print("| | " + " | ".join(str(part + 1) for part in range(10)) + " |" + "\n|---" + "|---" * 10 + "|")
    for who, called in columns.items():
        if tenths := list(_tenths(marks, who)):
            print(f"| {called} | " + " | ".join(f"{share:.3f}" for share in tenths) + " |")


def _tenths(marks: Marks, who: str) -> Iterator[float]:
    lines = [
        line
        for name in marks.named("kinds", "functions", "odd", "real")
        for line in marks.lines(who, name)
        if line["rows"] >= 100
    ]
    for part in zip(*(line["tenths"] for line in lines), strict=True):
        yield mean(part)


def _table(marks: Marks, title: str, names: list[str], columns: dict[str, str], scores: tuple[str, ...]) -> None:
    taking_part = {who: called for who, called in columns.items() if any(marks.lines(who, name) for name in names)}
    print(
        f"\n## {title}\n\n| table | "
        + " | ".join(taking_part.values())
        + " |"
        + "\n|---"
        + "|---" * len(taking_part)
        + "|"
    )
    for name in names:
        found = {who: marks.of(who, name, scores[0]) for who in taking_part}
        known = [score for score in found.values() if score is not None]
        cells = []
        for who in taking_part:
            text = " / ".join(
                "-" if (score := marks.of(who, name, each)) is None else f"{score:.3g}" for each in scores
            )
            is_best = found[who] == min(known) and not scores[0].startswith("cover")
            cells.append(f"**{text}**" if is_best else text)
        print(f"| {name} | " + " | ".join(cells) + " |")


assert set(NAMES) == set(PEERS)
