"""The report in a real browser: it loads nothing, logs nothing, fits small screens, and is legible in both themes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import photobench as pb
from tests.chromium import CHROMIUM
from tests.conftest import draw_folder, project_toml

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium, which is not here: apt-get install chromium"),
]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of a real run, with a broken photo and a name that would be HTML."""
    root = tmp_path_factory.mktemp("browser")
    photos = draw_folder(root / "photos")
    (photos / "red" / "person00_<b>9.jpg").touch()
    (root / "bench").mkdir()
    (root / "bench" / "photobench.toml").write_text(project_toml(photos))
    return pb.open(root / "bench").run().report()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_opens_from_disk_and_asks_nobody(report: Path, browser, theme: str) -> None:
    page = browser.new_page(color_scheme=theme)
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(report.as_uri())
    assert said == []
    assert [url for url in asked if not url.startswith(("file://", "data:"))] == []
    assert "%" in page.inner_text("h1")
    decoded = "Promise.all([...document.images].map(i => { i.loading = 'eager'; return i.decode() }))"
    assert len(page.evaluate(f"{decoded}.then(all => all.map(() => 1))")) > 0
    page.close()


def test_what_a_user_wrote_stays_text(report: Path, browser) -> None:
    page = browser.new_page()
    page.goto(report.as_uri())
    assert "person00_<b>9.jpg" in page.text_content("body")  # within a part that is folded at first
    page.close()


@pytest.mark.parametrize("width", [360, 768, 1280, 2560])
def test_nothing_sticks_out_on_any_screen(report: Path, browser, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(report.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_is_legible(report: Path, browser, theme: str) -> None:
    """WCAG AA: at least 4.5 to 1 between the text and the page."""
    page = browser.new_page(color_scheme=theme)
    page.goto(report.as_uri())
    text, back = (page.evaluate(f"getComputedStyle(document.body).{name}") for name in ("color", "backgroundColor"))
    lighter, darker = sorted((_luminance(text), _luminance(back)), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5
    assert (_luminance(back) < 0.2) == (theme == "dark")
    page.close()


def test_every_link_of_the_contents_leads_somewhere(report: Path, browser) -> None:
    page = browser.new_page()
    page.goto(report.as_uri())
    targets = page.evaluate(
        "[...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.getAttribute('href').slice(1))"
    )
    assert targets
    assert page.evaluate("ids => ids.every(id => document.getElementById(id) !== null)", targets)
    page.close()


def _luminance(colour: str) -> float:
    red, green, blue = (int(c) / 255 for c in re.findall(r"\d+", colour)[:3])
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in (red, green, blue)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
