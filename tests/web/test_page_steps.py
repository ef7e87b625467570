"""What a step of the queue changes, and what follows a picture later: the counts, the photos beside it, the size in which photos come."""

from __future__ import annotations

from photobench.records import Manifest
from photobench.workspace import Workspace
from tests.test_report_browser import pytestmark  # noqa: F401
from tests.web.asked import decisions, shows
from tests.web.conftest import Reviewing, wait_for

COUNTS = """() => Object.fromEntries([...document.querySelectorAll('#facets .count')]
  .map(one => [`${one.dataset.facet} ${one.dataset.code}`, one.textContent]))"""
BESIDE = """photos => {
  const beside = [...document.querySelectorAll('#fellows button')].map(one => Number(one.dataset.photo));
  return beside.length === photos.length && beside.every(one => photos.includes(one));
}"""


def rows_of(reviewing: Reviewing) -> dict[str, int]:
    """The number of every photo."""
    manifest = Manifest.read(Workspace(reviewing.bench).manifest_file)
    return {path: row for row, path in enumerate(manifest.frame["path"])}


def test_counts_that_followed_every_decision_are_those_of_a_count_anew(reviewing: Reviewing, look) -> None:
    page = look()
    page.locator('input[name="given"][value="blue"]').check()
    shows(page, "blue/person20_0.jpg")
    for keys, num in (("Enter", " ", "x", "g", "Enter"), 6), (("u",), 9), (("2",), 10):
        for key in keys:
            page.keyboard.press(key)
        decisions(reviewing, num)
    page.wait_for_function("() => document.querySelector('#progress-words').textContent.startsWith('4 reviewed')")
    followed = page.evaluate(COUNTS)
    assert (followed["status 0"], followed["status 1"]) == ("8", "4")
    page.reload()
    page.wait_for_selector("body[data-ready]")
    assert page.evaluate(COUNTS) == followed


def test_the_photos_beside_follow_the_photo(reviewing: Reviewing, look) -> None:
    rows = rows_of(reviewing)
    page = look()
    for key, path in (
        (" ", "green/person10_1.jpg"),
        (" ", "green/person10_2.jpg"),
        ("ArrowRight", "green/person11_0.jpg"),
        ("ArrowLeft", "green/person10_2.jpg"),
    ):
        page.keyboard.press(key)
        shows(page, path)
        group, _, _ = path.rpartition("_")
        fellows = [row for other, row in rows.items() if other.startswith(group) and other != path]
        page.wait_for_function(BESIDE, arg=fellows)
        assert page.locator("#fellows-count").inner_text().strip() == "2"
    assert decisions(reviewing, 2) == [(f"green/person10_{n}.jpg", "label", "green") for n in range(2)]


def test_a_photo_comes_as_large_as_it_is_seen(look) -> None:
    page = look(viewport={"width": 1280, "height": 800})
    page.wait_for_selector("#picture img")
    assert {url.rpartition("/")[2] for url in page.asked if "/full" in url} == {"full-640.webp"}
    page.set_viewport_size({"width": 2560, "height": 1440})
    wait_for(lambda: page.evaluate("1") and any(url.endswith("/full-1600.webp") for url in page.asked), "a larger one")
    assert page.locator("#picture img").count() == 1
    page.keyboard.press("ArrowRight")
    shows(page, "green/person10_1.jpg")
    page.wait_for_function("() => document.querySelector('#picture img')?.alt === 'green/person10_1.jpg'")


def test_the_box_and_what_is_cut_out_follow_the_photo(reviewing: Reviewing, look) -> None:
    reviewing.kill()
    with (reviewing.bench / "photobench.toml").open("a") as file:
        file.write('\n[crop]\nmethod = "center"\n')
    reviewing.open()
    page = look()
    for key, path in (
        ("Home", "green/person10_0.jpg"),
        ("ArrowRight", "green/person10_1.jpg"),
        ("ArrowLeft", "green/person10_0.jpg"),
    ):
        page.keyboard.press(key)
        shows(page, path)
        row = rows_of(reviewing)[path]
        page.wait_for_selector("#box:visible")
        assert page.locator("#cut img").get_attribute("src").split("/")[3] == str(row)
    page.keyboard.press("z")
    page.wait_for_selector("#box", state="hidden")
    page.keyboard.press("z")
    page.wait_for_selector("#box:visible")
