from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from photobench.data.pseudo import PSEUDO, with_pseudo_labels, without_pseudo
from photobench.records import Attribute, ClassSpace, Manifest, Predictions

SPACE = ClassSpace((Attribute("mask", ("worn", "not")), Attribute("age", ("young", "old"))))
ROWS = [  # path, split, group, bytes
    ("a", "train", "anna", "1"), ("b", "valid", "bert", "2"), ("c", "test", "carl", "3"),
    ("sure", "predict", "dora", "4"), ("unsure", "predict", "emil", "5"), ("of bert", "predict", "bert", "6"),
    ("copy of c", "predict", "frida", "3"), ("broken", "predict", "gustav", ""),
]  # fmt: skip


def manifest() -> Manifest:
    frame = pd.DataFrame(ROWS, columns=["path", "split", "group", "sha256"])
    labels = {"mask": ["worn", "not", "worn"] + [None] * 5, "age": ["old", "young", "old"] + [None] * 5}
    return Manifest(frame.assign(**labels, reason=[""] * 7 + ["no photo"]), SPACE, Path("/photos"), True)


def said() -> Predictions:
    sure, unsure = [0.01, 0.02, 0.95, 0.02], [0.3, 0.3, 0.2, 0.2]
    joint_NK = np.array([unsure, sure, sure, sure, [np.nan] * 4], dtype=np.float32)
    return Predictions(["unsure", "sure", "of bert", "copy of c", "broken"], joint_NK, SPACE, [""] * 4 + ["no photo"])


def test_only_a_sure_photo_of_nobody_that_judges_is_learned() -> None:
    found = with_pseudo_labels(manifest(), said(), 0.9)
    learned = found.frame.iloc[found.rows("train")]
    assert learned["path"].tolist() == ["a", "sure"]
    assert learned.loc[learned["path"] == "sure", ["mask", "age"]].to_numpy().tolist() == [["not", "young"]]
    assert learned[PSEUDO].isna().tolist() == [True, False]
    assert found.frame.iloc[found.rows("valid", "test")]["path"].tolist() == ["b", "c"]
    assert sorted(found.frame.iloc[found.rows("predict")]["path"]) == ["copy of c", "of bert", "unsure"]


def test_it_can_be_taken_back() -> None:
    before = manifest()
    after = without_pseudo(with_pseudo_labels(before, said(), 0.9))
    pd.testing.assert_frame_equal(after.frame, before.frame, check_dtype=False)
    assert without_pseudo(before) is before
