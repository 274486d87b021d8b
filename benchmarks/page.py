"""The page in a real browser: how much it loads, how soon it shows something, and how it follows a slider.

A slider of a model with 8 features is drawn to and fro with the curves of all features in view. Frames are counted between
two frames of the browser's own clock; an answer's delay is from a slider's event until its sentence is on the page.
"""

import tempfile
from pathlib import Path
from statistics import median

import numpy as np
from playwright.sync_api import Browser, Page

from benchmarks.problems import friedman_1
from tests.support.browsing import DESKTOP, Visit, browsing
from tests.support.server import Server

VISITS = 7
DRAGS = 3

SIZES = """Object.fromEntries([...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
  .map((entry) => [entry.name, [entry.encodedBodySize, entry.decodedBodySize]]))"""
FIRST_PICTURE = """performance.getEntriesByName("first-contentful-paint")[0].startTime"""

DRAG = """async () => {
  const slider = document.querySelector('input[type="range"]');
  const sentence = document.getElementById("sentence");
  const [least, greatest] = [Number(slider.min), Number(slider.max)];
  const frames = [], delays = [];
  let since = null;
  new MutationObserver(() => {
    if (since !== null) delays.push(performance.now() - since);
    since = null;
  }).observe(sentence, { childList: true, characterData: true, subtree: true });
  const begin = performance.now();
  for (let last = begin; last - begin < 4000; ) {
    const now = await new Promise(requestAnimationFrame);
    frames.push(now - last);
    last = now;
    const share = 0.5 + 0.5 * Math.sin((now - begin) / 400);
    slider.value = least + share * (greatest - least);
    since ??= performance.now();
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  }
  return { frames: frames.slice(1), delays };
}"""


def main() -> None:
    """Measure all of it, and print it."""
    with tempfile.TemporaryDirectory() as folder, browsing() as browser:
        server = Server(Path(folder))
        try:
            address = f"{server.client.base_url}/"
            views = [_measure_view(browser, address) for _ in range(VISITS)]
            _print_views(views)
            _train(server)
            page = _open(browser, f"{address}#friedman").page
            page.get_by_role("tab", name="Curves").click()
            page.wait_for_selector("svg.profile:nth-of-type(8)")
            for _ in range(DRAGS):
                _print_drag(page.evaluate(DRAG))
        finally:
            server.close()


def _open(browser: Browser, address: str) -> Visit:
    visit = Visit(browser.new_context(viewport=DESKTOP).new_page())
    visit.open(address)
    visit.page.wait_for_load_state("networkidle")
    return visit


def _measure_view(browser: Browser, address: str) -> tuple[dict[str, list[int]], float]:
    page: Page = _open(browser, address).page
    found = page.evaluate(SIZES), page.evaluate(FIRST_PICTURE)
    page.context.close()
    return found


def _print_views(views: list[tuple[dict[str, list[int]], float]]) -> None:
    sizes = views[0][0]
    scripts = [size for name, size in sizes.items() if name.endswith(".js")]
    for title, of in (("scripts", scripts), ("first view", list(sizes.values()))):
        sent, text = (sum(each[place] for each in of) / 1000 for place in (0, 1))
        print(f"{title}: {len(of)} files, {sent:.1f} KB as sent, {text:.1f} KB as text")
    times = sorted(picture for _, picture in views)
    print(f"first picture: median {median(times):.0f} ms, {times[0]:.0f} to {times[-1]:.0f}, of {len(times)} visits")


def _train(server: Server) -> None:
    features = np.random.default_rng(0).uniform(0, 1, (500, 8))
    targets = friedman_1(features) + np.random.default_rng(1).normal(0, 1, 500)
    names = [*(f"x{number}" for number in range(1, 9)), "y"]
    body = {"columns": names, "data": np.column_stack([features, targets]).tolist()}
    server.client.post("/models/friedman/train?targets=y", json=body).raise_for_status()


def _print_drag(drag: dict[str, list[float]]) -> None:
    frames, delays = sorted(drag["frames"]), sorted(drag["delays"])
    rate = 1000 * len(frames) / sum(frames)
    late = sum(frame > 25 for frame in frames)
    print(
        f"dragging: {rate:.0f} frames a second, {late} of {len(frames)} later than 25 ms, the longest {frames[-1]:.0f} ms; "
        f"answers after {median(delays):.0f} ms, 95 % within {delays[int(0.95 * len(delays))]:.0f}, {len(delays)} of them"
    )


if __name__ == "__main__":
    main()
