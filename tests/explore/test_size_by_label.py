"""Labels and splits that size or shape of the photos gives away."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np

from photobench.explore import figures
from tests.explore.test_figures import by_key, make_manifest


def sizes(num: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(300, 400, num)


def test_a_label_that_goes_with_size_is_told() -> None:
    manifest = make_manifest((60, 60, 60, 60), width=sizes(240), height=sizes(240, 1))
    figure = by_key(manifest)["size_by_label"]
    assert "No label and no split" in figure.words and figure.unusual == () and not figure.svg
    worn = (manifest.frame["mask"] == "worn").to_numpy()
    small = manifest.with_columns(
        **{side: np.where(worn, manifest.frame[side] // 8, manifest.frame[side]) for side in ("width", "height")}
    )
    figure = by_key(small)["size_by_label"]
    assert "mask = “worn” are smaller: in 100" in figure.unusual[0] and "blurred" in figure.unusual[0]
    assert len(figure.unusual) == 1 and "short side" in figure.svg
    ET.fromstring(figure.svg)


def test_a_split_of_another_shape_is_told() -> None:
    manifest = make_manifest((60, 60, 60, 60), width=sizes(240), height=sizes(240, 1))
    valid = (manifest.frame["split"] == "valid").to_numpy()
    wide = manifest.with_columns(width=np.where(valid, manifest.frame["width"] * 2, manifest.frame["width"]))
    (sentence,) = by_key(wide)["size_by_label"].unusual
    assert (
        sentence.startswith("The validation photos are") and "wider for their height than training photos" in sentence
    )


def test_photos_of_one_size_have_no_such_figure() -> None:
    assert "size_by_label" not in {figure.key for figure in figures(make_manifest())}
