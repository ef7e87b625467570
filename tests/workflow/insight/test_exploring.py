"""`photobench explore` in a small real workspace: its page, its files, what is kept, and what is said where there is no backbone."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import photobench as pb
from photobench.explore import PhotoMap, Settings, projection
from photobench.workflow import open_bench, prepare
from photobench.workflow.insight import exploring
from photobench.workflow.insight.exploring import settings_of
from photobench.workflow.models.embedding import embeddings_of
from tests.conftest import Cli, Start


@pytest.fixture(autouse=True)
def no_umap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projection, "find_spec", lambda _: None)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A backbone that was not trained here, as a file."""
    import timm
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(3)
    path = tmp_path / "backbone.safetensors"
    save_file(timm.create_model("test_resnet", num_classes=0).state_dict(), path)
    return path


def test_every_figure_is_there_as_picture_and_numbers(workspace: Path, weights: Path) -> None:
    page = pb.open(workspace, **{"model.weights": str(weights)}).explore()
    assert page == workspace / "explore" / "explore.html"
    html = page.read_text(encoding="utf-8")
    links = set(re.findall(r'href="([\w-]+\.(?:png|csv))"', html))
    keys = {"classes", "light", "means", "overlap", "tsne", "pca"}
    assert {f"{key}.{end}" for key in keys for end in ("png", "csv")} <= links
    assert all((page.parent / link).stat().st_size for link in links)
    assert {"examples.png", "examples.csv", "sizes.csv", "groups.csv"} <= {path.name for path in page.parent.iterdir()}
    assert len(pd.read_csv(page.parent / "tsne.csv")) == 54
    first = html[html.index("<main>") :]
    assert first.index("What is unusual here") < first.index('id="map"') < first.index('id="data"')
    assert set(re.findall(r'href="#([\w-]+)"', html)) <= set(re.findall(r'id="([\w-]+)"', html))


def test_what_is_up_to_date_is_not_made_again(workspace: Path, weights: Path) -> None:
    bench = pb.open(workspace, **{"model.weights": str(weights)})
    page = bench.explore()
    kept = {path: path.stat().st_mtime_ns for path in workspace.rglob("*.parquet") if path.name != "manifest.parquet"}
    assert {"map", "statistics"} <= {path.stem.split("-")[0] for path in kept}
    before, bytes_before = page.stat().st_mtime_ns, page.read_bytes()
    assert bench.explore().stat().st_mtime_ns == before
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    page.unlink()
    assert bench.explore().read_bytes() == bytes_before


def test_the_files_of_a_page_belong_to_it_whoever_else_explored_or_was_killed(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, start: Start
) -> None:
    def files() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in (workspace / "explore").iterdir()}

    other = {"model.size_px": 64, "source.group_pattern": ""}
    pb.open(workspace, **other).explore()
    of_other = files()
    pb.open(workspace).explore()
    expected = files()
    assert expected["groups.csv"] != of_other.get("groups.csv")

    def killed(*_: object) -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as before_the_page, pytest.raises(KeyboardInterrupt):
        before_the_page.setattr(exploring, "build_explore_page", killed)
        pb.open(workspace, **other).explore()
    pb.open(workspace).explore()
    assert {name: files()[name] for name in expected} == expected
    sets = [word for name, value in other.items() for word in ("--set", f"{name}={value}")]
    children = [start("explore", "-w", workspace, *more) for more in ([], sets)]
    assert [child.wait() for child in children] == [0, 0]
    pb.open(workspace).explore()
    assert {name: files()[name] for name in expected} == expected


def test_another_folder(workspace: Path, weights: Path, tmp_path: Path) -> None:
    page = pb.open(workspace, **{"model.weights": str(weights)}).explore(out=tmp_path / "elsewhere")
    assert page == tmp_path / "elsewhere" / "explore.html" and (page.parent / "means.png").exists()
    assert not (workspace / "explore").exists()


def test_without_a_backbone_all_else_comes(workspace: Path, cli: Cli) -> None:
    done = cli("explore", "-w", workspace)
    assert done.returncode == 0 and done.stdout.strip().endswith("explore.html")
    assert 'model.weights is "none"' in done.stderr
    html = (workspace / "explore" / "explore.html").read_text(encoding="utf-8")
    assert "There is no map of the photos" in html and 'id="map"' not in html and "<script" not in html
    assert (workspace / "explore" / "light.png").exists()


def test_weights_that_cannot_be_had_are_said(workspace: Path, tmp_path: Path, cli: Cli) -> None:
    done = cli("explore", "-w", workspace, "--set", f"model.weights={tmp_path / 'nowhere.pth'}")
    assert done.returncode == 0 and "There is no weights file" in done.stderr


def test_a_run_serves_where_there_are_no_weights(workspace: Path) -> None:
    bench = pb.open(workspace)
    run = bench.train()
    inner = open_bench(workspace)
    prepared = prepare(inner)
    old = inner.workspace.embeddings / "map.parquet"
    old.parent.mkdir(exist_ok=True)
    old.write_bytes(b"the map of an earlier version")
    found = embeddings_of(inner, prepared)
    assert found is not None and run.name in found.origin.text and found.values_ND.shape[0] == len(prepared.manifest)
    assert (found.learnt_N == (prepared.manifest.frame["split"] == "train")).all()
    html = bench.explore().read_text(encoding="utf-8")
    assert f"the backbone of run {run.name}" in html and not old.exists()
    (kept,) = old.parent.glob("map-*.parquet")
    assert PhotoMap.read(kept).origin == found.origin and found.origin.reasons[0].values == {"name": run.name}
    report = run.report().read_text(encoding="utf-8")
    data = json.loads(re.search(r'id="photo-map-data">(.*?)</script>', report, re.S)[1])  # type: ignore[index]
    answer = next(colour for colour in data["colours"] if colour["name"] == "answer")
    assert set(answer["values"]) <= {"mistake", "right"} and answer["codes"].count(-1) == int(found.learnt_N.sum())
    again = run.report()
    assert again.read_text(encoding="utf-8") == report


def test_embeddings_of_unreadable_photos_are_nan(workspace: Path, photos: Path, weights: Path) -> None:
    (photos / "red" / "person00_9.jpg").write_bytes(b"no photo")
    bench = open_bench(workspace, [{"model": {"weights": str(weights)}}])
    prepared = prepare(bench)
    found = embeddings_of(bench, prepared)
    assert found is not None and not found.learnt_N.any()
    np.testing.assert_array_equal(np.isnan(found.values_ND).any(axis=1), ~prepared.manifest.usable())


def test_the_photos_are_never_written_to(workspace: Path, photos: Path, weights: Path) -> None:
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in photos.rglob("*.jpg")}
    pb.open(workspace, **{"model.weights": str(weights)}).explore()
    assert {
        path: (path.stat().st_mtime_ns, path.read_bytes()) for path in photos.rglob("*") if path.is_file()
    } == before


def test_a_misspelt_backbone_is_refused_not_left_out(workspace: Path, cli: Cli) -> None:
    done = cli("explore", "-w", workspace, "--set", "model.backbone=test_resnt", "--set", "model.weights=pretrained")
    assert done.returncode == 2 and "Nearest: test_resnet" in done.stderr


def test_a_report_shows_the_map_of_its_own_cut_and_backbone(workspace: Path, weights: Path) -> None:
    bench = pb.open(workspace)
    run = bench.train()
    pb.open(workspace, **{"model.weights": str(weights), "pack.fit": "squash"}).explore()
    assert 'id="photo-map-data"' not in run.report().read_text(encoding="utf-8"), "photos that are cut in another way"
    bench.explore()
    own = f"the backbone of run {run.name}"
    assert own in run.report().read_text(encoding="utf-8")
    pb.open(workspace, **{"model.weights": str(weights)}).explore()
    assert own in run.report().read_text(encoding="utf-8"), "not the latest, but that of its backbone"


def test_advice_is_that_of_the_size_which_the_model_sees_and_follows_it(workspace: Path) -> None:
    """The photos are 48 × 40 pixels."""
    enough, less = "Every short side has 32 pixels or more", "a short side below 48 pixels, which is model.size_px"
    assert enough in pb.open(workspace).explore().read_text(encoding="utf-8")
    assert less in pb.open(workspace, **{"model.size_px": 48}).explore().read_text(encoding="utf-8")
    assert enough in pb.open(workspace).report().read_text(encoding="utf-8")
    assert less in pb.open(workspace, **{"model.size_px": 48}).report().read_text(encoding="utf-8")


def test_advice_knows_the_options_of_the_project(workspace: Path) -> None:
    changed = {
        "model": {"mode": "frozen"},
        "train": {"metric": "accuracy", "sampler": "class_root"},
        "augment": {"pipeline": [{"name": "Rotate"}]},
    }
    found = settings_of(open_bench(workspace, [changed]).options)
    assert found == Settings(32, is_frozen=True, preset="", counts_alike=False, favours_rare=True)
    assert settings_of(open_bench(workspace, [{"loss": {"class_weights": "balanced"}}]).options).favours_rare
    assert settings_of(open_bench(workspace, [{"train": {"sampler": "group_balanced"}}]).options).evens_groups
    assert settings_of(open_bench(workspace, [{"recipe": "small-data"}]).options).for_few
