"""The whole story of a visitor: train the tutorial's table, ask, extrapolate, train again, roll back."""

import re

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.support.browsing import DESKTOP, PHONE
from tests.support.needs import needs
from tests.system.page.conftest import Visiting

pytestmark = [needs("chromium"), pytest.mark.slow]

NUMBER = re.compile(r"Most likely ([\d.,]+); 19 times out of 20 between ([\d.,]+) and ([\d.,]+)\.")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_first_visit_leads_from_the_tutorials_table_to_an_answer(
    first_visit: Visiting, viewport: ViewportSize, scheme: str
) -> None:
    with first_visit(viewport, color_scheme=scheme) as visit:
        page = visit.page
        expect(page.get_by_label("hours_studied, row 1", exact=True)).to_have_value("2")
        expect(page.locator("#table-summary")).to_contain_text("3 rows, 3 columns, ready to train exam-score")
        expect(page.locator("#model-summary")).to_have_text("not trained yet")

        visit.train()

        sentence = page.locator("#sentence")
        expect(sentence).to_have_text(NUMBER)
        found = NUMBER.fullmatch(sentence.text_content() or "")
        assert found is not None
        value, lower, upper = map(float, found.groups())
        assert lower < value < upper
        assert value == pytest.approx(92.4, abs=2)
        expect(page.locator("#extrapolated")).to_contain_text("hours studied")
        expect(page.get_by_role("tabpanel").locator("svg.network")).to_be_visible()


def test_the_answer_follows_the_sliders_and_says_where_it_extrapolates(first_visit: Visiting) -> None:
    with first_visit() as visit:
        visit.train()
        page = visit.page
        before = page.locator("#sentence").text_content()

        visit.set_slider("hours studied", 2)
        visit.set_slider("hours slept", 6)

        expect(page.locator("#sentence")).not_to_have_text(before or "")
        expect(page.locator("#extrapolated")).to_be_hidden()
        visit.set_slider("hours slept", 12)
        expect(page.locator("#extrapolated")).to_contain_text("hours slept")
        field = page.locator('[data-feature="hours_slept"]')
        expect(field.locator(".field-problem")).to_have_text("outside of the table: 5 to 9")
        expect(page.locator("#answer svg.band")).to_be_visible()


def test_a_value_that_the_model_does_not_accept_is_told_at_its_field(first_visit: Visiting) -> None:
    with first_visit() as visit:
        visit.train()
        visit.expect_statuses(422)
        visit.page.get_by_label("hours slept hours", exact=True).fill("25")

        field = visit.page.locator('[data-feature="hours_slept"]')
        expect(field.locator(".field-problem")).to_contain_text("less than or equal to 24")


def test_a_second_training_is_compared_and_can_be_taken_back(first_visit: Visiting) -> None:
    with first_visit() as visit:
        page = visit.page
        visit.train()
        page.get_by_label("hours_studied, new row", exact=True).fill("4")
        page.get_by_label("hours_slept, row 4", exact=True).fill("7")
        page.get_by_label("score, row 4", exact=True).fill("93")
        expect(page.locator("#table-summary")).to_contain_text("4 rows")

        page.get_by_role("button", name="Train", exact=True).click()

        expect(page.locator("#outcome")).to_contain_text(re.compile(r"(better|worse) than version 1"))
        expect(page.locator("#model-summary")).to_contain_text("version 2")
        page.get_by_role("tab", name="Versions").click()
        page.get_by_label("Compare version 1").check()
        expect(page.locator("#panel-versions svg.learning path.curve")).to_have_count(2)
        page.get_by_role("row", name=re.compile("^1")).get_by_role("button", name="Make default").click()
        expect(page.locator("#model-summary")).to_have_text(re.compile("^version 1,"))
        page.reload()
        expect(page.locator("#model-summary")).to_have_text(re.compile("^version 1,"))
        expect(page.get_by_label("hours_studied, new row", exact=True)).to_be_attached()
        expect(page.get_by_label("hours_studied, row 4", exact=True)).to_have_count(0)


def test_answers_are_shown_beside_the_truth_as_if_rows_had_not_been_seen(first_visit: Visiting) -> None:
    with first_visit() as visit:
        page = visit.page
        visit.train()
        page.get_by_role("tab", name="Accuracy").click()
        dots = page.locator("svg.accuracy path.dots")
        expect(dots).to_be_visible()
        unseen = dots.get_attribute("d")
        expect(page.locator("#panel-accuracy")).to_contain_text(
            "3 rows; 3 intervals hold the truth (each row is answered as"
        )

        page.get_by_label("as answered by models that had not seen the row").uncheck()

        expect(dots).not_to_have_attribute("d", unseen or "")
        expect(page.locator("#panel-accuracy table")).to_contain_text("truths in the 95 % interval")


def test_gradient_descent_is_watched_and_can_be_cancelled(first_visit: Visiting) -> None:
    with first_visit() as visit:
        page = visit.page
        page.get_by_text("Options").click()
        page.get_by_label("Trainer").select_option("gradient_descent")
        page.get_by_label("Epochs at most").fill("10000000")
        page.get_by_role("button", name="Train", exact=True).click()

        curve = page.locator("#panel-network svg.learning path.curve")
        expect(curve).to_be_visible()
        first = curve.get_attribute("d")
        expect(curve).not_to_have_attribute("d", first or "")
        expect(page.locator("#progress")).to_contain_text(re.compile(r"epoch [\d,]+ · loss .* · about .* left"))
        network = page.locator("#panel-network svg.network .synapses path.positive, .synapses path.negative")
        expect(network).to_have_count(9)
        widths = [line.get_attribute("stroke-width") for line in network.all()]
        expect(page.locator("#panel-network")).to_contain_text("As it learns.")
        assert len(set(widths)) > 3
        page.get_by_role("button", name="Cancel").click()

        expect(page.locator("#outcome")).to_contain_text("Cancelled")
        expect(page.get_by_role("button", name="Train", exact=True)).to_be_enabled()
        expect(page.locator("#model-summary")).to_have_text("not trained yet")
