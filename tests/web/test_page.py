"""The review page in a real browser: a session by keyboard, taken back, for a group, filtered, reloaded."""

from __future__ import annotations

from tests.test_report_browser import _luminance, pytestmark  # noqa: F401
from tests.web.asked import decisions, sentence, shows
from tests.web.conftest import Reviewing, wait_for
from tests.web.suspects import EVIL


def test_a_session_by_keyboard_writes_every_decision_at_once(reviewing: Reviewing, look) -> None:
    page = look()
    sentence(page, "The label is “green”. Is it “blue”?")
    shows(page, "green/person10_0.jpg")
    page.wait_for_function("() => document.querySelector('#place').textContent === '1 of 25'")
    assert "Five of its five nearest photos are blue." in page.locator("#evidence").inner_text()
    page.keyboard.press("Enter")  # accept
    shows(page, "green/person10_1.jpg")
    page.keyboard.press(" ")  # keep
    shows(page, "green/person10_2.jpg")
    page.keyboard.press("1")  # the class of this key: red
    shows(page, "green/person11_0.jpg")
    page.keyboard.press("x")  # leave out
    shows(page, "green/person11_1.jpg")
    page.keyboard.press("ArrowRight")  # decides nothing
    shows(page, "green/person11_2.jpg")
    page.keyboard.press("ArrowLeft")
    shows(page, "green/person11_1.jpg")
    assert decisions(reviewing, 4) == [
        ("green/person10_0.jpg", "label", "blue"),
        ("green/person10_1.jpg", "label", "green"),
        ("green/person10_2.jpg", "label", "red"),
        ("green/person11_0.jpg", "exclude", True),
    ]
    assert {one.who for one in reviewing.decided()} == {"lee"} and "0.99" in reviewing.decided()[0].why
    page.wait_for_function(
        "() => document.querySelector('#progress-words').textContent.startsWith('4 reviewed21 left')"
    )


def test_a_tab_that_was_chosen_with_the_mouse_gives_the_keys_back(reviewing: Reviewing, look) -> None:
    page = look()
    shows(page, "green/person10_0.jpg")
    page.locator(".tabs [data-view=grid]").click()
    page.locator(".tabs [data-view=queue]").click()
    page.keyboard.press(" ")  # keep, not the tab again
    shows(page, "green/person10_1.jpg")
    assert decisions(reviewing, 1) == [("green/person10_0.jpg", "label", "green")]


def test_to_the_end(reviewing: Reviewing, look) -> None:
    page = look()
    for _ in range(25):
        page.keyboard.press(" ")
    page.get_by_text("All findings are reviewed").wait_for()
    assert len(decisions(reviewing, 25)) == 25
    page.locator("#none-changes").click()
    page.get_by_text("Nothing is changed so far").wait_for()
    assert page.locator("#latest tr").count() == 25


def test_what_was_decided_is_taken_back_to_any_depth_also_after_a_reload(reviewing: Reviewing, look) -> None:
    page = look()
    for key in ("Enter", "Enter", "Enter"):
        page.keyboard.press(key)
    decisions(reviewing, 3)
    page.keyboard.press("u")
    shows(page, "green/person10_2.jpg")
    decisions(reviewing, 4)
    page.reload()
    page.wait_for_selector("body[data-ready]")
    shows(page, "green/person10_2.jpg")
    page.keyboard.press("u")
    shows(page, "green/person10_1.jpg")
    page.keyboard.press("u")
    shows(page, "green/person10_0.jpg")
    decisions(reviewing, 6)
    page.keyboard.press("u")
    page.get_by_text("nothing to undo").wait_for()
    assert [one.new for one in reviewing.decided()] == ["blue"] * 3 + [None] * 3


def test_a_key_is_for_the_whole_group(reviewing: Reviewing, look) -> None:
    page = look()
    page.get_by_text("For its whole group: 3 photos").wait_for()
    page.keyboard.press("g")
    assert page.locator("#do-group").get_attribute("aria-pressed") == "true"
    page.keyboard.press("Enter")
    shows(page, "green/person11_0.jpg")
    assert sorted(decisions(reviewing, 3)) == [(f"green/person10_{n}.jpg", "label", "blue") for n in range(3)]
    page.keyboard.press("u")
    shows(page, "green/person10_0.jpg")
    wait_for(lambda: len(reviewing.decided()) == 6, "the undo of all three")


def test_filters_count_and_stay_over_a_reload(reviewing: Reviewing, look) -> None:
    page = look()
    page.get_by_label("quality").check()
    sentence(page, "Should this photo be left out?")
    page.wait_for_function("() => document.querySelector('#place').textContent === '1 of 1'")
    shows(page, f"red/{EVIL}")
    page.get_by_label("quality").uncheck()
    page.locator("#search").fill("person13")
    page.wait_for_function("() => document.querySelector('#place').textContent === '1 of 3'")
    counts = page.locator('label:has(input[value="green"][name="given"]) .count')
    assert counts.inner_text() == "3"
    page.reload()
    page.wait_for_selector("body[data-ready]")
    page.wait_for_function("() => document.querySelector('#place').textContent === '1 of 3'")
    assert page.locator("#search").input_value() == "person13"
    page.locator("#search").blur()
    page.keyboard.press(" ")
    page.wait_for_function(
        "() => document.querySelector('label:has(input[value=reviewed]) .count').textContent === '1'"
    )
    page.locator("#clear").click()
    page.wait_for_function("() => document.querySelector('#place').textContent.endsWith('of 24')")


def test_a_reload_in_the_middle_loses_nothing_and_comes_back(reviewing: Reviewing, look) -> None:
    page = look()
    for _ in range(5):
        page.keyboard.press("Enter")
    page.reload()  # with writes perhaps under way
    page.wait_for_selector("body[data-ready]")
    assert len(decisions(reviewing, 5)) == 5
    shows(page, "green/person11_2.jpg")


def test_a_word_on_one_photo_goes_with_it(reviewing: Reviewing, look) -> None:
    """Why a key did nothing is said as long as the photo is there that it was said of."""
    page = look()
    page.get_by_label("quality").check()
    sentence(page, "Should this photo be left out?")
    page.keyboard.press("1")
    page.get_by_text("No one label is in question here").wait_for()
    page.get_by_label("quality").uncheck()
    page.keyboard.press("ArrowRight")
    page.get_by_text("No one label is in question here").wait_for(state="detached", timeout=2000)
