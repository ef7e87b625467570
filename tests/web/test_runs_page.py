"""The runs tab in a browser: the table, one run against others, what changed, and a training that goes on."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from photobench.workflow import open_bench
from tests.conftest import Start
from tests.test_report_browser import _luminance, pytestmark  # noqa: F401
from tests.web.conftest import Reviewing
from tests.web.test_page_looks import COLOURS
from tests.web.trainings import FIRST, FOLDS, SECOND

SHOWN = "names => [...document.querySelectorAll('.all-runs tbody .name')].map(one => one.textContent).join() === names"


@pytest.fixture
def reviewing(trainings: Path, tmp_path: Path, start: Start) -> Iterator[Reviewing]:
    found = Reviewing(Path(shutil.copytree(trainings, tmp_path / "bench")), start).open()
    yield found
    found.process.stop()


def shows(page, *names: str) -> None:
    """These runs, in this order."""
    page.wait_for_function(SHOWN, arg=",".join(names))


def measured(page) -> None:
    """The second run is right about every photo, so that it has no interval."""
    page.wait_for_function(
        "() => document.querySelectorAll('.all-runs .bar-of i').length === 2 && document.querySelector('.measure-now').hidden"
    )


def choose(page, *names: str) -> None:
    for name in names:
        page.get_by_label(f"Compare {name}", exact=True).check()


def compared(page, *names: str) -> None:
    page.wait_for_function(
        "names => [...document.querySelectorAll('.versus tbody th')].map(one => one.textContent).join() === names",
        arg=",".join(names),
    )


def test_runs_are_measured_sorted_and_found(look) -> None:
    page = look("runs")
    shows(page, FIRST, SECOND, FOLDS)
    measured(page)
    assert page.locator(".measure-now").is_hidden()
    scores = dict(
        zip(
            page.locator(".all-runs .name").all_inner_texts(),
            page.locator(".all-runs td .value").all_inner_texts(),
            strict=True,
        )
    )
    page.get_by_role("button", name="Macro-F1").press("Enter")
    shows(page, *sorted(scores, key=lambda name: (-float(scores[name]), name)))
    assert page.locator("th.macro_f1").get_attribute("aria-sort") == "descending"
    assert page.evaluate("document.activeElement.textContent").startswith("Macro-F1")  # the table was made anew
    page.get_by_role("button", name="baseline").click()
    shows(page, FIRST)
    page.get_by_role("button", name="baseline").click()
    page.keyboard.press("/")
    page.keyboard.type("frozen")
    shows(page, SECOND)
    assert "model.mode" in page.locator(".all-runs .option").first.inner_text()
    page.get_by_label("Find a run").fill("nothing like it")
    assert page.get_by_text("No run fits this.").is_visible()
    page.get_by_label("Find a run").fill("")
    page.get_by_label("Also 2 runs").check()
    page.wait_for_function("() => document.querySelectorAll('.all-runs tbody tr').length === 5")


def test_one_is_held_against_another(look) -> None:
    page = look("runs")
    measured(page)
    page.get_by_label(f"Compare {FIRST}", exact=True).focus()
    page.keyboard.press("Space")
    assert "is the reference" in page.locator(".tray").inner_text()
    assert page.evaluate("document.activeElement.checked") is True
    choose(page, SECOND)
    compared(page, FIRST, SECOND)
    page.get_by_role("button", name="Show the comparison").click()
    assert re.search("noise|better than|worse than", page.locator(".versus-part h2").inner_text())
    assert "Training took" in page.locator(".details").inner_text()
    assert "Of 6 groups" in page.locator(".details").inner_text()
    page.wait_for_function("() => location.hash.includes('compare=')")
    page.reload()
    compared(page, FIRST, SECOND)
    page.get_by_label("against").select_option(SECOND)
    compared(page, SECOND, FIRST)
    page.get_by_role("button", name="Clear", exact=True).click()
    page.wait_for_function("() => !document.querySelector('.versus-part').hasChildNodes()")
    page.wait_for_function("() => !location.hash.includes('compare=')")


def test_several_are_told_one_by_one(look) -> None:
    page = look("runs")
    measured(page)
    choose(page, FIRST, SECOND, FOLDS)
    compared(page, FIRST, SECOND, FOLDS)
    assert page.get_by_text("until all of them hold at once").is_visible()
    page.get_by_role("group", name="Details of").get_by_role("button", name=FOLDS).click()
    assert page.get_by_role("heading", name=f"{FOLDS} beside {FIRST}").is_visible()
    assert page.evaluate("document.activeElement.textContent") == FOLDS


def test_a_photo_that_changed_and_the_mistakes_of_a_run_are_shown(look) -> None:
    page = look("runs")
    measured(page)
    choose(page, FIRST, SECOND)
    tile = page.locator(".versus-part .tiles button").first
    tile.click()
    page.wait_for_function(
        "path => document.querySelector('#peek-path').textContent === path", arg=tile.get_attribute("title")
    )
    page.keyboard.press("Escape")
    page.locator(".groups button").first.click()
    page.wait_for_selector("#cells .cell")
    page.locator('.tabs [data-view="runs"]').click()
    page.get_by_role("button", name=f"The mistakes of {FIRST}").click()
    page.wait_for_selector("#cells .cell")
    assert page.locator("#run").input_value() == FIRST
    assert "said:" in page.locator("#cells .cell").first.inner_text()


def test_a_training_that_goes_on_is_followed(look, reviewing: Reviewing, start: Start) -> None:
    page = look("runs")
    measured(page)
    training = start("train", "-w", reviewing.bench, "--set", "train.epochs=5000", "--set", "train.patience=5000")
    page.wait_for_selector(".all-runs tr.running", timeout=60_000)
    page.wait_for_function(
        "() => / (?:[3-9]|\\d[\\d,]+) of 5,?000/.test(document.querySelector('tr.running .marks')?.textContent)",
        timeout=60_000,
    )
    assert page.locator(".running input").is_disabled() and page.locator(".running .hollow").count() == 1
    training.kill()
    training.wait()
    page.wait_for_selector(".mark.stopped")
    assert page.locator("tr.running").count() == 0


def test_what_cannot_be_compared_is_said_on_the_page(look, reviewing: Reviewing) -> None:
    (reviewing.bench / "runs" / SECOND / "manifest.parquet").unlink()
    page = look("runs")
    shows(page, FIRST, SECOND, FOLDS)
    choose(page, FIRST, SECOND)
    page.wait_for_selector(".versus-part [role=alert]")
    assert "manifest.parquet" in page.locator(".versus-part [role=alert]").inner_text()
    page.said.clear()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_legible_and_fits_every_screen(look, theme: str) -> None:
    page = look(f"runs&compare={FIRST},{SECOND},{FOLDS}", color_scheme=theme)
    measured(page)
    compared(page, FIRST, SECOND, FOLDS)
    for selector in (
        ".all-runs .ends",
        ".chosen .ends",
        ".mark.reference",
        ".mark.tag",
        ".versus .mark",
        ".tiles .wrong",
        ".tiles .right",
        ".groups button",
        ".option",
    ):
        text, back = page.evaluate(COLOURS, selector)
        lighter, darker = sorted((_luminance(text), _luminance(back)), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, selector
    for width in (360, 768, 1280, 2560, 3840):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width
        assert page.evaluate("document.body.scrollHeight") <= 800, width


def test_it_speaks_korean(look) -> None:
    page = look(f"runs&compare={FIRST},{SECOND}", locale="ko-KR")
    compared(page, FIRST, SECOND)
    told = page.locator("#runs").inner_text()
    assert "undefined" not in told and "NaN" not in told
    for english in ("Macro-F1 of", "photos", "noise", "groups", "Training took", "interval", "right"):
        assert english not in told, english
    page.locator("#language").select_option("en")
    page.get_by_text("Where it changed").wait_for()


def test_what_a_comparison_leaves_out_and_why_there_is_none_is_korean_too(look, reviewing: Reviewing) -> None:
    with open_bench(reviewing.bench).workspace.lock("photobench train"):
        page = look(f"runs&compare={FIRST},{FOLDS}", locale="ko-KR")
        compared(page, FIRST, FOLDS)
        assert "모두가 학습하지 않은" in page.locator(".versus-part h2 + p").inner_text()
    page.goto(f"{reviewing.url}#view=runs&compare={FIRST},{FIRST}")
    page.reload()
    page.locator(".versus-part [role=alert]").filter(has_text=f"{FIRST}이(가) 두 번 있습니다").wait_for()
    page.said.clear()  # what was refused


def test_both_languages_of_a_tab_say_the_same_things(look) -> None:
    page = look()
    lacking = """tab => import(`/static/${tab}/words.js`).then(({ TABLES: { en, ko } }) => Object.keys(en).filter(key => !(key in ko)))"""
    for tab in ("runs", "explore"):
        assert page.evaluate(lacking, tab) == [], tab
