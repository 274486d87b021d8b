"""The page is for everyone: by keyboard, on narrow screens, in both schemes, offline from the world, and while the service is away."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize, expect

from tests.support.browsing import DESKTOP, NARROWEST, PHONE
from tests.support.needs import needs
from tests.support.server import Server
from tests.system.page.conftest import Visiting

pytestmark = [needs("chromium"), pytest.mark.slow]

TABS = ("Network", "Curves", "Map", "Accuracy", "Versions")


def find_violations(page: Page) -> list[Any]:
    """Return what axe-core finds that is serious or worse, contrast of text (WCAG 2 AA) included."""
    found = Axe().run(page).response["violations"]
    return [
        (each["id"], [node["html"][:200] for node in each["nodes"]], each["nodes"][0]["failureSummary"])
        for each in found
        if each["impact"] in {"serious", "critical"}
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing_serious(visit: Visiting, viewport: ViewportSize, scheme: str) -> None:
    with visit(viewport, color_scheme=scheme) as visitor:
        page = visitor.page
        assert find_violations(page) == []
        visitor.train()
        for summary in page.locator("summary:visible").all():
            summary.click()
        for tab in TABS:
            page.get_by_role("tab", name=tab).click()
            expect(page.get_by_role("tabpanel")).to_have_count(1)
            assert find_violations(page) == [], tab


def test_the_keyboard_is_enough(visit: Visiting) -> None:
    with visit() as visitor:
        page = visitor.page
        expect(page.get_by_role("button", name="Train", exact=True)).to_be_enabled()
        page.get_by_label("score, row 1", exact=True).focus()
        page.keyboard.press("Enter")
        expect(page.get_by_label("score, row 2", exact=True)).to_be_focused()
        page.keyboard.type("87")
        page.keyboard.press("ArrowUp")
        expect(page.get_by_label("score, row 1", exact=True)).to_be_focused()
        expect(page.get_by_label("score, row 2", exact=True)).to_have_value("87")

        page.get_by_role("button", name="Train", exact=True).focus()
        page.keyboard.press("Enter")
        expect(page.locator("#outcome")).to_contain_text("Trained on")

        page.get_by_label("hours slept, slider").focus()
        before = page.locator("#sentence").text_content() or ""
        for _ in range(12):
            page.keyboard.press("ArrowRight")
        expect(page.locator("#sentence")).not_to_have_text(before)
        page.get_by_role("tab", name="Network").focus()
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("tab", name="Curves")).to_have_attribute("aria-selected", "true")
        page.keyboard.press("End")
        expect(page.get_by_role("tab", name="Versions")).to_be_focused()


@pytest.mark.parametrize("viewport", [NARROWEST, PHONE, DESKTOP], ids=["narrowest", "phone", "desktop"])
def test_nothing_is_wider_than_the_screen(visit: Visiting, viewport: ViewportSize) -> None:
    with visit(viewport) as visitor:
        visitor.train()
        for tab in TABS:
            visitor.page.get_by_role("tab", name=tab).click()
            wide = visitor.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= viewport["width"], tab


def test_on_a_phone_the_answer_comes_first(visit: Visiting) -> None:
    with visit(PHONE) as visitor:
        tops = [
            visitor.page.locator(f"#{name}").bounding_box() or {"y": 0.0} for name in ("answer", "table", "pictures")
        ]

        assert [box["y"] for box in tops] == sorted(box["y"] for box in tops)


def test_nothing_moves_for_those_who_ask_for_that(visit: Visiting) -> None:
    with visit(reduced_motion="reduce") as visitor:
        durations = visitor.page.evaluate(
            "[...document.querySelectorAll('*')].map((each) => getComputedStyle(each).transitionDuration)"
        )

        assert set(durations) == {"0s"}


def test_a_service_that_is_away_is_told_and_comes_back_by_itself(first_visit: Visiting, fresh_server: Server) -> None:
    with first_visit() as visitor:
        page = visitor.page
        visitor.train()
        port = fresh_server.client.base_url.port
        fresh_server.stop()
        visitor.expect_statuses(503)
        visitor.set_slider("hours slept", 5)
        expect(page.locator("#connection")).to_contain_text("cannot be reached")

        fresh_server._settings["PORT"] = str(port)  # where the page looks for it
        fresh_server.start()

        expect(page.locator("#connection")).to_be_hidden(timeout=20_000)
        before = page.locator("#sentence").text_content() or ""
        visitor.set_slider("hours slept", 9)
        expect(page.locator("#sentence")).not_to_have_text(before)
        visitor.faults[:] = [
            fault for fault in visitor.faults if "ERR_CONNECTION" not in fault and "ERR_EMPTY" not in fault
        ]


def test_models_may_be_chosen_faster_than_they_load(visit: Visiting, page_server: Server) -> None:
    """What one model is asked never meets another one, whatever is in view."""
    for name, feature in (("first", "a"), ("second", "b")):
        rows = [{feature: x, "y": 2 * x} for x in range(12)]
        page_server.client.post(f"/models/{name}/train?targets=y", json={"rows": rows}).raise_for_status()
    with visit() as visitor:
        page = visitor.page
        for tab in TABS:
            page.get_by_role("tab", name=tab).click()
            for name in ("first", "second", "first", "exam-score", "second"):
                page.locator("#model-choice").select_option(name)
                page.wait_for_timeout(40)
            expect(page.locator('[data-feature="b"]')).to_be_visible()
            expect(page.locator("#sentence")).to_contain_text("Most likely")
        assert page.url.endswith("#second")


@pytest.mark.parametrize("kind", ["curl", "command line", "Python"])
def test_an_action_is_shown_as_lines_that_do_the_same(visit: Visiting, tmp_path: Path, kind: str) -> None:
    with visit() as visitor:
        page = visitor.page
        visitor.train()
        page.locator("#answer details.copy summary").click()
        block = page.locator("#answer .lines").filter(has=page.get_by_text(kind, exact=True))
        lines = (block.locator("pre").text_content() or "").replace("import requests", "import httpx as requests")
        expected = page.locator("#answer .hero").text_content() or ""

    program = [sys.executable, "-c"] if kind == "Python" else ["sh", "-c"]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        [*program, lines], capture_output=True, text=True, check=True, cwd=tmp_path, env={**os.environ, "PATH": path}
    )
    found = re.search(r"""['"]predictions?['"]:\s*\[?\{['"]score['"]:\s*([\d.]+)""", done.stdout)
    assert found is not None, done.stdout
    assert float(found[1]) == pytest.approx(float(expected.split()[0]), abs=0.1)


def test_the_first_view_is_small(visit: Visiting) -> None:
    """At most 100 KB in all as it is sent, and at most 80 KB of scripts."""
    with visit() as visitor:
        expect(visitor.page.locator("#table-summary")).to_contain_text("rows")
        visitor.page.wait_for_load_state("networkidle")
        sizes: dict[str, int] = visitor.page.evaluate(
            """Object.fromEntries([...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
              .map((entry) => [entry.name, entry.encodedBodySize]))"""
        )

    scripts = sum(size for url, size in sizes.items() if url.endswith(".js"))
    assert len(sizes) > 20
    assert 0 < scripts <= 80_000
    assert sum(sizes.values()) <= 100_000
