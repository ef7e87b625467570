"""From photos to the slice that is named: light is measured on real pixels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from photobench.bootstrap import Sample
from photobench.explore.statistics import photo_statistics
from photobench.records import Attribute, ClassSpace, Manifest, Predictions
from photobench.slices import find_slices, photo_facts
from photobench.slices.facts import CLASS

SPACE = ClassSpace((Attribute("brightness", ("a", "b")), Attribute("age", ("young", "old"))))
"""One of the labels has the name of a measure."""


def manifest_of(num: int, rng: np.random.Generator) -> Manifest:
    codes_NA = SPACE.decompose(rng.integers(0, 4, num))
    frame = pd.DataFrame({"path": [f"{row % 3}/{row}.jpg" for row in range(num)], "split": "valid", "reason": ""})
    frame = frame.assign(**{a.name: np.array(a.values)[codes_NA[:, n]] for n, a in enumerate(SPACE.attributes)})
    frame = frame.assign(group=(np.arange(num) // 2).astype(str), width=400, height=300, bytes=9000, box_how="found")
    frame = frame.assign(box_x1=0.2, box_y1=0.2, box_x2=0.6, box_y2=0.7, box_score=0.99, box_found=1)
    frame.loc[::10, "box_how"] = "median"
    return Manifest(frame, SPACE, Path(), has_groups=True)


def test_dark_photos_are_found_by_their_pixels() -> None:
    rng = np.random.default_rng(0)
    manifest = manifest_of(240, rng)
    dark_N = rng.random(240) < 0.25
    pixels = rng.integers(100, 200, (240, 24, 24, 3)) - 70 * dark_N[:, None, None, None]
    statistics = photo_statistics(pixels.astype(np.uint8), np.ones(240, dtype=bool))
    facts = photo_facts(manifest, statistics.assign(path=manifest.frame["path"]))
    assert {"label:brightness", "brightness", CLASS, "box_how", "folder", "group_size"} <= set(facts)
    truth_N = manifest.classes()
    wrong_N = rng.random(240) < np.where(dark_N, 0.6, 0.1)
    predicted_N = np.where(wrong_N, truth_N ^ 1, truth_N)
    joint_NK = np.eye(4, dtype=np.float32)[predicted_N]
    sample = Sample(truth_N, predicted_N, joint_NK, np.arange(240) // 2, 120)
    paths_N = manifest.frame["path"].to_numpy(dtype=object)
    predictions = Predictions(list(paths_N), joint_NK, SPACE)
    found = find_slices(manifest, predictions, "valid", sample, paths_N, facts, 0.95, 0).found
    assert found[0].words.startswith("are dark (brightness under")
    assert found[0].mostly == f"age ({found[0].num_wrong})"


def test_photos_taken_whole_have_no_facts_of_boxes() -> None:
    manifest = manifest_of(30, np.random.default_rng(0)).with_columns(box_how="whole")
    assert "box_how" not in photo_facts(manifest, pd.DataFrame({"path": []}))
