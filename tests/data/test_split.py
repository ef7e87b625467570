from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from photobench.data.options import SplitOptions
from photobench.data.split import clusters_of, split_counts, split_manifest, split_notes
from photobench.errors import SplitError
from photobench.records import Attribute, ClassSpace, Manifest


def make_manifest(labels: list[str], groups: list[str], **columns: object) -> Manifest:
    values = tuple(dict.fromkeys(label for label in labels if label))
    frame = pd.DataFrame({"path": [f"{i}.jpg" for i in range(len(labels))], "label": labels, "group": groups})
    frame["label"] = frame["label"].replace("", None)
    frame = frame.assign(split="", bytes=1, mtime_ns=1, sha256="", width=1, height=1, reason="").assign(**columns)
    return Manifest(frame, ClassSpace((Attribute("label", values),)), Path("/photos"), has_groups=True)


def people(num: int, each: int, rare: int = 0) -> Manifest:
    """`num` people with `each` photos; the last `rare` of them are of the class "old"."""
    labels = ["old" if p >= num - rare else ("a", "b")[p % 2] for p in range(num) for _ in range(each)]
    return make_manifest(labels, [f"p{p}" for p in range(num) for _ in range(each)])


@pytest.mark.parametrize("seed", range(5))
def test_no_group_is_on_both_sides_and_classes_keep_their_share(seed: int) -> None:
    split = split_manifest(people(100, 7, rare=10), SplitOptions(valid=0.2, seed=seed))
    assert split.frame.groupby("group")["split"].nunique().max() == 1
    counts = split_counts(split)
    shares = counts[:, 1] / counts.sum(axis=1)
    assert np.abs(shares - 0.2).max() < 0.03
    assert set(split.frame["split"]) == {"train", "valid"}


def test_seeds_differ_and_repeat() -> None:
    first, again, other = (
        split_manifest(people(40, 3), SplitOptions(seed=s)).frame["split"].tolist() for s in (1, 1, 2)
    )
    assert first == again != other


@pytest.mark.parametrize("fraction", [0.1, 0.3, 0.5])
def test_the_fraction_is_met(fraction: float) -> None:
    split = split_manifest(people(200, 5), SplitOptions(valid=fraction))
    assert abs((split.frame["split"] == "valid").mean() - fraction) < 0.02


def test_test_and_valid_are_both_taken_from_all_photos() -> None:
    shares = (
        split_manifest(people(200, 5), SplitOptions(valid=0.2, test=0.2)).frame["split"].value_counts(normalize=True)
    )
    assert shares["valid"] == pytest.approx(0.2, abs=0.02)
    assert shares["test"] == pytest.approx(0.2, abs=0.02)


def test_a_rare_class_is_on_both_sides() -> None:
    counts = split_counts(split_manifest(people(60, 3, rare=2), SplitOptions()))
    assert (counts[:, :2] > 0).all()


def test_byte_identical_photos_stay_together_across_groups() -> None:
    hashes = [f"h{i}" for i in range(120)]
    hashes[0], hashes[3], hashes[6] = "same", "same", "same"  # three people
    manifest = people(40, 3).with_columns(sha256=hashes)
    assert len(set(clusters_of(manifest)[:9])) == 1
    for seed in range(8):
        assert split_manifest(manifest, SplitOptions(seed=seed)).frame["split"][:9].tolist() in (
            ["train"] * 9,
            ["valid"] * 9,
        )


def test_a_huge_group_stays_in_training() -> None:
    groups = ["crowd"] * 60 + [f"p{i}" for i in range(140)]
    manifest = make_manifest(["a", "b"] * 100, groups)
    for seed in range(5):
        split = split_manifest(manifest, SplitOptions(seed=seed)).frame
        assert split.loc[split["group"] == "crowd", "split"].eq("train").all()
        assert abs((split["split"] == "valid").mean() - 0.2) < 0.03


def test_given_splits_are_honoured_and_valid_is_taken_from_train() -> None:
    given = ["test" if p % 5 == 0 else "train" for p in range(50) for _ in range(2)]
    split = split_manifest(people(50, 2).with_columns(split=given), SplitOptions())
    assert (split.frame["split"] == "test").tolist() == [g == "test" for g in given]
    assert (split.frame["split"] == "valid").sum() == pytest.approx(16, abs=3)


def test_given_valid_is_left_alone() -> None:
    given = ["valid" if p < 10 else "train" for p in range(50)]
    split = split_manifest(people(50, 1).with_columns(split=given), SplitOptions())
    assert split.frame["split"].tolist() == given


def test_photos_to_predict_and_broken_photos_take_no_part() -> None:
    manifest = people(30, 2)
    frame = manifest.frame.copy()
    frame.loc[0, "reason"] = "truncated"
    frame.loc[[10, 11], ["label", "split"]] = [None, "predict"]
    split = split_manifest(Manifest(frame, manifest.space, manifest.root, True), SplitOptions()).frame["split"]
    assert (split[0], split[10], split[11]) == ("", "predict", "predict")


def test_one_photo_of_a_class_is_refused_with_its_name() -> None:
    manifest = make_manifest(
        ["a"] * 10 + ["b"] * 10 + ["daisy"] + ["rose"] * 3, [f"p{i}" for i in range(21)] + ["q"] * 3
    )
    with pytest.raises(SplitError) as caught:
        split_manifest(manifest, SplitOptions())
    assert 'label "daisy" has one photo' in str(caught.value)
    assert 'label "rose" has 3 photos, all of one group' in str(caught.value)
    assert "to `left_out`" in str(caught.value)


def test_a_label_in_one_given_split_only_is_refused() -> None:
    manifest = make_manifest(["a", "b"] * 10 + ["c"] * 2, [f"p{i}" for i in range(22)])
    manifest = manifest.with_columns(split=["train"] * 10 + ["valid"] * 10 + ["train"] * 2)
    with pytest.raises(SplitError, match='label "c" has no readable photo in valid'):
        split_manifest(manifest, SplitOptions())


def test_nothing_labelled_is_said() -> None:
    with pytest.raises(SplitError, match="no labelled photo"):
        split_manifest(people(10, 1).with_columns(reason="truncated"), SplitOptions())


def test_notes_tell_of_copies_and_groups_across_given_splits() -> None:
    manifest = people(20, 2).with_columns(
        split=["train", "valid"] * 20, sha256=["f" * 64] * 2 + [f"{i:064}" for i in range(38)]
    )
    notes = " ".join(split_notes(manifest))
    assert "1 photo is in more than one of the given splits" in notes
    assert "20 groups are on both sides" in notes


def test_large_groups_are_not_preferred() -> None:
    """Validation should be like training: its groups are as large as the others."""
    sizes = [2] * 60 + [6] * 30
    groups = [f"p{i}" for i, size in enumerate(sizes) for _ in range(size)]
    manifest = make_manifest(["a", "b"] * (len(groups) // 2), groups)
    means = []
    for seed in range(10):
        frame = split_manifest(manifest, SplitOptions(seed=seed)).frame
        means.append(frame[frame["split"] == "valid"].groupby("group").size().mean())
    assert abs(np.mean(means) - np.mean(sizes)) < 0.6
