"""What the queue shows under its filters, and in which order, against what the findings themselves say."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import Start
from tests.test_report_browser import pytestmark  # noqa: F401
from tests.web.asked import shows
from tests.web.conftest import Reviewing
from tests.web.labelled import labels_of, make_labelled, suspected


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_labelled(tmp_path_factory.mktemp("labelled"))


@pytest.fixture
def found(labelled: Path) -> pd.DataFrame:
    """A row per finding, with the split of its photo."""
    table = labels_of(labelled.parent / "photos")
    return pd.DataFrame([vars(one) for one in suspected(table)]).merge(table[["path", "split"]], on="path")


@pytest.fixture
def reviewing(labelled: Path, tmp_path: Path, start: Start) -> Iterator[Reviewing]:
    opened = Reviewing(Path(shutil.copytree(labelled, tmp_path / "bench")), start).open()
    yield opened
    opened.process.stop()


def goes_through(page, wanted: pd.DataFrame) -> list[str]:
    """The queue is these findings in this order, to its end. Returns the paths that were seen."""
    seen = []
    page.wait_for_function(
        "num => document.querySelector('#place').textContent.endsWith(` of ${num}`)", arg=len(wanted), timeout=5000
    )
    page.evaluate("document.activeElement.blur()")  # to a field the next key is its own
    page.keyboard.press("Home")
    for place, (path, attribute) in enumerate(zip(wanted["path"], wanted["attribute"], strict=True)):
        page.wait_for_function(
            "place => document.querySelector('#place').textContent === place", arg=f"{place + 1} of {len(wanted)}"
        )
        shows(page, path)
        sentence = page.locator("#sentence").inner_text()
        assert sentence.startswith(f"The {attribute} is "), (path, sentence)
        seen.append(path)
        page.keyboard.press("ArrowRight")
    return seen


def tick(page, name: str, value: str) -> None:
    page.locator(f'input[name="{name}"][value="{value}"]').check()


def counts(page, name: str) -> dict[str, int]:
    """The number beside each choice of a filter."""
    boxes = page.locator(f'#facets label:has(input[name="{name}"])').all()
    return {box.locator("input").input_value(): int(box.locator(".count").inner_text()) for box in boxes}


def test_an_attribute_and_a_split(look, found: pd.DataFrame) -> None:
    page = look()
    page.wait_for_function("() => document.querySelector('#place').textContent === '1 of 36'")
    assert counts(page, "attribute") == {"label": 24, "size": 12}
    assert counts(page, "split") == {"train": 18, "valid": 9, "test": 9}
    assert set(counts(page, "given")) == {"green", "blue", "large", "small"}
    tick(page, "attribute", "size")
    goes_through(page, found.query("attribute == 'size'"))
    assert set(counts(page, "given")) == {"large", "small"}
    assert counts(page, "split") == {"train": 6, "valid": 3, "test": 3}
    tick(page, "split", "valid")
    goes_through(page, found.query("attribute == 'size' and split == 'valid'"))
    assert counts(page, "attribute") == {"label": 6, "size": 3}
    tick(page, "split", "test")
    goes_through(page, found.query("attribute == 'size' and split != 'train'"))
    page.locator("#clear").click()
    page.wait_for_function("() => document.querySelector('#place').textContent.endsWith('of 36')")


def test_a_score_is_the_least(look, found: pd.DataFrame) -> None:
    page = look()
    page.locator("#least").fill("80")
    goes_through(page, found.query("score >= 0.8"))
    assert page.locator("#least-shown").inner_text() == "≥ 80%"
    page.locator("#least").press("ArrowRight")
    goes_through(page, found.query("score >= 0.81"))
    page.locator("#least").fill("99")
    goes_through(page, found.head(1))


@pytest.mark.parametrize(
    ("sort", "by"),
    [("unsure", ["score"]), ("label", ["code"]), ("group", ["person"]), ("photo", ["path"])],
)  # fmt: skip
def test_an_order(look, found: pd.DataFrame, sort: str, by: list[str]) -> None:
    """Those that are alike in it come with the most suspicious first."""
    page = look()
    before = goes_through(page, found.head(36))
    page.locator("#sort").select_option(sort)
    code = {"green": 1, "blue": 2, "large": 3, "small": 4}
    wanted = found.assign(code=found["given"].map(code), person=found["path"].str.partition("_")[0])
    after = goes_through(page, wanted.sort_values(by, kind="stable"))
    assert after != before and sorted(after) == sorted(before)


PLACES = """() => Object.fromEntries([...document.querySelectorAll('#grid-tools select, #grid-tools > button, #cell-size, #selected, #cells')]
  .map(one => [one.id || one.dataset.do, one]).filter(([, one]) => one.checkVisibility({ checkVisibilityCSS: true }))
  .map(([name, one]) => { const { x, y, width, height } = one.getBoundingClientRect(); return [name, [x, y, width, height].map(Math.round).join()]; }))"""


@pytest.mark.parametrize("width", [360, 900, 1280])
def test_no_tool_of_the_grid_moves(look, width: int) -> None:
    """Whatever is selected, and whether classes can be chosen for it."""
    page = look("grid", viewport={"width": width, "height": 800})
    page.wait_for_selector("#cell-0")
    before = page.evaluate(PLACES)
    assert {"of", "grid-accept", "keep", "exclude", "grid-group", "undo", "cell-size", "selected", "cells"} <= set(
        before
    )
    page.wait_for_selector("#grid-classes button")
    page.keyboard.press("Control+a")  # findings about two labels
    page.get_by_text("No one label is in question").wait_for()
    assert page.evaluate(PLACES) == before
    page.locator("#of").select_option("photos")
    page.wait_for_selector("#grid-classes button")
    colour = page.evaluate(PLACES)
    assert {name: colour[name] for name in before} == before and page.locator("#grid-accept").is_disabled()
