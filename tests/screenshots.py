"""Pictures of the page for the README, made with a real server and a real browser: `make screenshots`."""

import io
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.support.browsing import PHONE, Visit, browsing, visiting
from tests.support.server import Server

FOLDER = Path("docs/pictures")
WIDE: ViewportSize = {"width": 1440, "height": 830}
FRAME_SECONDS = 0.2
EPOCHS = 120_000


def main() -> None:
    """Write all of them."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, browsing() as browser:
        server = Server(Path(folder))
        try:
            _take_all(browser, f"{server.client.base_url}/", server)
        finally:
            server.close()


def _take_all(browser: Browser, address: str, server: Server) -> None:
    with visiting(browser, address, WIDE) as visit:
        _film_learning(visit, FOLDER / "learning.webp")
    _train_wood(server)
    for scheme in ("light", "dark"):
        with visiting(browser, f"{address}#wood", WIDE, color_scheme=scheme) as visit:
            visit.page.get_by_role("tab", name="Curves").click()
            expect(visit.page.locator("svg.profile")).to_have_count(3)
            _save(visit.page.screenshot(), FOLDER / f"page-{scheme}.webp")
    with visiting(browser, f"{address}#wood", PHONE) as visit:
        _save(visit.page.screenshot(), FOLDER / "phone.webp")


def _film_learning(visit: Visit, path: Path) -> None:
    """Film the tutorial's network while it learns by gradient descent."""
    page = visit.page
    page.get_by_text("Options").click()
    page.get_by_label("Trainer").select_option("gradient_descent")
    page.get_by_label("Epochs at most").fill(str(EPOCHS))
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.locator("#panel-network")).to_contain_text("As it learns.")
    frames = [_crop(page)]
    while page.locator("#cancel").is_visible():
        page.wait_for_timeout(1000 * FRAME_SECONDS)
        frames.append(_crop(page))
    expect(page.locator("#sentence")).to_contain_text("Most likely")
    page.wait_for_timeout(500)
    frames += [_crop(page)] * 10
    first, *others = frames
    first.save(path, save_all=True, append_images=others, duration=1000 * FRAME_SECONDS, loop=0, quality=70, method=6)


def _crop(page: Page) -> Image.Image:
    """Return the panel of pictures, as it is now."""
    box = page.locator("#pictures").bounding_box()
    assert box is not None
    clip = {"x": box["x"], "y": box["y"], "width": box["width"], "height": 570.0}
    return Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB")  # type: ignore[arg-type]


def _save(data: bytes, path: Path) -> None:
    Image.open(io.BytesIO(data)).save(path, quality=80, method=6)


def _train_wood(server: Server) -> None:
    """Train a table that was made up: the strength of wood by its depth in the trunk, its moisture and its kind."""
    rng = np.random.default_rng(0)
    depth, moisture = rng.uniform(0, 10, 300).round(2), rng.uniform(20, 80, 300).round(1)
    kind = rng.choice(["oak", "pine", "birch"], 300)
    strength = 50 + 8 * np.sin(depth) + 0.4 * moisture + 6 * (kind == "oak") + rng.normal(0, 2, 300)
    columns = {"depth": depth.tolist(), "moisture": moisture.tolist(), "kind": kind.tolist()}
    body = {**columns, "strength": strength.round(2).tolist()}
    server.client.post("/models/wood/train?targets=strength", json=body).raise_for_status()


if __name__ == "__main__":
    main()
