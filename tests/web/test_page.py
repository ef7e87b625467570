"""The review page in a real browser: a session by keyboard, taken back, for a group, filtered, reloaded; looks; nothing of it runs a stranger's code."""

from __future__ import annotations

import re

import pytest

import photobench as pb
from tests.test_report_browser import _luminance, pytestmark  # noqa: F401
from tests.web.conftest import Reviewing, wait_for
from tests.web.suspects import EVIL, every_reason, write_findings


def sentence(page, text: str) -> None:
    page.wait_for_function("text => document.querySelector('#sentence').textContent === text", arg=text)


def shows(page, path: str) -> None:
    page.wait_for_function("path => document.querySelector('#path').textContent === path", arg=path)


def decisions(reviewing: Reviewing, num: int) -> list[tuple[str, str, object]]:
    """Photo, field and new of every decision, once there are so many."""
    wait_for(lambda: len(reviewing.decided()) >= num, f"{num} decisions")
    return [(one.photo, one.field, one.new) for one in reviewing.decided()]


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


def test_the_grid_selects_with_the_keys_and_relabels(reviewing: Reviewing, look) -> None:
    page = look("grid")
    page.wait_for_selector("#cell-0")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    assert page.locator("#selected").inner_text() == "3 selected"
    assert page.locator('.cell[aria-selected="true"]').count() == 3
    page.keyboard.press("1")
    assert decisions(reviewing, 3) == [
        ("green/person10_1.jpg", "label", "red"), ("green/person10_2.jpg", "label", "red"), ("green/person11_0.jpg", "label", "red"),
    ]  # fmt: skip
    page.wait_for_selector("#cell-1.decided")
    page.locator("#cell-6").click()
    page.locator("#cell-8").click(modifiers=["Control"])
    page.get_by_role("button", name="Leave out").click()
    wait_for(lambda: len(reviewing.decided()) == 5, "two photos left out")
    page.keyboard.press("u")
    wait_for(lambda: len(reviewing.decided()) == 7, "both taken back at once")
    page.keyboard.press("Control+a")
    assert page.locator("#selected").inner_text() == "25 selected"
    page.keyboard.press("v")
    page.wait_for_selector("#finding:not([hidden])")


def test_only_what_is_seen_of_the_grid_is_in_the_page(look) -> None:
    page = look("grid", viewport={"width": 420, "height": 420})
    page.wait_for_selector("#cell-0")
    assert page.locator(".cell").count() < 25 and page.locator("#cell-24").count() == 0
    page.keyboard.press("End")
    page.wait_for_selector("#cell-24.current")
    assert (
        page.locator("#cell-0").count() == 0
        and page.locator("#cells").get_attribute("aria-activedescendant") == "cell-24"
    )


def test_photos_that_were_scrolled_past_are_not_waited_for(look) -> None:
    """A photo on its way is called off as soon as its cell is gone; those in sight are asked for before the rows around them."""
    page = look("grid", viewport={"width": 420, "height": 420})
    page.wait_for_selector("#cell-0")
    held, failed = [], []
    page.route("**/image/**", lambda route: held.append(route))
    page.on("requestfailed", lambda request: failed.append(request.url))
    page.locator("#of").select_option("photos")
    page.keyboard.press("End")
    page.wait_for_selector("#cell-35.current")
    wait_for(lambda: page.wait_for_timeout(20) or len(held) > 0, "photos at the end")
    asked = len(held)
    page.keyboard.press("Home")
    page.wait_for_selector("#cell-0.current")
    wait_for(lambda: page.wait_for_timeout(20) or len(failed) >= 1, "what was scrolled past to be called off")
    assert asked and set(failed) <= {route.request.url for route in held}
    for route in held:
        route.abort()
    page.said.clear()


def test_all_photos_can_be_swept_without_an_audit(reviewing: Reviewing, look) -> None:
    for file in (reviewing.bench / "findings").iterdir():
        file.unlink()
    reviewing.kill()
    reviewing.open()
    page = look()
    assert "photobench audit" in page.locator("#none").inner_text()
    page.locator("#none-grid").click()
    page.wait_for_selector("#cell-35")
    assert page.locator('label:has(input[value="red"]) .count').inner_text() == "12"
    page.keyboard.press("3")
    assert decisions(reviewing, 1) == [(f"blue/{'person20_0.jpg'}", "label", "blue")]


def test_names_stay_text_and_no_other_script_runs(reviewing: Reviewing, look) -> None:
    page = look()
    page.get_by_label("quality").check()
    shows(page, f"red/{EVIL}")
    assert page.locator("#evidence").inner_text() == "Half of it is <b>black</b>."
    assert page.locator("#queue img[src='x']").count() == 0
    page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.evil = 1'; document.body.append(s); }"
    )
    assert page.evaluate("window.evil") is None and any("Content Security Policy" in text for text in page.said)
    page.said.clear()
    assert "token" not in page.url


def test_keys_of_another_script_and_no_keys_at_all(reviewing: Reviewing, look) -> None:
    page = look()
    shows(page, "green/person10_0.jpg")
    page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'ㅌ', code: 'KeyX', bubbles: true }))"
    )
    assert decisions(reviewing, 1) == [("green/person10_0.jpg", "exclude", True)]
    page.keyboard.press("?")
    page.get_by_label("Single keys decide").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("x")
    page.keyboard.press("ArrowRight")
    shows(page, "green/person10_2.jpg")
    assert len(reviewing.decided()) == 1


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_legible_and_fits_every_screen(look, theme: str) -> None:
    page = look(color_scheme=theme)
    page.wait_for_selector("#do-accept:enabled")
    page.wait_for_selector(".strip .label")  # what is known of the photo is there
    page.wait_for_function("() => document.getAnimations().every(one => one.playState !== 'running')")
    for selector in (
        "body",
        "#question .judge",
        "#do-accept",
        ".classes .suggested .tag",
        ".filters .count",
        ".strip .label",
    ):
        text, back = page.evaluate(COLOURS, selector)
        lighter, darker = sorted((_luminance(text), _luminance(back)), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, selector
    assert (_luminance(page.evaluate(COLOURS, "body")[1]) < 0.2) == (theme == "dark")
    for view in ("queue", "grid", "changes"):
        page.locator(f'.tabs [data-view="{view}"]').click()
        for width in (360, 768, 1280, 3840):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (view, width)


COLOURS = """selector => {
  const element = document.querySelector(selector);
  let behind = element;
  while (/rgba\\(.*, 0\\)/.test(getComputedStyle(behind).backgroundColor)) behind = behind.parentElement;
  return [getComputedStyle(element).color, getComputedStyle(behind).backgroundColor];
}"""


def test_the_theme_can_be_chosen_and_is_kept(look) -> None:
    page = look(color_scheme="light")
    page.locator("#theme").select_option("dark")
    page.reload()
    page.wait_for_selector("body[data-ready]")
    assert _luminance(page.evaluate("getComputedStyle(document.body).backgroundColor")) < 0.2


def test_it_speaks_korean(look) -> None:
    page = look(locale="ko-KR")
    sentence(page, "label 라벨이 “green”입니다. “blue” 아닌가요?")
    assert page.get_attribute("html", "lang") == "ko"
    page.locator("#language").select_option("en")
    sentence(page, "The label is “green”. Is it “blue”?")


def test_no_reason_is_left_in_english_on_the_korean_page(reviewing: Reviewing, look) -> None:
    (reviewing.bench / "findings" / "labels.parquet").unlink()
    findings = every_reason()
    write_findings(reviewing.bench, findings)
    reviewing.kill()
    reviewing.open()
    page = look(locale="ko-KR")
    for place, finding in enumerate(findings):
        shows(page, finding.path)
        page.wait_for_function("() => document.querySelector('#evidence').textContent !== ''")
        said = page.locator("#evidence").inner_text()
        assert re.search("[가-힣]", said), finding.evidence
        assert not re.search("[A-Za-z]{2}", re.sub(r"“[^”]*”|CIELAB a, b|\d × [a-z]+|[\w/]+\.jpg", "", said)), said
        assert "undefined" not in said and "NaN" not in said, said
        if place + 1 < len(findings):
            page.keyboard.press("ArrowRight")
    page.locator("#language").select_option("en")
    page.wait_for_function(
        "said => document.querySelector('#evidence').textContent === said", arg=findings[-1].evidence
    )


def test_both_languages_say_the_same_things(look) -> None:
    page = look()
    keys = "() => Promise.all(['en', 'ko'].map(l => import(`/static/i18n/${l}.js`).then(m => Object.keys(m[l]).filter(k => !['names', 'reasons'].includes(k)).sort())))"
    english, korean = page.evaluate(keys)
    assert english == korean


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


def test_the_end_is_told_in_the_grid_too_and_what_was_kept_reads_so(reviewing: Reviewing, look) -> None:
    page = look()
    page.wait_for_function(
        "() => document.querySelector('#progress-words').textContent.startsWith('0 reviewed25 left')"
    )
    for _ in range(25):
        page.keyboard.press(" ")
    page.get_by_text("All findings are reviewed").wait_for()
    page.keyboard.press("v")
    page.locator("#grid-none").get_by_text("All findings are reviewed").wait_for()
    assert page.locator("#selected").inner_text() == "0 findings"
    page.locator(".tabs [data-view=changes]").click()
    page.get_by_text("green, kept").first.wait_for()


def test_a_button_that_can_do_nothing_looks_so(look) -> None:
    page = look()
    shows(page, "green/person10_0.jpg")
    colour = "() => getComputedStyle(document.querySelector('#do-accept')).backgroundColor"
    blue = page.evaluate(colour)
    page.evaluate("() => { document.querySelector('#do-accept').disabled = true; }")
    assert page.evaluate(colour) != blue


def test_the_mistakes_of_a_run_say_what_it_said(reviewing: Reviewing, look) -> None:
    run = pb.open(reviewing.bench, epochs=1).train()
    page = look("grid")
    page.locator("#of").select_option("photos")
    page.locator("#run").select_option(run.name)
    page.locator("#cells .cell .to").first.wait_for()
    assert page.locator("#sort option").first.inner_text() == "surest mistake first"
    for cell in page.locator("#cells .cell").all():
        label, said = cell.locator(".words").all_inner_texts()
        assert {label, said.removeprefix("said: ")} < {"red", "green", "blue"} and not said.endswith(label)
    cell = page.locator("#cells .cell").first
    label, said = cell.locator(".words").all_inner_texts()
    cell.dblclick()
    page.get_by_role("button", name="Where did the model look?").click()
    page.locator("#peek-look img").nth(1).wait_for(timeout=60_000)
    assert page.locator("#peek-look figcaption").all_inner_texts() == [
        f"What spoke for its answer: label “{said.removeprefix('said: ')}”", f"What spoke for the label: label “{label}”",
    ]  # fmt: skip
    page.keyboard.press("Escape")
    page.locator("#run").select_option("")
    page.locator("#cells .cell .to").first.wait_for(state="detached")


def test_long_names_cover_nothing(reviewing: Reviewing, look) -> None:
    """What decides stays in sight, and no text runs into another or off the screen."""
    for width, height in ((360, 740), (1280, 620), (1440, 900)):
        page = look(viewport={"width": width, "height": height})
        shows(page, "green/person10_0.jpg")
        page.evaluate(
            "() => { for (const span of document.querySelectorAll('#classes button > span:nth-child(2), #accept-text, #keep-text, #evidence')) "
            "span.textContent = 'a_very_long_class_name_that_goes_on_and_on_about_masks '.repeat(2); }"
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator("#do-accept").bounding_box()["y"] < height - 60
        beyond = "e => [...document.querySelectorAll('#question button, #evidence')].filter(e => e.scrollWidth > e.clientWidth + 1).length"
        assert page.evaluate(beyond) == 0
        evidence, classes = (page.locator(at).bounding_box() for at in ("#evidence", "#classes"))
        assert evidence["y"] + evidence["height"] <= classes["y"] or classes["y"] + classes["height"] <= evidence["y"]


def test_a_finger_can_do_it_all(reviewing: Reviewing, look) -> None:
    page = look(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    shows(page, "green/person10_0.jpg")
    page.locator("#do-accept").tap()
    shows(page, "green/person10_1.jpg")
    page.locator('[data-do="0"]').first.tap()
    shows(page, "green/person10_2.jpg")
    page.get_by_role("button", name="Undo").tap()
    shows(page, "green/person10_1.jpg")
    assert [new for _, _, new in decisions(reviewing, 3)] == ["blue", "red", None]
