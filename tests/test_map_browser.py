"""The map of photos in a real browser: hovering shows the photo, so do the arrow keys; the legend hides and shows; nothing is asked of anyone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import photobench as pb
from photobench.explore import projection
from tests.chromium import browser  # noqa: F401
from tests.conftest import draw_folder, project_toml
from tests.test_report_browser import pytestmark  # noqa: F401

CARD, FIELD = '[data-part="card"]', '[data-part="canvas"]'


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Of a real run, with a name that would be HTML."""
    root = tmp_path_factory.mktemp("map")
    photos = draw_folder(root / "photos")
    (photos / "red" / "person00_0.jpg").rename(photos / "red" / "person00_<b>&'<script>.jpg")
    (root / "bench").mkdir()
    (root / "bench" / "photobench.toml").write_text(project_toml(photos))
    bench = pb.open(root / "bench")
    run = bench.train()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(projection, "find_spec", lambda _: None)
        bench.explore()
    yield run.report()


@pytest.fixture
def page(page_file: Path, browser) -> Iterator:  # noqa: F811
    page = browser.new_page(viewport={"width": 1000, "height": 800})
    page.said, page.asked = [], []
    page.on("console", lambda message: page.said.append(message.text))
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.on("request", lambda request: page.asked.append(request.url))
    page.goto(page_file.as_uri())
    page.locator(FIELD).scroll_into_view_if_needed()
    yield page
    assert page.said == [] and [url for url in page.asked if not url.startswith(("file:", "data:"))] == []
    page.close()


def hover_first(page) -> str:
    """Moves over a grid of places until a photo is shown; returns what its card says."""
    box = page.locator(FIELD).bounding_box()
    for row in range(1, 20):
        for column in range(1, 20):
            page.mouse.move(box["x"] + box["width"] * column / 20, box["y"] + box["height"] * row / 20)
            if page.locator(CARD).is_visible():
                return page.locator(CARD).inner_text()
    raise AssertionError("no photo was shown anywhere")


def shown_colour(page) -> list[int]:
    """The mean colour of the middle of the shown photo."""
    script = """() => { const c = document.querySelector('[data-part="photo"]'), n = c.width;
        const d = c.getContext('2d').getImageData(n * .4, n * .4, n * .2, n * .2).data, s = [0, 0, 0];
        for (let i = 0; i < d.length; i += 4) for (let k = 0; k < 3; k++) s[k] += d[i + k];
        return s.map(v => Math.round(v / (d.length / 4))); }"""
    return page.evaluate(script)


def test_hovering_shows_the_photo_and_what_is_known_of_it(page) -> None:
    text = hover_first(page)
    assert "label" in text and ".jpg" in text and "split" in text
    red, green, blue = shown_colour(page)
    label = next(name for name in ("red", "green", "blue") if name in text.split("split")[0])
    assert max((red, "red"), (green, "green"), (blue, "blue"))[1] == label
    page.mouse.move(2, 2)
    assert page.locator(CARD).is_hidden()


def test_the_arrow_keys_go_from_photo_to_photo(page) -> None:
    page.locator(FIELD).focus()
    page.keyboard.press("ArrowRight")
    first = page.locator('[data-part="said"]').inner_text()
    assert ".jpg" in first and page.locator(CARD).is_visible()
    seen = {first}
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"):
        page.keyboard.press(key)
        seen.add(page.locator('[data-part="said"]').inner_text())
    assert len(seen) > 2
    page.keyboard.press("Escape")
    assert page.locator(CARD).is_hidden()


def test_colours_can_be_chosen_and_values_hidden(page) -> None:
    assert page.locator('[data-part="legend"] button').all_inner_texts()[0].startswith("blue")
    page.locator('[data-part="colour"]').select_option(label="answer")
    texts = page.locator('[data-part="legend"] button').all_inner_texts()
    assert any(text.startswith("not known") for text in texts)
    for button in page.locator('[data-part="legend"] button').all():
        button.click()
        assert button.get_attribute("aria-pressed") == "false"
    with pytest.raises(AssertionError, match="no photo"):
        hover_first(page)


def test_maps_can_be_chosen_and_looked_at_closely(page) -> None:
    pixels = "() => document.querySelector('[data-part=\"canvas\"]').toDataURL()"
    first = page.evaluate(pixels)
    page.locator('[data-part="method"]').select_option(label="PCA")
    second = page.evaluate(pixels)
    page.locator('[data-part="in"]').click()
    third = page.evaluate(pixels)
    page.locator('[data-part="whole"]').click()
    assert len({first, second, third}) == 3 and page.evaluate(pixels) == second


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 3840])
def test_it_fits_every_screen(page_file: Path, browser, width: int, theme: str) -> None:  # noqa: F811
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=theme)
    page.goto(page_file.as_uri())
    page.locator(FIELD).scroll_into_view_if_needed()
    hover_first(page)
    field, card = page.locator(FIELD).bounding_box(), page.locator(CARD).bounding_box()
    assert field["x"] <= card["x"] and card["x"] + card["width"] <= field["x"] + field["width"] + 1
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_no_other_script_can_run(page) -> None:
    page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.evil = 1'; document.body.append(s); }"
    )
    assert page.evaluate("window.evil") is None
    assert any("Content Security Policy" in text for text in page.said)
    page.said.clear()
