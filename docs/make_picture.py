"""Makes the pictures in the README and in docs/, docs/images/report.webp, crop.webp and explain.webp, from a report.

    python docs/make_picture.py demo/report.html

Needs Debian's chromium, as the browser tests do; asks the network for nothing.
"""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

IMAGES = Path(__file__).parent / "images"
PICTURES = {"report.webp": ("headline", (1280, 1000)), "crop.webp": ("crop", (1280, 840)),
            "explain.webp": ("looks", (1280, 860))}  # fmt: skip
"""File name: the section at the top of the screen, and the screen's width and height in pixels."""
MAX_BYTES = 150_000


def make_pictures(report: Path) -> list[Path]:
    """Photographs screens of a report.

    Raises:
        SystemExit: there is no chromium, or a picture is too large for a repository.
    """
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("There is no chromium here: apt-get install chromium")
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--hide-scrollbars"])
        for name, (section, size) in PICTURES.items():
            page = browser.new_page(viewport={"width": size[0], "height": size[1]})
            page.goto(report.resolve().as_uri())
            page.add_style_tag(content="html { scroll-behavior: auto }")
            page.locator(f"#{section}").evaluate("section => section.scrollIntoView()")
            shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            shot.save(IMAGES / name, quality=82, method=6)
        browser.close()
    for name in PICTURES:
        if (IMAGES / name).stat().st_size > MAX_BYTES:
            raise SystemExit(f"{name} has {(IMAGES / name).stat().st_size:,} bytes, more than {MAX_BYTES:,}")
    return [IMAGES / name for name in PICTURES]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    print(*make_pictures(Path(sys.argv[1])), sep="\n")
