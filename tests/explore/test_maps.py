"""Maps of photos: neighbours, agreement with labels, what splits look like, and the file that keeps it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from photobench.explore import Figure, PhotoMap, Seen, Settings, figures, projection
from photobench.explore.comparisons import agreement, rows_on, told_apart
from photobench.explore.projection import photo_map
from photobench.records import Manifest, Said
from tests.explore.test_figures import make_manifest


@pytest.fixture(autouse=True)
def no_umap(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is compiled at its first use, which takes longer than all these tests."""
    monkeypatch.setattr(projection, "find_spec", lambda _: None)


def manifest_of(num_each: int = 60) -> Manifest:
    manifest = make_manifest((num_each,) * 4)
    return manifest.with_columns(sha256=[f"{row:064d}" for row in range(len(manifest))])


def values_of(manifest: Manifest) -> np.ndarray:
    """Features that tell the mask and not the age."""
    noise_ND = np.random.default_rng(0).normal(0, 0.3, (len(manifest), 16)).astype(np.float32)
    noise_ND[:, 0] += np.where(manifest.frame["mask"] == "worn", 3, -3)
    return noise_ND


def map_of(manifest: Manifest, values_ND: np.ndarray, learnt: bool = False) -> PhotoMap:
    return photo_map(
        manifest.frame[["path", "sha256"]].assign(learnt=learnt), values_ND, Said("a backbone of the tests")
    )


def test_what_is_alike_lies_together_on_every_map() -> None:
    manifest = manifest_of()
    found = map_of(manifest, values_of(manifest))
    worn = (manifest.frame["mask"] == "worn").to_numpy()
    assert found.methods == ["tsne", "pca"] and sum(found.explained_C) == pytest.approx(1, abs=1e-6)
    for method in found.methods:
        places_N2 = found.places(method)
        one, other = places_N2[worn], places_N2[~worn]
        between = np.linalg.norm(one.mean(axis=0) - other.mean(axis=0))
        assert between > one.std() and places_N2.shape == (240, 2)
    near_Nk = found.near()
    assert near_Nk.shape == (240, 50) and (near_Nk != np.arange(240)[:, None]).all()
    assert (worn[near_Nk] == worn[:, None]).mean() > 0.95


def test_overlap_is_told_by_label() -> None:
    manifest = manifest_of()
    table = agreement(map_of(manifest, values_of(manifest)), manifest).set_index(["attribute", "value"])
    assert table.loc["mask", "apart"].min() > 0.95 and table.loc["age", "apart"].abs().max() < 0.2
    assert table.loc[("age", "young"), "mixed_with"] == "old"
    figure = {
        f.key: f for f in figures(manifest, Seen(empty_statistics(manifest), map=map_of(manifest, values_of(manifest))))
    }["overlap"]
    assert len(figure.unusual) == 1 and "age overlaps here" in figure.unusual[0] and "mask (apart)" in figure.words


def empty_statistics(manifest: Manifest) -> pd.DataFrame:
    columns = dict.fromkeys(("brightness", "contrast", "sharpness", "colour"), np.nan)
    return manifest.frame[["path"]].assign(**columns)


def test_copies_and_photos_of_the_same_subject_do_not_count() -> None:
    """Else every label would look well separated by photos that are nearly the same."""
    manifest = manifest_of()
    values_ND = np.random.default_rng(0).normal(size=(240, 16)).astype(np.float32)
    values_ND = values_ND[np.arange(240) // 4 * 4]  # the four photos of a subject are alike
    table = agreement(map_of(manifest, values_ND), manifest)
    assert table["apart"].max() < 0.1
    apart = manifest.with_columns(group=[f"p{row}" for row in range(240)])
    assert agreement(map_of(apart, values_ND), apart)["apart"].max() > 0.2


def test_photos_whose_label_was_learnt_are_not_asked() -> None:
    manifest = manifest_of()
    assert agreement(map_of(manifest, values_of(manifest), learnt=True), manifest).empty


def test_splits_that_look_different_are_told_apart() -> None:
    manifest = manifest_of()
    values_ND = values_of(manifest)
    assert abs(told_apart(map_of(manifest, values_ND), manifest)["valid"] - 0.5) < 0.2
    values_ND[(manifest.frame["split"] == "valid").to_numpy(), 1] += 2
    assert told_apart(map_of(manifest, values_ND), manifest)["valid"] > 0.9


def test_photos_that_are_gone_or_changed_leave_the_map() -> None:
    manifest = manifest_of()
    found = map_of(manifest, values_of(manifest))
    frame = manifest.frame.drop(index=range(10)).reset_index(drop=True)
    frame.loc[0, "sha256"] = "f" * 64
    rows = rows_on(found, replace(manifest, frame=frame))
    assert (rows[:11] == -1).all() and (rows[11:] == np.arange(1, 230)).all()


def test_a_map_is_read_as_it_was_written(tmp_path: Path) -> None:
    manifest = manifest_of(20)
    found = map_of(manifest, values_of(manifest))
    (tmp_path / "map.parquet").write_bytes(found.to_bytes())
    read = PhotoMap.read(tmp_path / "map.parquet")
    assert read.explained_C == found.explained_C and read.methods == found.methods and read.origin == found.origin
    np.testing.assert_array_equal(read.near(), found.near())
    np.testing.assert_array_equal(read.places("tsne"), found.places("tsne"))


@pytest.mark.parametrize("same", [False, True])
def test_few_photos_and_photos_that_are_all_the_same(same: bool) -> None:
    manifest = manifest_of(2)
    values_ND = np.ones((8, 16), np.float32) if same else values_of(manifest)
    found = map_of(manifest, values_ND)
    assert np.isfinite(found.places("tsne")).all() and np.isfinite(found.places("pca")).all()


def test_more_photos_than_a_map_holds_are_drawn_by_lot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projection, "MAX_PHOTOS", 10)
    rows = projection.sample(np.arange(100))
    assert len(rows) == 10 and (np.diff(rows) > 0).all() and (rows == projection.sample(np.arange(100))).all()


@pytest.mark.parametrize(
    ("settings", "remedy"),
    [
        (Settings(), "has learnt: a model.size_px above 224."),
        (Settings(size_px=384), "has learnt."),
        (Settings(is_frozen=True), 'has learnt: model.mode = "finetune", a model.size_px above 224.'),
        (Settings(is_frozen=True, size_px=384), 'has learnt: model.mode = "finetune".'),
    ],
)
def test_a_backbone_that_learns_is_not_told_to_nor_is_a_photo_enlarged(settings: Settings, remedy: str) -> None:
    assert overlap_of(manifest_of(), settings).unusual[0].endswith(remedy)  # of photos of 384 × 512 pixels


def test_a_part_that_is_cut_out_is_not_enlarged_either() -> None:
    corners = {"box_x1": 0.0, "box_y1": 0.0, "box_x2": 0.5, "box_y2": 0.5, "box_angle": 0.0, "box_how": "given"}
    assert "model.size_px" not in overlap_of(manifest_of().with_columns(**corners), Settings()).unusual[0]


def overlap_of(manifest: Manifest, settings: Settings) -> Figure:
    seen = Seen(empty_statistics(manifest), map=map_of(manifest, values_of(manifest)))
    return next(figure for figure in figures(manifest, seen, settings) if figure.key == "overlap")
