"""Tables come to the page in every form, and what is wrong with them is shown where it is."""

import json
import random
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app.frames import ARROW_FILE
from tests.support.browsing import PHONE
from tests.support.forms import as_arrow, as_parquet, as_xlsx, frame
from tests.support.needs import needs
from tests.support.server import Server
from tests.system.page.conftest import Visiting

pytestmark = [needs("chromium"), pytest.mark.slow]

PRICES = [{"width": x, "height": x % 3, "price": 2 * x + (x % 3) + (x % 2) / 4} for x in range(1, 13)]
AS_CSV = "width,height,price\n" + "".join(f"{row['width']},{row['height']},{row['price']}\n" for row in PRICES)


def open_file(page: Page, path: Path, content: bytes) -> None:
    path.write_bytes(content)
    page.locator("#file").set_input_files(path)


def test_a_table_is_pasted_from_a_spreadsheet_and_trained(visit: Visiting) -> None:
    with visit() as visitor:
        page = visitor.page
        visitor.paste(AS_CSV.replace(",", "\t"))
        expect(page.locator("#table .notice")).to_contain_text("Pasted 12 rows")
        page.get_by_label("Name of the new model").fill("pasted")
        expect(page.locator("#table-summary")).to_contain_text("12 rows, 3 columns, ready to train pasted")

        visitor.train()

        expect(page.locator("#sentence")).to_contain_text("Most likely")
        expect(page.locator("#model-choice")).to_have_value("pasted")
        assert page.url.endswith("#pasted")


def test_what_was_pasted_can_be_undone(visit: Visiting) -> None:
    with visit() as visitor:
        visitor.paste(AS_CSV)
        expect(visitor.page.get_by_label("width, row 1", exact=True)).to_be_visible()

        visitor.page.get_by_role("button", name="Undo").click()

        expect(visitor.page.get_by_label("hours_studied, row 1", exact=True)).to_be_visible()
        expect(visitor.page.locator("#model-choice")).to_have_value("exam-score")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("prices.csv", AS_CSV.replace(",", ";").encode("utf-16")),
        ("prices.xlsx", as_xlsx(PRICES)),
        ("prices.parquet", as_parquet(frame(PRICES))),
        ("prices.feather", as_arrow(frame(PRICES), ARROW_FILE)),
        ("prices.json", json.dumps(PRICES).encode()),
        ("prices.jsonl", "\n".join(map(json.dumps, PRICES)).encode()),
    ],
)
def test_files_of_every_form_are_opened(visit: Visiting, tmp_path: Path, name: str, content: bytes) -> None:
    with visit() as visitor:
        page = visitor.page
        open_file(page, tmp_path / name, content)

        expect(page.locator("#table .notice")).to_contain_text(f"Opened {name}: 12 rows")
        expect(page.get_by_label("Name of the new model")).to_have_value("prices")
        expect(page.get_by_label("price, row 12", exact=True)).to_have_value(re.compile(r"^24(\.0)?$"))
        expect(page.locator("#table-problems li")).to_have_count(0)


def test_a_file_that_is_no_table_is_refused_in_words_and_nothing_is_lost(visit: Visiting, tmp_path: Path) -> None:
    with visit() as visitor:
        visitor.expect_statuses(400, 422)
        open_file(visitor.page, tmp_path / "broken.xlsx", b"no workbook")

        expect(visitor.page.locator("#table .notice")).to_contain_text("workbook")
        expect(visitor.page.get_by_label("hours_studied, row 1", exact=True)).to_have_value("2")


def test_a_wrong_cell_is_marked_and_mended_in_place(visit: Visiting) -> None:
    with visit() as visitor:
        page = visitor.page
        visitor.paste(AS_CSV.replace("\n3,0,", "\n3,o,"))
        cell = page.get_by_label("height, row 3", exact=True)
        expect(cell).to_have_attribute("aria-invalid", "true")
        expect(page.locator("#table-problems")).to_contain_text("should be a valid number")
        expect(page.get_by_role("button", name="Train", exact=True)).to_be_disabled()

        page.locator("#table-problems").get_by_role("button").click()
        expect(cell).to_be_focused()
        cell.fill("0")

        expect(page.locator("#table-problems li")).to_have_count(0)
        expect(page.get_by_role("button", name="Train", exact=True)).to_be_enabled()


def test_columns_are_given_other_roles(visit: Visiting) -> None:
    with visit() as visitor:
        page = visitor.page
        visitor.paste_as("roles", AS_CSV)
        page.get_by_label("What height is").select_option("target")
        page.get_by_label("What price is").select_option("ignored")
        expect(page.locator("#table-problems li")).to_have_count(0)

        visitor.train()

        expect(page.locator("#answer .target")).to_have_text("height")
        expect(page.locator("#ask-fields .field")).to_have_count(1)


def test_a_column_of_words_makes_a_classifier(visit: Visiting) -> None:
    rows = "".join(f"{x},{'warm' if x > 7 else 'cold'}\n" for x in range(15))
    with visit(PHONE) as visitor:
        page = visitor.page
        visitor.paste_as("weather", f"hour,feels\n{rows}")
        visitor.train()
        visitor.set_slider("hour", 14)

        expect(page.locator("#sentence")).to_contain_text("Most likely warm, with a probability of")
        expect(page.locator(".classes .class")).to_have_count(2)
        expect(page.get_by_label("The band holds the truth")).to_be_hidden()
        page.get_by_role("tab", name="Accuracy").click()
        expect(page.locator("table.confusion tbody tr")).to_have_count(2)
        page.get_by_role("tab", name="Curves").click()
        expect(page.locator("svg.profile")).to_have_count(1)


def test_words_and_dates_are_asked_as_such(visit: Visiting) -> None:
    rows = "".join(f"2024-01-{day:02},{'oak' if day % 2 else 'pine'},{day * 1.5}\n" for day in range(1, 29))
    with visit() as visitor:
        page = visitor.page
        visitor.paste_as("sales", f"when,wood,sold\n{rows}")
        visitor.train()
        before = page.locator("#sentence").text_content() or ""

        page.locator("#ask-wood").select_option("pine")
        page.locator("#ask-when").fill("2024-01-20")

        expect(page.locator("#sentence")).not_to_have_text(before)
        page.get_by_role("tab", name="Curves").click()
        expect(page.locator("svg.profile")).to_have_count(2)


def test_a_wide_table_is_shown_in_part_and_said_so(visit: Visiting) -> None:
    source = random.Random(0)
    names = [f"column_{number}" for number in range(60)]
    rows = [[source.random() for _ in names] for _ in range(80)]
    lines = "".join(",".join(f"{cell:.3f}" for cell in [*row, 3 * row[0] + row[1]]) + "\n" for row in rows)
    with visit() as visitor:
        page = visitor.page
        visitor.paste_as("wide", ",".join([*names, "total"]) + "\n" + lines)
        expect(page.locator("#table-summary")).to_contain_text("80 rows, 61 columns")
        assert page.locator(".grid tbody input").count() < 400
        visitor.train()

        page.get_by_role("tab", name="Curves").click()

        expect(page.locator("#panel-curves")).to_contain_text("The 8 most relevant of 60 features.")
        expect(page.locator("svg.profile")).to_have_count(8)
        expect(page.locator("#ask-fields .field")).to_have_count(60)


def test_a_long_table_is_edited_at_its_end(visit: Visiting) -> None:
    rows = "".join(f"{x},{x % 7},{2 * x}\n" for x in range(10_000))
    with visit() as visitor:
        page = visitor.page
        visitor.paste(f"a,b,c\n{rows}")
        expect(page.locator("#table-summary")).to_contain_text("10,000 rows")
        assert page.locator(".grid tbody tr").count() < 40

        page.locator(".grid").evaluate("(grid) => { grid.scrollTop = grid.scrollHeight; }")

        last = page.get_by_label("c, row 10000", exact=True)
        expect(last).to_have_value("19998")
        last.fill("?")
        expect(page.locator("#table-problems")).to_contain_text("row 10000")


def test_columns_may_have_the_names_that_javascript_uses(visit: Visiting) -> None:
    rows = "".join(f"{x},{x % 5},{'ab'[x % 2]},{2 * x}\n" for x in range(1, 15))
    with visit() as visitor:
        page = visitor.page
        visitor.paste_as("hasownproperty", f"__proto__,constructor,toString,valueOf\n{rows}")
        expect(page.get_by_label("What __proto__ is")).to_have_value("feature")
        visitor.train()
        visitor.set_slider("constructor", 3)
        page.get_by_role("tab", name="Curves").click()

        expect(page.locator("svg.profile")).to_have_count(3)
        expect(page.locator("#sentence")).to_contain_text("Most likely")


def test_several_targets_are_shown_one_at_a_time(visit: Visiting) -> None:
    rows = "".join(f"{x},{x % 5},{2 * x},{x * x}\n" for x in range(1, 15))
    with visit() as visitor:
        page = visitor.page
        visitor.paste_as("two", f"a,b,double,square\n{rows}")
        page.get_by_label("What double is").select_option("target")
        visitor.train()
        first = page.locator("#sentence").text_content() or ""

        page.get_by_label("Which target").select_option("square")

        expect(page.locator("#sentence")).not_to_have_text(first)
        expect(page.locator("#ask-fields .field")).to_have_count(2)


def test_whole_numbers_are_asked_as_such(visit: Visiting) -> None:
    rows = "".join(f"{2000 + x},{3 * x + 1}\n" for x in range(20))
    with visit() as visitor:
        page = visitor.page
        visitor.paste_as("years", f"year,sold\n{rows}")
        visitor.train()
        page.get_by_label("year, slider").focus()
        before = float(page.locator("#ask-year").input_value())
        page.keyboard.press("ArrowRight")

        assert float(page.locator("#ask-year").input_value()) == before + 1


def test_a_model_that_is_removed_meanwhile_is_told(visit: Visiting, page_server: Server) -> None:
    rows = [{"x": x, "y": 2 * x} for x in range(12)]
    page_server.client.post("/models/short-lived/train?targets=y", json={"rows": rows}).raise_for_status()
    with visit() as visitor:
        visitor.page.locator("#model-choice").select_option("short-lived")
        expect(visitor.page.locator("#sentence")).to_contain_text("Most likely")
        page_server.client.delete("/models/short-lived").raise_for_status()
        visitor.expect_statuses(404)

        visitor.set_slider("x", 3)

        expect(visitor.page.locator("#sentence")).to_contain_text("there is no model called 'short-lived'")


def test_what_users_enter_is_text(visit: Visiting) -> None:
    evil = "<img src=x onerror=alert(1)>"
    rows = "".join(f"{x},{evil if x % 2 else '<b>b</b>'},{x * 2}\n" for x in range(12))
    with visit() as visitor:
        page = visitor.page
        visitor.paste_as("evil", f"n,{evil},<script>t</script>\n{rows}")
        visitor.train()
        for tab in ("Network", "Curves", "Map", "Accuracy", "Versions"):
            page.get_by_role("tab", name=tab).click()
        page.get_by_text("The same as a command").first.click()

        assert page.locator("img, b, main script").count() == 0
        expect(page.locator("#ask-fields")).to_contain_text(evil)
