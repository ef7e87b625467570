"""Every tab of the review page for every eye and hand: contrast, focus, names, and screens from a small phone to 4K."""

from __future__ import annotations

from pathlib import Path

import pytest

from photobench import workflow
from tests.test_report_browser import pytestmark  # noqa: F401
from tests.web.asked import decisions
from tests.web.conftest import Reviewing, wait_for
from tests.web.mapped import draw_map
from tests.web.seen import BEYOND, SIDEWAYS, hard_to_read, not_seen, tabbed, without_a_name
from tests.web.trainings import ONCE

THERE = {
    "queue": "#do-accept:enabled", "grid": "#cell-2", "map": ".legend li", "sheets": ".sheet img", "ask": ".drop", "changes": "#changes-rows tr",
    "runs": ".all-runs tbody .name",
}  # fmt: skip
PARTS = ("map", "sheets", "ask")


@pytest.fixture
def suspects(suspects: Path) -> Path:
    """With a map and a run, so that every part of the page has something to show."""
    draw_map(suspects)
    if not (suspects / "runs").exists():
        workflow.train(workflow.open_bench(suspects, [ONCE]))
    return suspects


@pytest.fixture
def page(look, reviewing: Reviewing):
    """After a decision, so that there is a change."""
    found = look()
    found.keyboard.press("Enter")
    decisions(reviewing, 1)
    return found


def go(page, place: str) -> None:
    """To a tab, or to a part of the explore tab, until it is there."""
    page.locator(f'.tabs [data-view="{"explore" if place in PARTS else place}"]').click()
    if place in PARTS:
        page.locator(".parts button").nth(PARTS.index(place)).click()
    page.wait_for_selector(THERE[place])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_is_legible_and_the_focus_seen(page, theme: str) -> None:
    page.locator("#theme").select_option(theme)
    faint, unseen = {}, {}
    for place in THERE:
        go(page, place)
        faint[place] = hard_to_read(page)
        unseen[place] = not_seen(tabbed(page))
    assert faint == {place: [] for place in THERE}
    assert unseen == {place: [] for place in THERE}


@pytest.mark.parametrize("locale", ["en-GB", "ko-KR"])
def test_whatever_can_be_used_has_a_name(page, locale: str) -> None:
    nameless = {}
    page.locator("#language").select_option(locale[:2])
    for place in THERE:
        go(page, place)
        nameless[place] = without_a_name(page)
    assert nameless == {place: [] for place in THERE}


def test_the_main_controls_are_what_they_look_like(page) -> None:
    for name in ("Queue", "Grid", "Explore", "Runs", "Changes"):
        assert page.get_by_role("navigation", name="Views").get_by_role("button", name=name).count() == 1
    assert page.get_by_role("button", name="Queue").get_attribute("aria-current") == "page"
    question = page.get_by_role("group", name="The question")
    for name in ("Yes, “blue”", "Keep “green”", "Leave out", "Undo", "For its whole group: 3 photos", "Back", "Next"):
        assert question.get_by_role("button", name=name).count() == 1, name
    for place, name in enumerate(("red", "green", "blue")):
        assert question.get_by_role("button", name=f"{place + 1} {name}").count() == 1, name
    assert page.get_by_role("searchbox", name="Find a photo by its path or group").count() == 1
    assert page.get_by_role("slider", name="Score").count() == 1
    assert page.get_by_role("progressbar", name="Progress").get_attribute("aria-valuenow") == "4"
    for name in ("Order", "Colours", "Language"):
        assert page.get_by_role("combobox", name=name).count() == 1, name
    assert page.get_by_role("group", name="Status").get_by_role("checkbox", name="to review").is_checked()
    go(page, "grid")
    grid = page.get_by_role(
        "listbox", name="Grid"
    )  # its options are used again as it scrolls: their order is in their numbers
    numbers = {int(one.get_attribute("aria-posinset")) for one in grid.get_by_role("option").all()}
    assert numbers == set(range(1, 26)) and grid.locator('[aria-setsize="25"]').count() == 25
    at = grid.get_attribute("aria-activedescendant")
    page.keyboard.press("Shift+ArrowRight")
    beside = grid.get_attribute("aria-activedescendant")
    assert [int(name.removeprefix("cell-")) for name in (at, beside)] == [1, 2]
    assert page.locator(f"#{beside}").get_attribute("aria-selected") == "true"


@pytest.mark.parametrize("locale", ["en-GB", "ko-KR"])
def test_every_tab_fits_from_a_small_phone_to_4k(page, locale: str) -> None:
    page.locator("#language").select_option(locale[:2])
    for place in THERE:
        page.set_viewport_size({"width": 1280, "height": 800})
        go(page, place)
        for width, height in ((360, 740), (768, 1024), (3840, 2160)):
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (place, width)
            assert page.evaluate("document.body.scrollHeight") <= height, (place, width)
            assert page.evaluate(BEYOND) == [], (place, width)
            wait_for(
                lambda: not page.evaluate(SIDEWAYS), f"{place} at {width} px", 5
            )  # the grid follows the window a moment later
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 20  # at 4K letters are larger


def test_the_room_of_a_large_screen_is_used(page) -> None:
    page.set_viewport_size({"width": 3840, "height": 2160})
    go(page, "grid")
    room = page.locator("#cells").bounding_box()
    right = max(cell.bounding_box()["x"] + cell.bounding_box()["width"] for cell in page.locator(".cell").all())
    assert right - room["x"] > 0.9 * room["width"]
    go(page, "map")
    page.wait_for_function("() => document.querySelector('.points').width >= 0.8 * innerWidth")
    go(page, "queue")
    assert page.locator("#frame").bounding_box()["height"] > 0.6 * 2160
