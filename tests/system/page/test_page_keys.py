"""The page of a service that has keys asks for one, and then does what the key may."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from app.access import ApiKey, Role, add_key
from tests.support.browsing import Visit
from tests.support.needs import needs
from tests.support.server import Server, running

pytestmark = [needs("chromium"), pytest.mark.slow]


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[tuple[Server, dict[Role, str]]]:
    """A server with a key of each role."""
    file = str(tmp_path / "keys")
    keys = {role: add_key(file, lambda digest, role=role: ApiKey(role.word, role, digest)) for role in Role}  # type: ignore[misc]
    with running(tmp_path, api_keys_file=file) as server:
        yield server, keys


def open_with(browser: Browser, server: Server, key: str) -> Visit:
    visit = Visit(browser.new_context().new_page())
    visit.expect_statuses(401, 403)
    visit.watch(f"{server.client.base_url}/")
    visit.page.goto(f"{server.client.base_url}/")
    dialog = visit.page.get_by_role("dialog")
    dialog.get_by_label("Key").fill(key)
    dialog.get_by_role("button").click()
    expect(visit.page.locator("#model-summary")).not_to_be_empty()
    return visit


def test_who_has_the_key_trains_and_asks(browser: Browser, guarded: tuple[Server, dict[Role, str]]) -> None:
    server, keys = guarded
    visit = open_with(browser, server, keys[Role.TRAIN])

    visit.train()
    expect(visit.page.locator("#answer")).to_contain_text("95")
    assert visit.faults == []


def test_a_key_for_predictions_alone_is_told_what_training_takes(
    browser: Browser, guarded: tuple[Server, dict[Role, str]]
) -> None:
    server, keys = guarded
    visit = open_with(browser, server, keys[Role.PREDICT])

    visit.page.get_by_role("button", name="Train", exact=True).click()
    expect(visit.page.get_by_text("this needs the role train").first).to_be_visible()
    assert visit.faults == []
