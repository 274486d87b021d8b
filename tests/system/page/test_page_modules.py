"""The page's modules by themselves, in the browser that they are for."""

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.needs import needs
from tests.system.page.conftest import Visiting

pytestmark = [needs("chromium"), pytest.mark.slow]

Run = Callable[..., Any]
"""Runs an exported function of a module; returns what it returns."""


@pytest.fixture(scope="module")
def run(visit: Visiting) -> Iterator[Run]:
    with visit() as visitor:

        def call(module: str, name: str, *arguments: Any) -> Any:
            script = (
                "async ([module, name, values]) => (await import(`/page/script/${module}.js`))[name](...values) ?? null"
            )
            return visitor.page.evaluate(script, [module, name, [*arguments]])

        yield call


def test_tables_are_written_as_csv_readers_read_them(run: Run) -> None:
    columns = ["plain", "with, comma", 'with "quotes"', "tab\tand|bar", " spaces "]
    rows = [["1", "a,b", 'say "hi"', "x\ty", " z "], ["", "", "", "", ""], ["two\nlines", "", "ü", "€", "-"]]

    text = run("data/csv", "writeCsv", {"columns": columns, "rows": rows})

    assert list(csv.reader(io.StringIO(text, newline=""))) == [columns, rows[0], rows[2]]
    assert run("data/csv", "filledRows", rows) == [0, 2]


NUMBERS = [
    (92.366, 7.0, "92.4"),
    (92.366, 0.07, "92.366"),
    (92.366, 1900, "92"),
    (1234567.891, None, "1,234,568"),
    (-0.5, None, "\N{MINUS SIGN}0.5"),
    (0, None, "0"),
    (0.00001234, None, "1.23e-5"),
    (5e15, None, "5.00e+15"),
    (1.23456e151, 1e148, "1.2346e+151"),
    (1.60001e-11, 2e-15, "1.6000e-11"),
    (None, None, "\N{EN DASH}"),
]


@pytest.mark.parametrize(("number", "width", "text"), NUMBERS)
def test_numbers_have_the_digits_that_they_deserve(run: Run, number: Any, width: Any, text: str) -> None:
    assert run("data/format", "writeNumber", number, width) == text


def test_answers_are_said_in_plain_words(run: Run) -> None:
    answer = {"prediction": {"score": 92.0}, "interval": {"score": {"lower": 81.0, "upper": 100.0}}, "coverage": 0.95}
    expected = "Most likely 92; 19 times out of 20 between 81 and 100."
    assert run("data/sentences", "sayAnswer", answer, {"name": "score"}) == expected
    assert run("data/sentences", "sayAnswer", {**answer, "coverage": 0.8}, {"name": "score"}).startswith(
        "Most likely 92; 4 times out of 5 between"
    )
    unknown = {**answer, "interval": {"score": None}}
    assert "cannot be told" in run("data/sentences", "sayAnswer", unknown, {"name": "score"})
    assert run("data/sentences", "sayExtrapolated", ["hours_studied", "age"]) == (
        "No row of the table has such a value of hours studied and age: this answer is an extrapolation."
    )


@pytest.mark.parametrize(("ends", "ticks"), [([0, 10], [0, 5, 10]), ([-0.12, 0.31], [0, 0.2]), ([7, 7], [7])])
def test_ticks_are_round_and_within_the_axis(run: Run, ends: list[float], ticks: list[float]) -> None:
    assert run("pictures/axes", "niceTicks", ends, 3) == ticks


def test_lines_are_interrupted_where_there_is_nothing(run: Run) -> None:
    assert run("pictures/axes", "linePath", [[0, 1], [2, 3], None, [4, 5], [6, None]]) == "M0.0,1.0L2.0,3.0M4.0,5.0"


def test_sliders_reach_beyond_the_table_but_not_beyond_the_bounds(run: Run) -> None:
    assert run("data/ranges", "sliderEnds", {"minimum": None, "maximum": None}, [0, 8]) == [-2, 10]
    assert run("data/ranges", "sliderEnds", {"minimum": 0, "maximum": 24}, [1, 3]) == [0.5, 3.5]
    assert run("data/ranges", "sliderEnds", {"minimum": 0, "maximum": 24}, None) == [0, 24]


def test_commands_are_quoted_for_the_shell_and_for_python(run: Run) -> None:
    lines = run("data/commands", "askLines", "models/a/predict", {"it's": None, "b": True}, "a", 2, 0.9)

    assert """'{"it'\\''s":null,"b":true}'""" in lines["curl"]
    assert """json={"it's": None, "b": True}""" in lines["Python"]
    assert "scorecast predict 'row.json' --model a --version 2 --coverage 0.9 --url http" in lines["command line"]
    options = {"targets": "y", "ignore": "a b", "missing": "mean", "seed": ""}
    train = run("data/commands", "trainLines", "models/a/train", "a.csv", "a", options)["command line"]
    assert train.startswith("scorecast train 'a.csv' --model a --target y --ignore 'a b' --url http")
    assert train.endswith(" --set missing=mean")


def test_event_streams_are_read_in_any_pieces(visit: Visiting) -> None:
    text = 'id: a-1\nevent: running\ndata: {"x": "1: 2"}\n\n: ping\n\nid: a-2\nevent: stopping\ndata: {}\n\n'
    script = """async ([text, size]) => {
      const { events } = await import("/page/script/service/events.js");
      const bytes = new TextEncoder().encode(text);
      const body = new ReadableStream({ start(stream) {
        for (let at = 0; at < bytes.length; at += size) stream.enqueue(bytes.slice(at, at + size));
        stream.close();
      } });
      const found = [];
      for await (const event of events(new Response(body))) found.push([event.name, event.id, event.data]);
      return found;
    }"""
    with visit() as visitor:
        for size in (1, 7, 1000):
            found = visitor.page.evaluate(script, [text, size])
            assert found == [["running", "a-1", '{"x": "1: 2"}'], ["stopping", "a-2", "{}"]]


def test_users_texts_never_become_elements(visit: Visiting) -> None:
    script = """async () => {
      const { el } = await import("/page/script/dom.js");
      const made = el("p", { title: "<b>" }, "<i>x</i>", ["&amp;", null, false, 0]);
      return [made.childElementCount, made.textContent, made.title];
    }"""
    with visit() as visitor:
        assert visitor.page.evaluate(script) == [0, "<i>x</i>&amp;0", "<b>"]


def test_a_service_that_asks_for_a_key_gets_it_for_this_tab_alone(visit: Visiting) -> None:
    def guard(route: Any) -> None:
        is_api = "/page/" not in route.request.url and not route.request.url.endswith("/")
        if is_api and route.request.headers.get("authorization") != "Bearer open sesame":
            route.fulfill(status=401, content_type="application/problem+json", body='{"detail": "a key is needed"}')
        else:
            route.continue_()

    with visit() as visitor:
        page = visitor.page
        visitor.expect_statuses(401)
        page.route("**/*", guard)
        page.reload()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Key").fill("wrong")
        dialog.get_by_role("button").click()
        page.get_by_text("does not accept this key").wait_for()
        dialog.get_by_label("Key").fill("open sesame")
        dialog.get_by_role("button").click()

        page.get_by_text("ready to train exam-score").wait_for()
        assert page.evaluate("[sessionStorage.length, localStorage.length]") == [1, 0]
