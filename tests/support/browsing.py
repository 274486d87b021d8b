"""A real browser for tests of the page: Debian's Chromium, driven by Playwright, as a person would use it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, ViewportSize, expect, sync_playwright

DESKTOP: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
NARROWEST: ViewportSize = {"width": 320, "height": 640}

expect.set_options(timeout=15_000)


def find_chromium() -> str | None:
    """Return where the browser is; None if there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def browsing() -> Iterator[Browser]:
    """A browser that is gone afterwards."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@dataclass
class Visit:
    """A page that is open, and what it has done that it should not."""

    page: Page
    faults: list[str] = field(default_factory=list)
    expected_statuses: set[int] = field(default_factory=set)
    """Of answers that a test brings about on purpose; browsers tell them as errors, too."""

    def expect_statuses(self, *statuses: int) -> None:
        """Let these be answered, as what the test does asks for."""
        self.expected_statuses |= {*statuses}

    def watch(self, address: str) -> None:
        """Note every error in the console, in a script, and every request to another host."""
        self.page.on("console", self._note_message)
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("request", lambda request: self._note_request(request, address))
        self.page.on("response", self._note_response)

    def open(self, address: str) -> None:
        """Open the page, and wait until its first requests are answered."""
        self.page.goto(address)
        expect(self.page.locator("#model-summary")).not_to_be_empty()

    def train(self) -> None:
        """Press the button, and wait for what came of it."""
        self.page.get_by_role("button", name="Train", exact=True).click()
        expect(self.page.locator("#outcome")).to_contain_text("Trained on", timeout=60_000)

    def paste(self, text: str, selector: str = "body") -> None:
        """Paste a text, as Ctrl+V does."""
        self.page.locator(selector).first.evaluate(
            """(element, text) => {
              const clipboardData = new DataTransfer();
              clipboardData.setData("text/plain", text);
              element.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
            }""",
            text,
        )

    def paste_as(self, name: str, table: str) -> None:
        """Paste a table, and name the model that it becomes."""
        self.paste(table)
        self.page.get_by_label("Name of the new model").fill(name)

    def set_slider(self, name: str, value: float) -> None:
        """Move a feature's slider."""
        self.page.get_by_label(f"{name}, slider").fill(str(value))

    def _note_message(self, message: ConsoleMessage) -> None:
        is_status = "Failed to load resource" in message.text
        if message.type in {"error", "warning"} and not (is_status and self.expected_statuses):
            self.faults.append(f"console: {message.text}")

    def _note_request(self, request: Request, address: str) -> None:
        if not request.url.startswith((address, "blob:", "data:")):
            self.faults.append(f"request to {request.url}")

    def _note_response(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected_statuses:
            self.faults.append(f"{response.status} of {response.url}")


@contextmanager
def visiting(browser: Browser, address: str, viewport: ViewportSize = DESKTOP, **options: Any) -> Iterator[Visit]:
    """The page, opened by a new visitor; afterwards nothing may have gone wrong in it."""
    context = browser.new_context(viewport=viewport, **options)
    try:
        visit = Visit(context.new_page())
        visit.watch(address.partition("#")[0])
        visit.open(address)
        yield visit
        assert visit.faults == [], visit.faults
    finally:
        context.close()
