"""What a session came to: what changed by class, how many wrong labels are probably left, and whether it was worth it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from photobench.audit.remaining import wrong_left
from tests.test_report_browser import pytestmark  # noqa: F401
from tests.web.asked import decisions
from tests.web.conftest import Reviewing
from tests.web.suspects import labels_doubted

ROWS = (
    "() => [...document.querySelectorAll('#changes-rows tr')].map(row => [...row.cells].map(cell => cell.textContent))"
)


def press(page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def changed(page, *rows: list[str]) -> None:
    """The table holds these rows and no other ones."""
    page.wait_for_function(f"rows => JSON.stringify(({ROWS})().sort()) === JSON.stringify(rows)", arg=sorted(rows))


def test_what_changed_is_counted_by_class_and_follows(reviewing: Reviewing, look) -> None:
    page = look()
    press(page, "Enter", "Enter", " ", "1", "x")
    decisions(reviewing, 5)
    page.locator('.tabs [data-view="changes"]').click()
    changed(page, ["label", "green", "blue", "2"], ["label", "green", "red", "1"], ["photo", "–", "left out", "1"])
    assert page.locator("#changes-title").inner_text() == "4 labels and photos differ from the source"
    assert page.locator("#latest .path").all_inner_texts() == [
        f"green/person1{place // 3}_{place % 3}.jpg" for place in reversed(range(5))
    ]
    page.locator("#latest tr").nth(1).get_by_role("button", name="Undo").click()  # the key before the last: 1
    changed(page, ["label", "green", "blue", "2"], ["photo", "–", "left out", "1"])
    assert page.locator("#changes-title").inner_text() == "3 labels and photos differ from the source"
    page.reload()
    page.wait_for_selector("body[data-ready]")
    page.locator("#since").select_option("now")
    page.get_by_text("Nothing is changed so far").wait_for()
    assert page.locator("#changes-rows tr").count() == 0
    page.locator("#since").select_option("all")
    changed(page, ["label", "green", "blue", "2"], ["photo", "–", "left out", "1"])


def test_how_many_wrong_labels_are_left_is_told_after_twenty(reviewing: Reviewing, suspects: Path, look) -> None:
    page = look()
    page.locator('input[name="check"][value="labels"]').check()
    keys = ["Enter"] * 8 + [" ", "Enter"] * 6
    press(page, *keys[:19])
    decisions(reviewing, 19)
    page.wait_for_function("() => document.querySelector('#progress-words').textContent.includes('accepted')")
    assert "still wrong" not in page.locator("#progress-words").inner_text()  # too few to tell
    press(page, keys[19])
    decisions(reviewing, 20)
    found = labels_doubted(suspects.parent / "photos")
    scores, groups = np.array([one.score for one in found]), np.arange(len(found)) // 3
    reviewed, wrong = np.arange(len(found)) < 20, np.array([key == "Enter" for key in keys] + [False] * 4)
    left = wrong_left(scores, reviewed, wrong, groups)
    assert left is not None and 0 < left.wrong < 4
    page.get_by_text(f"≈ {left.wrong} still wrong in the rest ({left.low} – {left.high})").wait_for()
    page.locator('.tabs [data-view="changes"]').click()
    card = page.locator("#changes-cards li").filter(has_text="Still wrong in the rest")
    card.wait_for()
    assert card.inner_text().splitlines()[1:] == [f"≈ {left.wrong}", f"{left.low} – {left.high}"]


def test_retrain_and_compare_ends_with_its_result(reviewing: Reviewing, look) -> None:
    page = look()
    press(page, "g", "Enter")
    decisions(reviewing, 3)
    page.locator('.tabs [data-view="changes"]').click()
    page.locator("#what-if").click()
    page.locator("#result:not(:empty)").wait_for(timeout=120_000)
    said = page.locator("#result").inner_text()
    assert said.startswith("With the 3 decisions macro-F1 is ")
    assert "measured on 33 photos that none of them touched; 2 × 2 trainings" in said
    page.wait_for_selector("#what-if:not([disabled])")
    assert page.locator("#what-if-stop").is_hidden()
    page.reload()  # whoever comes back later finds it too
    page.wait_for_selector("body[data-ready]")
    page.locator("#result").filter(has_text=said).wait_for()
