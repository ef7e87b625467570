"""The explore tab in a browser: points that are photos, a line around them that selects, a label for all, sheets, a dropped photo."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import COLOURS, draw_photo
from tests.web.conftest import Reviewing, wait_for
from tests.web.suspects import draw_map

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
    page.locator(".notices").get_by_role("button", name="Undo").click()
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
