"""How the review page looks and speaks: themes, screens, Korean, long names, other keyboards; nothing of it runs a stranger's code."""

from __future__ import annotations

import re

import pytest

from tests.test_report_browser import _luminance, pytestmark  # noqa: F401
from tests.web.asked import decisions, sentence, shows
from tests.web.conftest import Reviewing
from tests.web.suspects import EVIL, every_reason, write_findings


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
    keys = "() => Promise.all(['en', 'ko'].map(l => import(`/static/i18n/${l}.js`).then(m => Object.keys(m[l]).filter(k => !['names', 'says'].includes(k)).sort())))"
    english, korean = page.evaluate(keys)
    assert english == korean


def test_a_button_that_can_do_nothing_looks_so(look) -> None:
    page = look()
    shows(page, "green/person10_0.jpg")
    colour = "() => getComputedStyle(document.querySelector('#do-accept')).backgroundColor"
    blue = page.evaluate(colour)
    page.evaluate("() => { document.querySelector('#do-accept').disabled = true; }")
    assert page.evaluate(colour) != blue


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


WORKED_WITH = ".bar", "#filters", ".stage", "#question"


@pytest.mark.parametrize("size", [(1280, 800), (800, 900)])
def test_a_notice_covers_nothing_that_one_works_with(look, size: tuple[int, int]) -> None:
    page = look(viewport={"width": size[0], "height": size[1]})
    page.get_by_text("For its whole group: 3 photos").wait_for()
    page.keyboard.press("g")
    page.keyboard.press("Enter")
    page.get_by_text("Decided for 3 photos.").wait_for()
    page.route("**/api/decide", lambda route: route.fulfill(status=422, json={"error": "The disk is full."}))
    page.keyboard.press("Enter")
    page.get_by_role("alert").filter(has_text="The disk is full.").wait_for()
    covered = """places => [...document.querySelectorAll('.notice')].flatMap(notice => places.filter(place => {
      const [one, other] = [notice, document.querySelector(place)].map(element => element.getBoundingClientRect());
      return other.width && one.right > other.left + 1 && one.left < other.right - 1 && one.bottom > other.top + 1 && one.top < other.bottom - 1;
    }))"""
    assert page.locator(".notice").count() >= 1 and page.evaluate(covered, WORKED_WITH) == []


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
