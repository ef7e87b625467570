"""Names that would be HTML, in a real browser: of a class, a group, a tag and an option. On every tab they are text, and nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from photobench import workflow
from photobench.records import Finding
from photobench.workflow import open_bench
from tests.conftest import COLOURS, Start, draw_photo, project_toml
from tests.test_report_browser import pytestmark  # noqa: F401
from tests.web.conftest import Reviewing
from tests.web.mapped import draw_map
from tests.web.suspects import write_findings

PICTURE = "<img src=x onerror=alert(1)>"
CLASS, GROUP, TAG, OPTION = (f"{name}{PICTURE}" for name in ("class", "group", "tag", "option"))
CLASSES = ("red", CLASS, "blue")
ONCE = {"train": {"epochs": 1, "precision": "fp32"}}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photos with a map, a finding, and two runs."""
    root = tmp_path_factory.mktemp("hostile")
    for number, name in enumerate(CLASSES):
        for photo in range(24):
            colour = list(COLOURS.values())[number]
            draw_photo(
                root / "photos" / name / f"{GROUP}{number}{photo // 3}_{photo % 3}.jpg", colour, number * 100 + photo
            )
    toml = project_toml(root / "photos", CLASSES).replace(r"(person\d+)_", "([^_]+)_")
    (root / "photobench.toml").write_text(toml)
    space = open_bench(root).workspace
    for note, layers in (("", [ONCE]), (OPTION, [ONCE, {"model": {"mode": "frozen"}}])):
        record = workflow.train(open_bench(root, layers))
        train = {**record.config["train"], "note": note}
        space.save_run(replace(record, config={**record.config, "train": train}))
    space.add_tag(record.name, TAG)
    write_findings(root, [doubted(CLASS, f"{GROUP}10_0.jpg", 0.9), doubted("blue", f"{GROUP}20_0.jpg", 0.8)])
    draw_map(root)
    return root


def doubted(given: str, name: str, score: float) -> Finding:
    evidence = f"It is {PICTURE}."
    return Finding("labels", "wrong label", f"{given}/{name}", "label", score, given, "red", "relabel", evidence)


@pytest.fixture
def reviewing(hostile: Path, tmp_path: Path, start: Start) -> Iterator[Reviewing]:
    found = Reviewing(Path(shutil.copytree(hostile, tmp_path / "bench")), start).open()
    yield found
    found.process.stop()


def is_text(page: Any, *where: str) -> None:
    """Each of these says it, and no such picture is anywhere."""
    for selector in where:
        page.locator(selector).filter(has_text=PICTURE).first.wait_for()
    assert page.locator('img[src="x"], [onerror]').count() == 0


def test_html_in_names_is_text_on_every_tab(look) -> None:
    page = look()
    page.on("dialog", lambda dialog: page.said.append(f"a dialog: {dialog.message}"))
    is_text(page, "#sentence", "#path", "#evidence", "#classes", "#facts", "#facets")
    page.locator('.tabs [data-view="explore"]').click()
    is_text(page, "#explore .legend li")
    page.get_by_role("button", name=f"Select all of these: {CLASS}").click()
    is_text(page, "#explore .selection")
    page.locator('.tabs [data-view="runs"]').click()
    is_text(page, "#runs .tag", "#runs .option")
    for name in ("001-test_resnet", "002-test_resnet"):
        page.get_by_label(f"Compare {name}", exact=True).check()
    is_text(page, ".versus-part .details table", ".versus-part .groups button", ".versus-part .tiles")
