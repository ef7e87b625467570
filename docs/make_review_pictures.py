"""Makes the pictures in docs/review.md, docs/images/review-*.webp, from a workspace whose audit was made.

    photobench demo demo
    photobench train -w demo --set train.lr=0.003        # and a few others, for the runs
    python docs/make_review_pictures.py demo             # all of them, or these: … demo runs runs-compared

What is decided on the way is taken back at the end. Needs Debian's chromium, as the browser tests do, and for the Korean ones a font that has
Hangul (apt-get install fonts-nanum); asks the network for nothing.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Site:
    """A workspace, its server and a browser."""

    workspace: Path
    browser: Browser
    url: str

    def open(self, place: str, url: str = "", locale: str = "en-GB", **screen: Any) -> Any:
        """The page at a place of it, once its photos are there; of another server where `url` says which."""
        page = self.browser.new_context(locale=locale, **screen).new_page()
        page.goto(f"{url or self.url}#{place}")
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


def queue(site: Site) -> Path:
    page = site.open(f"view=queue&{LABELS}", **DESK)
    page.keyboard.press("ArrowRight")
    return shoot(page, "queue")


def dark(site: Site) -> Path:
    page = site.open(f'view=queue&{LABELS}&attribute=["gender"]', color_scheme="dark", **DESK)
    page.keyboard.press("g")
    return shoot(page, "dark")


def grid(site: Site) -> Path:
    page = site.open(f'view=grid&{LABELS}&attribute=["gender"]', **DESK)
    page.wait_for_selector("#cell-5")
    for key in ("ArrowRight", *["Shift+ArrowRight"] * 4):
        page.keyboard.press(key)
    return shoot(page, "grid")


def explore(site: Site) -> Path:
    page = site.open("view=explore", **DESK)
    page.get_by_text("Nothing is selected").wait_for(timeout=60_000)
    return shoot(page, "explore")


def sheets(site: Site) -> Path:
    page = site.open("view=explore", **DESK)
    page.get_by_role("button", name="Class sheets").click()
    page.wait_for_selector(".sheet img")
    return shoot(page, "sheets")


def ask(site: Site) -> Path:
    """A photo of the workspace's own, as if somebody chose it."""
    page = site.open("view=explore", **DESK)
    page.get_by_role("button", name="Ask a model").click()
    page.locator(".drop input").set_input_files(sorted((site.workspace / "photos" / "eval").rglob("*.jpg"))[0])
    page.wait_for_selector(".answer img", timeout=60_000)
    return shoot(page, "ask")


def keys(site: Site) -> Path:
    page = site.open(f"view=queue&{LABELS}", **DESK)
    page.keyboard.press("?")
    return shoot(page, "keys")


def conflict(site: Site) -> Path:
    """Of a page that could not hear of another's decision, which is taken back."""
    place = f"view=queue&{LABELS}"
    page = site.open(place, **DESK)
    page.route("**/api/events*", lambda route: route.abort())
    page.reload()  # a stream that is open already would go on telling
    page.wait_for_selector("body[data-ready]")
    page.context.set_offline(True)
    with review_server(site.workspace, "kim") as url:
        other = site.open(place, url, **DESK)
        with other.expect_response("**/api/decide"):
            other.keyboard.press(" ")
        page.keyboard.press("Enter")
        page.wait_for_timeout(300)
        page.context.set_offline(False)
        page.get_by_role("alert").filter(has_text="kim decided").wait_for()
        picture = shoot(page, "conflict")
        with other.expect_response("**/api/undo"):
            other.keyboard.press("u")
        other.context.close()
    return picture


def korean(site: Site) -> Path:
    if not subprocess.run(["fc-list", ":lang=ko"], capture_output=True, check=True).stdout:
        raise SystemExit("No font here has Hangul: apt-get install fonts-nanum")
    return shoot(site.open(f"view=queue&{LABELS}", locale="ko-KR", **DESK), "korean")


def phone(site: Site) -> Path:
    return shoot(site.open(f"view=queue&{LABELS}", **PHONE), "phone")


def changes(site: Site) -> Path:
    """Of some decisions, which are taken back."""
    page = site.open(f"view=queue&{LABELS}", **DESK)
    for key in "eeekeexee":
        page.keyboard.press({"e": "Enter", "k": " "}.get(key, key))
        page.wait_for_timeout(150)
    page.locator('.tabs [data-view="changes"]').click()
    page.wait_for_selector("#changes-rows tr")
    page.wait_for_timeout(1500)
    other = site.open("view=queue", **DESK)
    picture = shoot(page, "changes")
    for _ in range(9):
        with other.expect_response("**/api/undo"):
            other.keyboard.press("u")
    other.context.close()
    return picture


def runs(site: Site) -> Path:
    """The second and the eighth of the table against the highest."""
    page = site.open("view=runs", **DESK)
    page.wait_for_selector(".all-runs .mark")
    page.get_by_role("button", name="Macro-F1").click()
    boxes = page.locator(".all-runs input:enabled")
    for place in (0, 1, min(7, boxes.count() - 1)):
        boxes.nth(place).check()
    page.wait_for_selector(".versus")
    page.locator("#runs").evaluate("element => element.scrollTo(0, 0)")
    return shoot(page, "runs")


def runs_compared(site: Site) -> Path:
    """The two highest runs that are a single training each."""
    page = site.open("view=runs", color_scheme="dark", **DESK)
    page.wait_for_selector(".all-runs .mark")
    page.get_by_role("button", name="Macro-F1").click()
    boxes = page.locator(".all-runs tr:has(td.mistakes button) input:enabled")
    for place in (1, 0):
        boxes.nth(place).check()
    page.wait_for_selector(".versus-part .tiles")
    page.get_by_role("button", name="Show the comparison").click()
    return shoot(page, "runs-compared")


PICTURES = {
    "queue": queue, "keys": keys, "dark": dark, "grid": grid, "changes": changes, "explore": explore, "sheets": sheets, "ask": ask,
    "runs": runs, "runs-compared": runs_compared, "conflict": conflict, "phone": phone, "korean": korean,
}  # fmt: skip


def main(workspace: Path, *names: str) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("There is no chromium here: apt-get install chromium")
    IMAGES.mkdir(exist_ok=True)
    with review_server(workspace) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--hide-scrollbars"])
        site = Site(workspace, browser, url)
        for name in names or PICTURES:
            print(PICTURES[name](site))
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) < 2 or not set(sys.argv[2:]) <= set(PICTURES):
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]), *sys.argv[2:])
