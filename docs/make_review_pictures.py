"""Makes the pictures in docs/review.md, docs/images/review-*.webp, from a workspace whose audit was made.

    photobench demo demo
    photobench train -w demo --set train.lr=0.003        # and a few others, for the runs
    python docs/make_review_pictures.py demo             # all of them, or these: … demo runs runs-compared

What is decided on the way is taken back at the end. Needs Debian's chromium, as the browser tests do; asks the network for nothing.
"""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

sys.path.append(str(Path(__file__).parents[1] / "bench"))
from review_server import review_server

IMAGES = Path(__file__).parent / "images"
MAX_BYTES = 100_000
LABELS = 'check=["labels"]'
DESK = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 390, "height": 780}, "device_scale_factor": 2, "has_touch": True, "is_mobile": True}


def opened(browser: Browser, url: str, place: str, **screen: Any) -> Any:
    """The page at a place of it, once its photos are there."""
    page = browser.new_context(locale="en-GB", **screen).new_page()
    page.goto(f"{url}#{place}")
    page.wait_for_selector("body[data-ready]")
    return page


def shoot(page: Any, name: str) -> Path:
    """Raises SystemExit where the picture is too large for a repository."""
    page.wait_for_timeout(2000)
    path = IMAGES / f"review-{name}.webp"
    Image.open(io.BytesIO(page.screenshot())).convert("RGB").save(path, quality=80, method=6)
    if path.stat().st_size > MAX_BYTES:
        raise SystemExit(f"{path.name} has {path.stat().st_size:,} bytes, more than {MAX_BYTES:,}")
    page.context.close()
    return path


def queue(browser: Browser, url: str) -> Path:
    page = opened(browser, url, f"view=queue&{LABELS}", **DESK)
    page.keyboard.press("ArrowRight")
    return shoot(page, "queue")


def dark(browser: Browser, url: str) -> Path:
    page = opened(browser, url, f'view=queue&{LABELS}&attribute=["gender"]', color_scheme="dark", **DESK)
    page.keyboard.press("g")
    return shoot(page, "dark")


def grid(browser: Browser, url: str) -> Path:
    page = opened(browser, url, f'view=grid&{LABELS}&attribute=["gender"]', **DESK)
    page.wait_for_selector("#cell-5")
    for key in ("ArrowRight", *["Shift+ArrowRight"] * 4):
        page.keyboard.press(key)
    return shoot(page, "grid")


def explore(browser: Browser, url: str) -> Path:
    page = opened(browser, url, "view=explore", **DESK)
    page.get_by_text("Nothing is selected").wait_for(timeout=60_000)
    return shoot(page, "explore")


def phone(browser: Browser, url: str) -> Path:
    return shoot(opened(browser, url, f"view=queue&{LABELS}", **PHONE), "phone")


def changes(browser: Browser, url: str) -> Path:
    """Of some decisions, which are taken back."""
    page = opened(browser, url, f"view=queue&{LABELS}", **DESK)
    for key in "eeekeexee":
        page.keyboard.press({"e": "Enter", "k": " "}.get(key, key))
        page.wait_for_timeout(150)
    page.locator('.tabs [data-view="changes"]').click()
    page.wait_for_selector("#changes-rows tr")
    page.wait_for_timeout(1500)
    other = opened(browser, url, "view=queue", **DESK)
    picture = shoot(page, "changes")
    for _ in range(9):
        with other.expect_response("**/api/undo"):
            other.keyboard.press("u")
    other.context.close()
    return picture


def runs(browser: Browser, url: str) -> Path:
    """The second and the eighth of the table against the highest."""
    page = opened(browser, url, "view=runs", **DESK)
    page.wait_for_selector(".all-runs .mark")
    page.get_by_role("button", name="Macro-F1").click()
    boxes = page.locator(".all-runs input:enabled")
    for place in (0, 1, min(7, boxes.count() - 1)):
        boxes.nth(place).check()
    page.wait_for_selector(".versus")
    page.locator("#runs").evaluate("element => element.scrollTo(0, 0)")
    return shoot(page, "runs")


def runs_compared(browser: Browser, url: str) -> Path:
    """The two highest runs that are a single training each."""
    page = opened(browser, url, "view=runs", color_scheme="dark", **DESK)
    page.wait_for_selector(".all-runs .mark")
    page.get_by_role("button", name="Macro-F1").click()
    boxes = page.locator(".all-runs tr:has(td.mistakes button) input:enabled")
    for place in (1, 0):
        boxes.nth(place).check()
    page.wait_for_selector(".versus-part .tiles")
    page.get_by_role("button", name="Show the comparison").click()
    return shoot(page, "runs-compared")


PICTURES = {
    "queue": queue, "dark": dark, "grid": grid, "explore": explore, "phone": phone, "changes": changes, "runs": runs,
    "runs-compared": runs_compared,
}  # fmt: skip


def main(workspace: Path, *names: str) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("There is no chromium here: apt-get install chromium")
    IMAGES.mkdir(exist_ok=True)
    with review_server(workspace) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--hide-scrollbars"])
        for name in names or PICTURES:
            print(PICTURES[name](browser, url))
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) < 2 or not set(sys.argv[2:]) <= set(PICTURES):
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]), *sys.argv[2:])
