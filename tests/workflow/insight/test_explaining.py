"""Where a model looks and where it fails, as a person asks for it: page, report, command line, Python."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import photobench as pb
from photobench import workflow
from photobench.errors import PhotobenchError
from photobench.workflow import find_answerer, looks_of, open_bench
from photobench.workflow.models.asking import run_manifest
from tests.conftest import Cli
from tests.workflow.conftest import FOLDS


def test_a_photo_is_explained_by_a_model_that_did_not_learn_from_it(two_folds: Path) -> None:
    bench = open_bench(two_folds)
    answerer = find_answerer(bench, FOLDS)
    held = answerer.held_out()
    paths = held.predictions.paths[::5]
    found = looks_of(bench, answerer, held, paths)
    assert [one.path for one in found] == paths
    assert {one.run for one in found} == {"001-test_resnet", "002-test_resnet"}
    said = dict(zip(held.predictions.paths, held.predictions.joint_NK, strict=True))
    for one in found:
        frame = run_manifest(bench, bench.workspace.find_run(one.run)).frame.set_index("path")
        assert frame.loc[one.path, "split"] == "valid"
        (look,) = one.looks
        assert look.truth == one.path.split("/")[0]
        np.testing.assert_allclose(list(look.probabilities.values()), said[one.path], atol=1e-4)
        assert (look.truth_hw is not None) == (look.said != look.truth)
        assert np.isnan(look.inside) or 0 <= look.inside <= 1


def test_the_page_shows_the_worst_mistakes_and_what_many_maps_say(two_folds: Path, cli: Cli) -> None:
    done = cli("explain", "-w", two_folds, "--run", FOLDS)
    assert done.returncode == 0, done.stderr
    page = (two_folds / "explain.html").read_text()
    assert done.stdout.strip() == str(two_folds / "explain.html")
    assert re.search(
        rf"explain: the \d+ worst mistakes of {FOLDS} among its held-out photos; maps by gradient × activation",
        done.stderr,
    )
    even = "an even spread would leave 75 % there."
    assert re.search(
        rf"explain: label: of what speaks for the answer \d+ % lies outside the middle quarter where it is right \(\d+ photos\), and \d+ % where .*{even}",
        done.stderr,
    )
    assert f"Where {FOLDS} looks when it is wrong" in page
    assert "Whether the maps may be believed was tried on" in page
    assert re.search(r"label: \d+.% .*of the weight lies in the middle quarter where it is right", page)
    assert 0 < page.count('<div class="tiles">') <= 24
    assert "<script" not in page


def test_named_photos_are_shown_with_what_is_known_of_them(two_folds: Path) -> None:
    bench, out = open_bench(two_folds), two_folds / "named.html"
    first = two_folds / "photos" / "red" / "person00_0.jpg"
    copy = two_folds / "elsewhere.jpg"
    copy.write_bytes(first.read_bytes())
    broken = two_folds / "broken.jpg"
    broken.write_bytes(b"no photo")
    assert workflow.explain(bench, [first, copy, broken], FOLDS, out=out) == out
    page = out.read_text()
    assert page.count('<div class="tiles">') == 2
    assert "has learned from this photo" not in page
    assert not (first.parent / "explain.html").exists()


def test_a_photo_that_the_run_has_learned_from_is_said(two_folds: Path) -> None:
    bench, out = open_bench(two_folds), two_folds / "learned.html"
    frame = run_manifest(bench, bench.workspace.find_run("001-test_resnet")).frame
    learned = frame["path"][frame["split"] == "train"].iloc[0]
    workflow.explain(bench, [two_folds / "photos" / learned], "001-test_resnet", out=out)
    assert "has learned from this photo" in out.read_text()


def test_mistakes_are_told_before_any_work(two_folds: Path, cli: Cli) -> None:
    done = cli("explain", "-w", two_folds, "--out", "page.png")
    assert (done.returncode, done.stdout) == (2, "")
    assert '"page.png" would be written as .png: name a .html file' in done.stderr
    broken = two_folds / "broken.jpg"
    broken.write_bytes(b"no photo")
    with pytest.raises(PhotobenchError, match="1 of 1 photos could not be read"):
        workflow.explain(open_bench(two_folds), [broken], out=two_folds / "none.html")
    assert not (two_folds / "none.html").exists()
    assert cli("slices", "-w", two_folds, "--out", "slices.xlsx").returncode == 2


def test_slices_are_printed_and_written(two_folds: Path, cli: Cli) -> None:
    out = two_folds / "slices.csv"
    done = cli("slices", "-w", two_folds, "--run", FOLDS, "--out", out)
    assert done.returncode == 0, done.stderr
    asked = find_answerer(open_bench(two_folds), FOLDS).evaluations()["out of fold"]
    assert f"of {asked.num_photos} photos in {asked.num_groups} groups are answered wrongly" in done.stdout
    assert "kinds of photos that were looked at" in done.stdout
    assert list(pd.read_csv(out))[:3] == ["photos that", "photos", "wrong"]


def test_in_python_and_in_the_report(two_folds: Path) -> None:
    run = pb.open(two_folds).get_run("002")
    assert run.explain(out=two_folds / "python.html").exists()
    assert run.slices().num_photos == len(run_manifest(open_bench(two_folds), run.record).rows("valid"))
    page = run.report().read_text()
    assert 'id="failing"' in page
    assert 'id="looks"' in page
