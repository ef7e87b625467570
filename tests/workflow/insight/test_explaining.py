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
from tests.conftest import Cli, draw_folder, project_toml

FAST = [{"train": {"epochs": 1, "precision": "fp32"}}]
FOLDS = "001-test_resnet-2-folds"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two folds, each a run, hardly trained, so that much is wrong."""
    root = tmp_path_factory.mktemp("explaining")
    (root / "photobench.toml").write_text(project_toml(draw_folder(root / "photos")))
    workflow.train_folds(open_bench(root, FAST), folds=2)
    return root


def test_a_photo_is_explained_by_a_model_that_did_not_learn_from_it(root: Path) -> None:
    bench = open_bench(root)
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


def test_the_page_shows_the_worst_mistakes_and_what_many_maps_say(root: Path, cli: Cli) -> None:
    done = cli("explain", "-w", root, "--run", FOLDS)
    assert done.returncode == 0, done.stderr
    page = (root / "explain.html").read_text()
    assert done.stdout.strip() == str(root / "explain.html")
    assert f"Where {FOLDS} looks when it is wrong" in page
    assert "Whether the maps may be believed was tried on" in page
    assert re.search(r"label: \d+.% .*of the weight lies in the middle quarter where it is right", page)
    assert 0 < page.count('<div class="tiles">') <= 24
    assert "<script" not in page


def test_named_photos_are_shown_with_what_is_known_of_them(root: Path) -> None:
    bench, out = open_bench(root), root / "named.html"
    first = root / "photos" / "red" / "person00_0.jpg"
    copy = root / "elsewhere.jpg"
    copy.write_bytes(first.read_bytes())
    broken = root / "broken.jpg"
    broken.write_bytes(b"no photo")
    assert workflow.explain(bench, [first, copy, broken], FOLDS, out=out) == out
    page = out.read_text()
    assert page.count('<div class="tiles">') == 2
    assert "has learned from this photo" not in page
    assert not (first.parent / "explain.html").exists()


def test_a_photo_that_the_run_has_learned_from_is_said(root: Path) -> None:
    bench, out = open_bench(root), root / "learned.html"
    frame = run_manifest(bench, bench.workspace.find_run("001")).frame
    learned = frame["path"][frame["split"] == "train"].iloc[0]
    workflow.explain(bench, [root / "photos" / learned], "001", out=out)
    assert "has learned from this photo" in out.read_text()


def test_mistakes_are_told_before_any_work(root: Path, cli: Cli) -> None:
    done = cli("explain", "-w", root, "--out", "page.png")
    assert (done.returncode, done.stdout) == (2, "")
    assert '"page.png" would be written as .png: name a .html file' in done.stderr
    broken = root / "broken.jpg"
    broken.write_bytes(b"no photo")
    with pytest.raises(PhotobenchError, match="1 of 1 photos could not be read"):
        workflow.explain(open_bench(root), [broken], out=root / "none.html")
    assert not (root / "none.html").exists()
    assert cli("slices", "-w", root, "--out", "slices.xlsx").returncode == 2


def test_slices_are_printed_and_written(root: Path, cli: Cli) -> None:
    out = root / "slices.csv"
    done = cli("slices", "-w", root, "--run", FOLDS, "--out", out)
    assert done.returncode == 0, done.stderr
    assert "of 54 photos in 18 groups are answered wrongly" in done.stdout
    assert "kinds of photos that were looked at" in done.stdout
    assert list(pd.read_csv(out))[:3] == ["photos that", "photos", "wrong"]


def test_in_python_and_in_the_report(root: Path) -> None:
    run = pb.open(root).get_run("002")
    assert run.explain(out=root / "python.html").exists()
    assert run.slices().num_photos == len(run_manifest(open_bench(root), run.record).rows("valid"))
    page = run.report().read_text()
    assert 'id="failing"' in page
    assert 'id="looks"' in page
