"""Several people, a server that dies, a write that is refused: nothing is lost, nothing is overwritten in silence."""

from __future__ import annotations

from pathlib import Path

from tests.test_report_browser import pytestmark  # noqa: F401
from tests.web.asked import decisions, shows
from tests.web.conftest import Reviewing, wait_for
from tests.web.suspects import labels_doubted, write_findings


def test_two_browsers_see_each_other(reviewing: Reviewing, look) -> None:
    one, other = look(), look()
    one.keyboard.press("Enter")
    other.wait_for_function("() => document.querySelector('#progress-words').textContent.startsWith('1')", timeout=4000)
    other.get_by_text("Decided: “blue”").wait_for()
    other.keyboard.press("ArrowRight")
    other.keyboard.press(" ")
    one.wait_for_function("() => document.querySelector('#progress-words').textContent.startsWith('2')", timeout=4000)
    assert decisions(reviewing, 2) == [
        ("green/person10_0.jpg", "label", "blue"),
        ("green/person10_1.jpg", "label", "green"),
    ]


def test_a_conflict_is_shown_and_nothing_is_overwritten_in_silence(reviewing: Reviewing, start, look) -> None:
    page = look()
    page.route("**/api/events*", lambda route: route.abort())
    page.reload()  # a stream that is open already would go on telling
    page.wait_for_selector("body[data-ready]")
    page.route("**/api/decisions*", lambda route: route.abort())
    page.context.set_offline(True)  # it hears of nobody
    kim = Reviewing(reviewing.bench, start, "kim").open()
    others = look(url=kim.url)
    others.keyboard.press("1")
    decisions(reviewing, 1)
    page.keyboard.press("Enter")
    shows(page, "green/person10_1.jpg")
    page.context.set_offline(False)
    alert = page.get_by_role("alert").filter(has_text="kim decided “red”")
    alert.wait_for()
    shows(page, "green/person10_0.jpg")
    assert [one.new for one in reviewing.decided()] == ["red"]
    alert.get_by_role("button", name="Write mine").click()
    wait_for(lambda: [one.new for one in reviewing.decided()] == ["red", "blue"], "what was insisted on")
    kim.process.stop()


def test_a_refused_write_brings_the_finding_back_loudly(reviewing: Reviewing, look) -> None:
    page = look()
    page.route("**/api/decide", lambda route: route.fulfill(status=422, json={"error": "The disk is full."}))
    page.keyboard.press("Enter")
    page.get_by_role("alert").filter(has_text="The disk is full.").wait_for()
    shows(page, "green/person10_0.jpg")
    assert page.locator("#standing").is_hidden() and reviewing.decided() == []
    page.unroute("**/api/decide")
    page.get_by_role("button", name="Try again").click()
    assert decisions(reviewing, 1) == [("green/person10_0.jpg", "label", "blue")]


def test_retrain_and_compare_streams_its_output_and_can_be_stopped(reviewing: Reviewing, look) -> None:
    page = look()
    page.keyboard.press("Enter")
    decisions(reviewing, 1)
    page.locator('.tabs [data-view="changes"]').click()
    page.locator("#what-if").click()
    output = page.locator("#output").filter(has_text="what-if: 2 × 2 trainings, with 1 decision and without")
    output.wait_for(timeout=90_000)
    page.reload()  # it goes on, and its output is there again
    page.wait_for_selector("body[data-ready]")
    output.wait_for()
    page.locator("#what-if-stop").click()
    page.wait_for_selector("#what-if:not([disabled])", timeout=60_000)
    assert page.locator("#what-if-stop").is_hidden() and "macro-F1 is" not in page.locator("#result").inner_text()


def test_an_answer_lost_on_the_way_decides_once_and_can_be_taken_back(reviewing: Reviewing, look) -> None:
    page = look()

    def lose(route) -> None:
        route.fetch()
        route.abort()

    page.route("**/api/decide", lose)  # again and again, so that the alert is there long enough to be seen
    page.keyboard.press("Enter")
    page.get_by_role("alert").filter(has_text="does not answer").wait_for()  # meanwhile requests pass through here
    page.unroute_all(behavior="wait")
    decisions(reviewing, 1)
    page.keyboard.press("u")
    shows(page, "green/person10_0.jpg")
    wait_for(lambda: [one.new for one in reviewing.decided()] == ["blue", None], "the undo")
    page.wait_for_function("() => document.querySelector('#outage').hidden")
    assert [one.new for one in reviewing.decided()] == ["blue", None]  # sent again and again, written once


def test_what_waited_for_other_photos_is_told(look) -> None:
    page = look()
    page.evaluate(
        "localStorage.setItem('photobench.waiting.old.1', JSON.stringify({ workspace: 'bench', topics: [] }))"
    )
    page.evaluate(
        "localStorage.setItem('photobench.waiting.old.2', JSON.stringify({ workspace: 'another', topics: [] }))"
    )
    page.reload()
    page.get_by_role("alert").filter(has_text="1 decision that waited").wait_for()
    kept = page.evaluate("Object.keys(localStorage).filter(name => name.startsWith('photobench.waiting.old'))")
    assert kept == ["photobench.waiting.old.2"]  # what is of another workspace goes on waiting for it


def test_a_page_of_other_findings_says_so_once_and_listens_no_more(reviewing: Reviewing, suspects: Path, look) -> None:
    page = look()
    write_findings(reviewing.bench, labels_doubted(suspects.parent / "photos")[:3])
    look()  # somebody opens a page of the new audit
    stale = page.get_by_role("alert").filter(has_text="Reload it")
    stale.wait_for()
    heard = len([url for url in page.asked if "/api/events" in url])
    for _ in range(3):  # a person comes back to the tab
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        page.wait_for_timeout(300)
    assert stale.count() == 1
    assert len([url for url in page.asked if "/api/events" in url]) == heard


def test_one_notice_of_a_kind_takes_the_place_of_the_one_before(look) -> None:
    page = look()
    for text in ("first", "second"):
        say = "text => import('/static/notices.js').then(({ notice }) => { notice(text, { kind: 'test', stays: true }); })"
        page.evaluate(say, text)
    assert page.locator('.notice[data-kind="test"] p').all_inner_texts() == ["second"]


BROKEN = "() => [...document.querySelectorAll('#cells img')].filter(one => one.complete && !one.naturalWidth).length"
THERE = "() => [...document.querySelectorAll('#cells img')].every(one => one.naturalWidth > 1)"


def test_photos_that_could_not_come_come_when_the_server_is_back(reviewing: Reviewing, look) -> None:
    page = look()
    shows(page, "green/person10_0.jpg")
    reviewing.kill()
    page.get_by_role("alert").filter(has_text="does not answer").wait_for()
    page.keyboard.press("End")
    page.locator("#missing").get_by_text("This photo comes as soon as the server is back.").wait_for()
    page.keyboard.press("v")
    page.wait_for_selector("#cells img[data-lost]")
    assert page.evaluate(BROKEN) == 0
    reviewing.open()
    page.context.new_page().goto(reviewing.url)  # the address that was printed lets this page in too
    page.locator("#outage").wait_for(state="hidden")
    page.wait_for_function(THERE)
    page.keyboard.press("v")
    page.wait_for_selector("#missing", state="hidden")
    shows(page, "red/person09_<img src=x onerror=alert(1)>.jpg")


def test_a_killed_server_loses_no_decision(reviewing: Reviewing, look) -> None:
    page = look()
    for key in ("Enter", " ", "Enter"):
        page.keyboard.press(key)
    decisions(reviewing, 3)
    page.wait_for_timeout(1500)  # the next ones are fetched ahead
    reviewing.kill()
    page.keyboard.press("1")
    page.keyboard.press("x")
    page.get_by_role("alert").filter(has_text="2 decisions wait").wait_for()
    shows(page, "green/person11_2.jpg")
    reviewing.open()
    page.get_by_role("alert").filter(has_text="started anew").wait_for()
    page.goto(reviewing.url)  # as a person who opens the address that was printed
    page.wait_for_selector("body[data-ready]")
    assert decisions(reviewing, 5)[3:] == [
        ("green/person11_0.jpg", "label", "red"),
        ("green/person11_1.jpg", "exclude", True),
    ]
