"""The explore tab in a browser: points that are photos, a line around them that selects, a label for all, sheets, a dropped photo."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import COLOURS, Start, draw_photo
from tests.web.asked import decisions
from tests.web.conftest import Reviewing, wait_for
from tests.web.mapped import draw_map

pytestmark = [pytest.mark.browser]

Look = Callable[..., Any]


@pytest.fixture
def suspects(suspects: Path) -> Path:
    """With what a backbone made of the photos: those of a colour lie together, and the others far away."""
    draw_map(suspects)
    return suspects


def draw_around(page: Any, left: float, top: float, reach: float) -> None:
    """A square line with the pointer."""
    page.mouse.move(left - reach, top - reach)
    page.mouse.down()
    for x, y in ((reach, -reach), (reach, reach), (-reach, reach), (-reach, -reach)):
        page.mouse.move(left + x, top + y, steps=6)
    page.mouse.up()


def test_a_line_around_points_selects_photos_that_are_relabelled_together(look: Look, reviewing: Reviewing) -> None:
    page = look("explore")
    page.wait_for_selector(".legend li")
    assert "a drawn backbone with its pretrained weights" in page.locator(".side").inner_text()
    page.locator("#language").select_option("ko")
    page.get_by_text("기준: 미리 학습된 a drawn backbone (이 라벨들은 모르는 모델).").wait_for()
    page.locator("#language").select_option("en")
    page.get_by_role("button", name="Select all of these: green").click()
    assert "12 photos selected" in page.locator(".selection").inner_text()
    page.keyboard.press("Escape")
    page.locator(".selection").get_by_role("button", name="Clear").click()
    page.get_by_role("button", name="Select all of these: blue").click()
    page.locator(".selection").get_by_role("button", name="red").click()
    wait_for(lambda: len(reviewing.decided()) == 12)
    assert {(d.old, d.new, d.who) for d in reviewing.decided()} == {("blue", "red", "lee")}
    page.locator(".notice").get_by_role("button", name="Undo").click()
    wait_for(lambda: len(reviewing.decided()) == 24)
    page.locator(".selection").get_by_role("button", name="Open as a grid").click()
    page.wait_for_selector("#cells .cell")
    assert page.locator("#cells .cell").count() == 12


def test_the_lasso_and_the_wheel(look: Look) -> None:
    page = look("explore")
    page.wait_for_selector(".legend li")
    box = page.locator(".plane").bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    draw_around(page, *middle, min(box["width"], box["height"]) / 2 - 4)
    assert "36 photos selected" in page.locator(".selection").inner_text()
    page.mouse.click(box["x"] + 8, box["y"] + 8)
    assert "Nothing is selected" in page.locator(".selection").inner_text()
    page.mouse.move(*middle)
    for _ in range(12):
        page.mouse.wheel(0, -400)
    draw_around(page, *middle, min(box["width"], box["height"]) / 2 - 4)
    assert "36 photos" not in page.locator(".selection").inner_text()


ON_SCREEN = """label => Promise.all([import("/static/api.js"), import("/static/store.js")]).then(async ([api, store]) => {
  const { photo, x, y } = await api.get("map", { method: "" }), box = document.querySelector(".plane").getBoundingClientRect();
  const unit = Math.min(box.width, box.height) - 40;
  const of = photo.flatMap((one, i) => (store.labelOf(one, "label") === label ? [i] : []));
  return of.map(i => [box.left + box.width / 2 + (x[i] - 0.5) * unit, box.top + box.height / 2 - (y[i] - 0.5) * unit]);
})"""
"""Where the points of a label are on the screen."""


def test_a_line_around_one_colour_selects_it_and_relabels_it(look: Look, reviewing: Reviewing) -> None:
    page = look("explore")
    page.wait_for_selector(".legend li")
    xs, ys = zip(*page.evaluate(ON_SCREEN, "green"), strict=True)
    reach = max(max(xs) - min(xs), max(ys) - min(ys)) / 2 + 12
    draw_around(page, (max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2, reach)
    assert "12 photos selected" in page.locator(".selection").inner_text()
    page.locator(".selection").get_by_role("button", name="red").click()
    assert {(field, new) for _, field, new in decisions(reviewing, 12)} == {("label", "red")}
    assert {one.photo.partition("/")[0] for one in reviewing.decided()} == {"green"} and len(reviewing.decided()) == 12
    page.locator(".legend li").filter(has_text="red").filter(has_text="24").wait_for()
    assert page.locator(".legend li").filter(has_text="green").count() == 0


def test_numbers_of_the_legend_are_in_the_language_chosen(look: Look) -> None:
    page = look("explore", locale="fa-IR")
    page.wait_for_selector(".legend li")
    assert page.locator(".legend .value .muted").all_inner_texts() == ["12"] * 3


def test_a_browser_without_webgl_is_told_what_lacks(look: Look) -> None:
    page = look()
    page.add_init_script(
        "const get = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...more) { return /webgl/.test(kind) ? null : get.call(this, kind, ...more); };"
    )
    page.reload()
    page.wait_for_selector("body[data-ready]")
    page.locator('.tabs [data-view="explore"]').click()
    page.get_by_text("This browser has no WebGL, which the map needs.").wait_for()
    page.get_by_role("button", name="Class sheets").click()
    assert page.locator(".sheet").count() == 3


PACE = """([first_ms, all_ms, every_ms]) => import('/static/explore/pace.js').then(({ pace }) => {
  const map = pace(), times = [];
  for (let frame = 0; frame < 400; frame++) {
    const took = Math.ceil((first_ms + all_ms * map.share) / every_ms) * every_ms; // a screen shows a picture at fixed times
    map.took(took);
    if (frame >= 100) times.push(took);
  }
  return [1000 * times.length / times.reduce((sum, one) => sum + one, 0), map.share];
})"""


@pytest.mark.parametrize(
    ("first_ms", "all_ms", "least", "most"),
    [(2, 5, 1, 1), (2, 90, 0.2, 0.45), (5, 400, 0.04, 0.1), (30, 0, 1, 1)],
    ids=["a quick machine", "a slow one", "a very slow one", "one that saves power"],
)
def test_as_many_points_move_as_leave_thirty_pictures_a_second(
    look: Look, first_ms: float, all_ms: float, least: float, most: float
) -> None:
    """All of them on a quick machine, and where fewer would not be quicker."""
    per_second, share = look().evaluate(PACE, [first_ms, all_ms, 1000 / 60])
    assert per_second >= 29.9
    assert least <= share <= most


def test_every_class_has_its_sheet(look: Look) -> None:
    page = look("explore")
    page.get_by_role("button", name="Class sheets").click()
    assert page.locator(".sheet h3").all_inner_texts() == ["red", "green", "blue"]
    assert page.locator(".sheet").first.locator("img").count() == 12
    page.locator(".sheet").nth(1).get_by_role("button", name="See all 12").click()
    assert page.locator("#cells .cell").count() == 12


DROPPED = """bytes => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], "new.png", { type: "image/png" }));
  return data;
}"""
COPY = """bytes => navigator.clipboard.write([new ClipboardItem({ "image/png": new Blob([new Uint8Array(bytes)], { type: "image/png" }) })])"""


def test_a_photo_is_dropped_or_pasted(look: Look, trainings: Path, start: Start, tmp_path: Path) -> None:
    """Pasted wherever the focus is, and only while the page asks for one."""
    asked = Reviewing(Path(shutil.copytree(trainings, tmp_path / "asked")), start).open()
    page = look("explore", url=asked.url)
    page.get_by_role("button", name="Ask a model").click()
    answer = page.locator(".answer figcaption").first
    photo = list(draw_photo(tmp_path / "new.png", COLOURS["green"], 3, (50, 40)).read_bytes())
    page.locator(".drop").dispatch_event("dragover", {"dataTransfer": page.evaluate_handle(DROPPED, photo)})
    assert "over" in (page.locator(".drop").get_attribute("class") or "")
    page.locator(".drop").dispatch_event("drop", {"dataTransfer": page.evaluate_handle(DROPPED, photo)})
    answer.filter(has_text="50 × 40").wait_for(timeout=60_000)
    assert page.locator(".answer .told li").count() == 3
    assert "over" not in (page.locator(".drop").get_attribute("class") or "")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    other = list(draw_photo(tmp_path / "other.png", COLOURS["red"], 4, (64, 48)).read_bytes())
    page.evaluate(COPY, other)
    page.get_by_role("button", name="Ask a model").focus()
    page.keyboard.press("Control+v")
    answer.filter(has_text="64 × 48").wait_for(timeout=60_000)
    page.get_by_role("button", name="Class sheets").click()
    before = sum("/classify" in url for url in page.asked)
    page.keyboard.press("Control+v")
    page.wait_for_selector(".sheet")
    assert before == sum("/classify" in url for url in page.asked) == 2
    asked.process.stop()


def test_a_photo_is_asked_of_a_run(look: Look, reviewing: Reviewing, cli: Any, tmp_path: Path) -> None:
    assert cli("train", "-w", reviewing.bench).returncode == 0
    reviewing.kill()
    reviewing.open()
    page = look("explore")
    page.get_by_role("button", name="Ask a model").click()
    photo = draw_photo(tmp_path / "new.png", COLOURS["green"], 3)
    page.locator(".drop input").set_input_files(str(photo))
    page.wait_for_selector(".answer .told li", timeout=60_000)
    assert page.locator(".answer .told li").count() == 3 and page.locator(".answer img").count() == 2
    (tmp_path / "no.png").write_text("<svg onload=alert(1)>")
    page.locator(".drop input").set_input_files(str(tmp_path / "no.png"))
    assert "no photo that can be read" in page.locator(".notice.loud").inner_text(timeout=30_000)
