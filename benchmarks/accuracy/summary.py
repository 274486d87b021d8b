"""The exam's targets, one by one: what was found, and whether it is met."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import exp, lgamma, log, log1p
from statistics import mean

from benchmarks.accuracy.results import Line
from benchmarks.accuracy.tables import Table

Results = dict[tuple[str, str, int], Line]

UNLIKELY = 0.05
"""Two-sided: a coverage that would be seen so rarely, if the true one were inside the bounds, is a fault and no chance."""


@dataclass(frozen=True)
class Verdict:
    """One target."""

    target: str
    found: str
    is_met: bool | None
    """None: there is nothing to judge by."""


@dataclass(frozen=True)
class Marks:
    """Means over seeds, by contestant and table."""

    results: Results
    tables: tuple[Table, ...]
    seeds: tuple[int, ...]
    ours: str
    """The identity of the contestant that is held to the targets."""
    before: str = ""

    def lines(self, contestant: str, table: str) -> list[Line]:
        """Return the lines without errors of the chosen seeds."""
        found = (self.results.get((contestant, table, seed)) for seed in self.seeds)
        return [line for line in found if line and "error" not in line]

    def of(self, contestant: str, table: str, score: str) -> float | None:
        """Return the mean of a score over the seeds that both this contestant and ours have, None where there is none."""
        shared = {line["seed"] for line in self.lines(self.ours, table)}
        values = [line[score] for line in self.lines(contestant, table) if line["seed"] in shared]
        return None if not values or None in values else mean(values)

    def named(self, *groups: str) -> list[str]:
        """Return the tables of some groups that ours has answered."""
        return [table.name for table in self.tables if table.group in groups and self.lines(self.ours, table.name)]

    def failures(self) -> list[str]:
        """Return the tables that ours was asked about and did not answer."""
        errors = {
            name
            for (who, name, seed), line in self.results.items()
            if who == self.ours and seed in self.seeds and "error" in line
        }
        return sorted(errors & {table.name for table in self.tables})


def _range(values: Iterable[float]) -> str:
    found = list(values)
    return f"mean {mean(found):.3f}, worst {min(found):.3f}, most {max(found):.3f}" if found else "nothing"


def _listed(ratios: dict[str, float]) -> str:
    return "; ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items()) or "none"


def kinds_hold(marks: Marks) -> Iterator[Verdict]:
    """Coverage over the kinds."""
    covers = {name: marks.of(marks.ours, name, "cover95") or 0.0 for name in marks.named("kinds")}
    if covers:
        average, worst = mean(covers.values()), min(covers, key=lambda name: covers[name])
        yield Verdict("95 % intervals: mean over kinds .94 to .97", f"{average:.3f}", 0.94 <= average <= 0.97)
        yield Verdict("95 % intervals: no kind below .90", f"{covers[worst]:.3f}, {worst}", covers[worst] >= 0.9)
        narrow = mean(marks.of(marks.ours, name, "cover80") or 0.0 for name in covers)
        yield Verdict("80 % intervals: mean over kinds .77 to .85", f"{narrow:.3f}", 0.77 <= narrow <= 0.85)


def tail(hits: int, rows: int, share: float) -> float:
    """Return the probability of a count at least as far from `share * rows` on its side: of one binomial tail."""
    counts = range(hits + 1) if hits < share * rows else range(hits, rows + 1)
    ways = (lgamma(rows + 1) - lgamma(count + 1) - lgamma(rows - count + 1) for count in counts)
    odds = (count * log(share) + (rows - count) * log1p(-share) for count in counts)
    return sum(exp(way + odd) for way, odd in zip(ways, odds, strict=True))


def is_within(covered: float, rows: int, least: float, most: float) -> bool:
    """Whether a coverage is inside the bounds, or so many rows may show it by chance where the true one is."""
    if least <= covered <= most:
        return True
    return tail(round(covered * rows), rows, least if covered < least else most) > UNLIKELY / 2


def real_tables_hold(marks: Marks) -> Iterator[Verdict]:
    """Coverage on real tables."""
    found: dict[str, tuple[float, int]] = {}
    for name in marks.named("real"):
        lines = marks.lines(marks.ours, name)
        rows = sum(line["rows"] for line in lines)
        found[name] = sum(line["cover95"] * line["rows"] for line in lines) / rows, rows
    if found:
        exact = mean(0.92 <= covered <= 0.98 for covered, _ in found.values())
        likely = {name: is_within(*each, 0.92, 0.98) for name, each in found.items()}
        outside = ", ".join(f"{name} {found[name][0]:.2f}" for name, holds in likely.items() if not holds)
        text = f"{exact:.0%} as counted; {mean(likely.values()):.0%} if chance is allowed for (others: {outside or 'none'})"
        yield Verdict("95 % intervals: .92 to .98 on 95 % of real tables", text, mean(likely.values()) >= 0.95)
        covers = [marks.of(marks.ours, name, "cover80") or 0.0 for name in found]
        yield Verdict("80 % intervals: mean over real tables .77 to .85", _range(covers), 0.77 <= mean(covers) <= 0.85)


def errors_are_small(marks: Marks) -> Iterator[Verdict]:
    """RMSE beside the best of ridge, the mean and the older revision."""
    rivals = [who for who in ("ridge", "mean", marks.before) if who and who != marks.ours]
    for group in ("kinds", "odd"):
        ratios: dict[str, float] = {}
        for name in marks.named(group):
            theirs = [score for who in rivals if (score := marks.of(who, name, "rmse")) is not None]
            if theirs and (own := marks.of(marks.ours, name, "rmse")) is not None:
                ratios[name] = own / min(theirs)
        if ratios:
            worse = {name: ratio for name, ratio in ratios.items() if ratio > 1.03}
            words = {"kinds": "kinds", "odd": "odd tables"}[group]
            target = f"RMSE at most 1.03 of the best of {', '.join(rivals)} on all {words} but two"
            yield Verdict(target, f"{_range(ratios.values())}; above: {_listed(worse)}", len(worse) <= 2)


def reports_are_true(marks: Marks) -> Iterator[Verdict]:
    """The reported RMSE beside the true one."""
    ratios: dict[str, float] = {}
    alike = {table.name for table in marks.tables if not table.is_shifted}
    for name in [name for name in marks.named("kinds", "odd") if name in alike]:
        reported, true = marks.of(marks.ours, name, "reported"), marks.of(marks.ours, name, "rmse")
        if reported is not None and true:
            ratios[name] = reported / true
    if ratios:
        wrong = _listed({name: ratio for name, ratio in ratios.items() if not 0.8 <= ratio <= 1.25})
        found = f"{_range(ratios.values())}; outside: {wrong}"
        yield Verdict("reported over true RMSE .8 to 1.25 on every kind", found, wrong == "none")


def ahead(marks: Marks, rival: str, score: str, groups: tuple[str, ...], slack: float = 1.0) -> tuple[int, int]:
    """Return on how many tables ours has a lower score than `slack` times the rival's, and of how many."""
    pairs = [(marks.of(marks.ours, name, score), marks.of(rival, name, score)) for name in marks.named(*groups)]
    known = [(own, theirs) for own, theirs in pairs if own is not None and theirs is not None]
    return sum(own < theirs * slack for own, theirs in known), len(known)


def catboost_is_behind(marks: Marks) -> Iterator[Verdict]:
    """On real tables."""
    for score, words, share in (("rmse", "RMSE", 0.7), ("is95", "95 % interval score", 0.75), ("crps", "CRPS", 0.75)):
        wins, count = ahead(marks, "catboost", score, ("real",))
        if count:
            yield Verdict(
                f"{words}: ahead of CatBoost on {share:.0%} of real tables", f"{wins} of {count}", wins >= share * count
            )


def classes_are_told(marks: Marks) -> Iterator[Verdict]:
    """Log-loss on tables of classes: three quarters is six of eight."""
    wins, count = ahead(marks, "catboost", "log_loss", ("classes",))
    if count:
        yield Verdict("log-loss: ahead of CatBoost on 6 of 8", f"{wins} of {count}", wins >= 0.75 * count)
    wins, count = ahead(marks, "ridge", "log_loss", ("classes",), 1.01)
    if count:
        text = "log-loss: within 1 % of logistic regression or better on 6 of 8"
        yield Verdict(text, f"{wins} of {count}", wins >= 0.75 * count)


def all_are_answered(marks: Marks) -> Iterator[Verdict]:
    """No table fails."""
    failures = marks.failures()
    yield Verdict("every table is answered", ", ".join(failures) or "yes", not failures)


TARGETS: tuple[Callable[[Marks], Iterator[Verdict]], ...] = (
    kinds_hold, real_tables_hold, errors_are_small, reports_are_true, catboost_is_behind, classes_are_told, all_are_answered,
)  # fmt: skip


def verdicts(marks: Marks) -> list[Verdict]:
    """Return all targets that there is something to judge by."""
    return [verdict for target in TARGETS for verdict in target(marks)]
