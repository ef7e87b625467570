"""Comparisons where they lie: where, for whom and how sure."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photobench import workflow
from photobench.compare import Slice
from photobench.paired import Gain
from photobench.workflow import open_bench
from tests.conftest import Cli, draw_folder, project_toml
from tests.workflow.runs.conftest import FAST


def test_a_run_and_a_set_are_compared_on_the_photos_that_both_held_out(trained: Path) -> None:
    bench = open_bench(trained)
    comparison = workflow.compare(bench, ["001", "003-test_resnet-2"])
    text = workflow.comparison_text(comparison)
    held = workflow.find_answerer(bench, "001").held_out()
    asked = held.manifest.frame["path"][held.manifest.frame["split"] == held.split]
    assert sorted(comparison.common.manifest.frame["path"]) == sorted(asked)
    assert f"compared are the {len(asked)} that all of them held out" in text


def test_of_two_it_is_told_where_and_for_whom(trained: Path, cli: Cli, tmp_path: Path) -> None:
    page = tmp_path / "pages" / "changed.html"
    done = cli("runs", "compare", "001", "002", "--out", page, "-w", trained)
    assert done.returncode == 0, done.stderr
    assert "times in 100" in done.stdout or "noise" in done.stdout
    assert "Where it changed" in done.stdout
    assert "groups, 002-test_resnet is worse for" in done.stdout
    html = page.read_text()
    comparison = workflow.compare(open_bench(trained), ["001", "002"])
    right = [said.classes() == comparison.common.manifest.classes() for said in comparison.common.said]
    assert html.count('loading="lazy"') == int((right[0] != right[1]).sum())
    assert "<script" not in html and "http" not in html.replace("http-equiv", "")


def test_of_parts_that_changed_by_chance_few_are_shown(trained: Path) -> None:
    comparison = workflow.compare(open_bench(trained), ["001", "002"])
    (other,) = comparison.others

    def shown(*gains: Gain) -> list[str]:
        parts = [Slice("label", f"part {n}", 40, 20, 0.5, 0.5 + gain.value, gain) for n, gain in enumerate(gains)]
        rows = [comparison.first, replace(other, slices=parts)]
        text = workflow.comparison_text(replace(comparison, rows=rows))
        return next(part for part in text.split("\n\n") if part.startswith("Where it changed")).splitlines()[2:]

    noise = [Gain(value / 100, value / 100 - 0.2, value / 100 + 0.2) for value in (-9, -8, -7, -1, 1, 2, 8, 9)]
    *rows, last = shown(*noise)
    assert [re.search(r"part \d", row)[0] for row in rows] == ["part 0", "part 1", "part 7", "part 6"]
    assert (
        last
        == "No part of 8 changed beyond doubt (the intervals of all 8 hold at once); these are the 4 that changed most."
    )
    *rows, last = shown(*noise, Gain(0.05, 0.02, 0.08))
    assert ["part 8" in row for row in rows] == [True]
    assert last == "The part of 9 that changed beyond doubt; the intervals of all 9 hold at once."
    *rows, last = shown(*[Gain(0.05, 0.02, 0.08)] * 15)
    assert len(rows) == 12
    assert (
        last == "Of 15 parts that changed beyond doubt, the 12 that changed most; the intervals of all 15 hold at once."
    )
    *_, last = shown(Gain(0.05))
    assert last == "No part of 1 changed beyond doubt; this is the one that changed most."


def test_who_got_worse_is_counted(trained: Path) -> None:
    comparison = workflow.compare(open_bench(trained), ["001", "002"])
    people = comparison.others[0].people
    assert people is not None
    classes = comparison.common.manifest.classes()
    first, other = (said.classes() == classes for said in comparison.common.said)
    assert people.rows["first"].sum() == first.sum()
    assert people.rows["other"].sum() == other.sum()
    assert people.worse + people.better + people.same == comparison.common.num_groups
    for part in comparison.others[0].slices:
        inside = (comparison.common.manifest.frame["label"] == part.name).to_numpy()
        assert part.num_photos == inside.sum()
        assert part.gain.value == pytest.approx(other[inside].mean() - first[inside].mean())


def test_it_is_told_for_which_looks_as_far_as_they_are_known(tmp_path: Path) -> None:
    """Sizes of files are in the manifest; light is known once something has measured it, and no comparison measures."""
    photos = draw_folder(tmp_path / "photos", people=16)
    (tmp_path / "photobench.toml").write_text(project_toml(photos))
    frozen = [FAST, {"model": {"mode": "frozen"}, "split": {"valid": 0.85}}]
    for classifier in ("linear", "mlp"):
        workflow.train(open_bench(tmp_path, [*frozen, {"probe": {"classifier": classifier}}]))
    bench = open_bench(tmp_path, frozen)
    both = ["001-test_resnet", "002-test_resnet"]
    before = {part.said.reasons[0].kind for part in workflow.compare(bench, both).others[0].slices if part.said}
    assert before == {"low bits per pixel", "high bits per pixel"}
    workflow.slices(bench, both[0])
    comparison = workflow.compare(bench, both)
    parts = {part.said.reasons[0].kind: part for part in comparison.others[0].slices if part.said}
    assert {*before, "high brightness", "low sharpness", "high colour"} <= set(parts)
    bright, manifest = parts["high brightness"], comparison.common.manifest
    limit = bright.said.reasons[0].values["limit"]
    assert (bright.kind, bright.name) == ("all together", f"bright (brightness over {limit:g} of 255)")
    light = [np.asarray(Image.open(manifest.root / path).convert("L")).mean() for path in manifest.frame["path"]]
    assert 20 <= bright.num_photos < len(light) / 3
    assert sorted(light)[-bright.num_photos] == pytest.approx(limit, abs=4), "of the photos as they are packed"


def test_a_photo_whose_label_changed_in_between_is_left_out(own: Path) -> None:
    bench = open_bench(own)
    path = next(own.glob("runs/002-*/manifest.parquet"))
    manifest = workflow.run_manifest(bench, bench.workspace.find_run("002"))
    frame = manifest.frame.copy()
    row = np.flatnonzero(frame["split"] == "valid")[0]
    frame.loc[row, "label"] = "red" if frame.loc[row, "label"] != "red" else "blue"
    path.write_bytes(replace(manifest, frame=frame).to_bytes())
    comparison = workflow.compare(open_bench(own), ["001", "002"])
    assert frame.loc[row, "path"] not in set(comparison.common.manifest.frame["path"])
    assert "1 photo whose label changed between the trainings is left out" in workflow.comparison_text(comparison)
