"""The grid of the review page: many photos swept at once, only what is seen in the page, the mistakes of a run."""

from __future__ import annotations

import photobench as pb
from tests.test_report_browser import _luminance, pytestmark  # noqa: F401
from tests.web.asked import decisions
from tests.web.conftest import Reviewing, wait_for


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
    assert (
        page.locator("#least").is_hidden() and page.locator("#facets *").count() == 0
    )  # there is nothing to choose among
    assert page.locator("#progress-words").text_content() == "No audit yet:photobench audit"
    assert page.get_by_role("progressbar").count() == 0
    page.locator("#none-grid").click()
    page.wait_for_selector("#cell-35")
    assert page.locator('label:has(input[value="red"]) .count').inner_text() == "12"
    page.keyboard.press("3")
    assert decisions(reviewing, 1) == [(f"blue/{'person20_0.jpg'}", "label", "blue")]


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
    asked = []
    page.route("**/api/look*", lambda route: asked.append(route))
    page.get_by_role("button", name="Where did the model look?").click()
    page.locator("#peek-look").get_by_text(f"{run.name} is being loaded and asked.").wait_for()
    wait_for(lambda: page.wait_for_timeout(20) or asked, "the question")
    asked[0].continue_()
    page.locator("#peek-look img").nth(1).wait_for(timeout=60_000)
    assert page.locator("#peek-look figcaption").all_inner_texts() == [
        f"What spoke for its answer: label “{said.removeprefix('said: ')}”", f"What spoke for the label: label “{label}”",
    ]  # fmt: skip
    page.keyboard.press("Escape")
    page.unroute("**/api/look*")
    page.route("**/api/look*", lambda route: route.fulfill(status=422, json={"error": "The disk is full."}))
    cell.dblclick()
    page.get_by_role("button", name="Where did the model look?").click()
    page.locator("#peek-look").get_by_role("alert").filter(has_text="The disk is full.").wait_for()
    page.keyboard.press("Escape")
    page.locator("#run").select_option("")
    page.locator("#cells .cell .to").first.wait_for(state="detached")
