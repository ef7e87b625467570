"""What is said of the boxes of a data set."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from photobench.crop.words import box_counts, by_doubt, doubts, misses_by_class
from photobench.records import Attribute, ClassSpace, Manifest

SPACE = ClassSpace((Attribute("mask", ("worn", "not worn")),))


@pytest.fixture
def manifest() -> Manifest:
    """Found, found unsure, missed, missed and unlabelled, of several, tiny, unreadable."""
    how = ["found", "found", "median", "group", "found", "found", "found"]
    frame = pd.DataFrame(
        {
            "path": [f"{name}.jpg" for name in "abcdefg"],
            "mask": pd.array(["worn", "worn", "not worn", None, "not worn", "worn", "worn"], dtype="string"),
            "box_x1": 0.3, "box_y1": 0.3, "box_x2": [0.7, 0.7, 0.7, 0.7, 0.7, 0.35, 0.7], "box_y2": [0.7, 0.7, 0.7, 0.7, 0.7, 0.35, 0.7],
            "box_angle": 0.0, "box_how": how, "box_score": [1.0, 0.8, np.nan, np.nan, 0.99, 0.99, 0.99],
            "box_found": [1, 1, 0, 0, 3, 1, 1], "reason": ["", "", "", "", "", "", "empty file"],
        }
    )  # fmt: skip
    return Manifest(frame, SPACE, Path())


def test_what_to_look_at(manifest: Manifest) -> None:
    doubt = doubts(manifest)
    assert doubt.tolist() == ["", "doubtful", "missed", "missed", "several", "odd", ""]
    assert manifest.frame["path"].iloc[by_doubt(manifest, doubt)].tolist() == [
        "c.jpg",
        "d.jpg",
        "f.jpg",
        "b.jpg",
        "e.jpg",
        "a.jpg",
    ]


def test_misses_are_told_by_label_and_photos_without_one_do_not_matter(manifest: Manifest) -> None:
    assert misses_by_class(manifest, doubts(manifest)) == "worn 0 of 3, not worn 1 of 2"
    found = manifest.with_columns(box_how="found")
    assert misses_by_class(found, doubts(found)) == ""


def test_the_line_of_the_command(manifest: Manifest) -> None:
    assert box_counts(manifest).startswith("4 found (1 among several, 1 doubtful) · 1 not found, box of the same group")
