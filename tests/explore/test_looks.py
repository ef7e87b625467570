"""What photos look like: measures with known answers, differences between labels and splits, mean images."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest

from photobench.explore import Seen, figures
from photobench.explore.averages import class_means
from photobench.explore.comparisons import labelled_statistics, split_differences
from photobench.explore.statistics import MEASURES, photo_statistics
from tests.explore.test_figures import make_manifest


def squares(num: int, side_px: int = 32) -> np.ndarray:
    return np.random.default_rng(0).integers(60, 190, (num, side_px, side_px, 3)).astype(np.uint8)


def seen_of(manifest, pixels: np.ndarray) -> Seen:
    statistics = photo_statistics(pixels, manifest.usable())
    statistics.insert(0, "path", manifest.frame["path"])
    return Seen(statistics, lambda: class_means(manifest, pixels))


def looks_of(manifest, pixels: np.ndarray) -> dict:
    return {figure.key: figure for figure in figures(manifest, seen_of(manifest, pixels))}


def test_measures_of_squares_that_are_known() -> None:
    black, grey, red, checked = np.zeros((4, 32, 32, 3), np.uint8)
    grey[:], red[:] = 128, (255, 0, 0)
    checked[::2, ::2], checked[1::2, 1::2] = 255, 255
    found = photo_statistics(np.stack([black, grey, red, checked, black]), np.array([True] * 4 + [False]))
    assert list(found.columns) == [*MEASURES, "light"]
    assert found["light"].round(2).tolist()[:4] == [0.0, 0.5, 1.0, 0.5]
    assert found["brightness"].round(2).tolist()[:4] == [0.0, 0.5, 0.3, 0.5]
    assert found["contrast"].round(2).tolist()[:4] == [0.0, 0.0, 0.0, 0.5]
    assert found["sharpness"].iloc[3] > 100 and found["sharpness"].iloc[:3].max() == 0
    assert found["colour"].iloc[2] == pytest.approx(0.3 * np.hypot(255, 127.5), rel=1e-3)
    assert found["colour"].iloc[[0, 1, 3]].max() == 0
    assert found.iloc[4].isna().all()


def test_a_label_that_goes_with_the_light_is_found() -> None:
    manifest, pixels = make_manifest((60, 60, 60, 60)), squares(240)
    even = looks_of(manifest, pixels)["light"]
    assert "No label goes with any of them" in even.words and even.unusual == ()
    worn = (manifest.frame["mask"] == "worn").to_numpy()
    pixels[worn] //= 2
    figure = looks_of(manifest, pixels)["light"]
    assert "mask = “worn” are" in figure.words and "augment.preset" in figure.unusual[0]
    assert {"path", "mask", "age", "split", *MEASURES} <= set(figure.data.columns) and len(figure.data) == 240


def test_odd_photos_are_counted() -> None:
    manifest, pixels = make_manifest((60, 60, 60, 60)), squares(240)
    pixels[:3] = 0
    pixels[3:9] = (70, 0, 8)  # as dark in grey as the black ones, and plainly red
    assert any("3 photos are nearly black" in sentence for sentence in looks_of(manifest, pixels)["light"].unusual)


def test_splits_that_differ_are_named() -> None:
    manifest, pixels = make_manifest((200, 200, 200, 200)), squares(800)
    assert looks_of(manifest, pixels)["shift"].unusual == ()
    pixels[(manifest.frame["split"] == "valid").to_numpy()] //= 2
    figure = looks_of(manifest, pixels)["shift"]
    assert "validation photos are darker" in figure.unusual[0]
    assert set(figure.data["split"]) == {"valid"} and figure.data["ks"].max() == 1.0


def test_the_statistic_of_two_samples_is_that_of_scipy() -> None:
    from scipy.stats import ks_2samp

    manifest, pixels = make_manifest((60, 60, 60, 60)), squares(240)
    frame = labelled_statistics(manifest, seen_of(manifest, pixels).statistics)
    row = split_differences(frame).set_index("measure").loc["brightness"]
    train, valid = (frame.loc[frame["split"] == split, "brightness"] for split in ("train", "valid"))
    assert row["ks"] == ks_2samp(valid, train).statistic
    difference = valid.to_numpy()[:, None] - train.to_numpy()
    assert row["above"] == pytest.approx((difference > 0).mean() + (difference == 0).mean() / 2)


def test_mean_images_and_a_background_that_gives_a_class_away() -> None:
    manifest, pixels = make_manifest((60, 60, 60, 60)), squares(240)
    pixels[manifest.classes() == 2, :4] = 250
    figure = looks_of(manifest, pixels)["means"]
    assert figure.data["name"].tolist() == manifest.space.class_names
    assert "“not worn · young” differs from the other classes at the edge" in figure.unusual[0]
    assert "<image" in figure.svg and figure.drawing is not None and figure.drawing.png()[:4] == b"\x89PNG"


def test_mean_images_are_means() -> None:
    manifest, pixels = make_manifest((30, 30, 30, 30)), squares(120, side_px=64)
    means = class_means(manifest, pixels)
    assert means is not None
    np.testing.assert_allclose(means.images_KSSC[0], pixels[:30].mean(axis=0), atol=1e-3)


def test_unreadable_photos_and_photos_without_labels_are_no_trouble() -> None:
    manifest, pixels = make_manifest((60, 60, 60, 60)), squares(240)
    frame = manifest.frame.assign(mask=None, age=None, split="predict")
    frame.loc[:9, "reason"] = "the file is empty"
    bare = type(manifest)(frame, manifest.space, manifest.root, True)
    found = looks_of(bare, pixels)
    assert "means" not in found and "shift" not in found and len(found["light"].data) == 230
    ET.fromstring(found["light"].svg)


def test_the_same_photos_give_the_same_bytes() -> None:
    manifest, pixels = make_manifest((60, 60, 60, 60)), squares(240)
    first, second = (
        [(f.words, f.svg, f.drawing.png() if f.drawing else b"") for f in figures(manifest, seen_of(manifest, pixels))]
        for _ in range(2)
    )
    assert first == second


def test_a_split_of_one_value_is_drawn() -> None:
    manifest = make_manifest((60, 60, 60, 60))
    found = looks_of(manifest, np.full((240, 32, 32, 3), 90, np.uint8))
    assert isinstance(found["shift"].data, pd.DataFrame) and found["shift"].svg
