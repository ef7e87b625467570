from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import StratifiedGroupKFold

from photobench.data.folds import divide
from photobench.data.options import SplitOptions
from photobench.data.split import split_manifest
from photobench.errors import ConfigError, SplitError
from photobench.project import load
from photobench.records import Attribute, ClassSpace, Manifest
from tests.conftest import project_toml
from tests.data.test_split import make_manifest, people


def folds_of(manifest: Manifest, num: int, **options: int) -> list[pd.Series]:
    """The split of each fold."""
    return [
        split_manifest(manifest, SplitOptions(folds=num, fold=fold, **options)).frame["split"]
        for fold in range(1, num + 1)
    ]


def mask_photos(seed: int, num: int = 120) -> tuple[np.ndarray, np.ndarray]:
    """Joint classes and persons like those of a mask competition, and two more classes that five or six persons have."""
    rng = np.random.default_rng(seed)
    kind_G = rng.choice(4, num, p=[0.5, 0.3, 0.15, 0.05])
    classes = kind_G[:, None] * 3 + rng.choice(3, (num, 7), p=[0.7, 0.15, 0.15])
    for extra, holders in ((12, 6), (13, 5)):
        classes[rng.choice(num, holders, replace=False), rng.integers(7, size=holders)] = extra
    return classes.ravel(), np.repeat(np.arange(num), 7)


def sklearn_folds(classes_N: np.ndarray, clusters_N: np.ndarray, num: int, seed: int) -> np.ndarray:
    part_N = np.zeros(len(classes_N), dtype=int)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of rare classes
        for number, (_, rows) in enumerate(
            StratifiedGroupKFold(num, shuffle=True, random_state=seed).split(classes_N, classes_N, clusters_N)
        ):
            part_N[rows] = number
    return part_N


def shares(classes_N: np.ndarray, part_N: np.ndarray, num: int) -> np.ndarray:
    """(F, K): the part of each class that is in each fold."""
    counts_FK = np.zeros((num, classes_N.max() + 1))
    np.add.at(counts_FK, (part_N, classes_N), 1)
    return counts_FK / counts_FK.sum(axis=0)


def test_every_photo_is_held_out_once_and_no_group_is_apart() -> None:
    manifest = people(40, 3, rare=6)
    splits = folds_of(manifest, 5)
    held_out = np.stack([(split == "valid").to_numpy() for split in splits])
    assert (held_out.sum(axis=0) == 1).all()
    assert all(set(split) == {"train", "valid"} for split in splits)
    for split in splits:
        assert manifest.frame.assign(split=split).groupby("group")["split"].nunique().max() == 1


def test_the_same_seed_divides_the_same_and_another_repeat_does_not() -> None:
    manifest = people(40, 3)
    first, again = (folds_of(manifest, 4, seed=3)[0].tolist() for _ in range(2))
    assert first == again
    assert first != folds_of(manifest, 4, seed=3, repeat=1)[0].tolist()
    assert first != folds_of(manifest, 4, seed=4)[0].tolist()


def test_the_test_photos_are_the_same_in_every_fold_and_repeat() -> None:
    manifest = people(60, 2)
    tests = [
        (
            split_manifest(manifest, SplitOptions(folds=3, fold=fold, repeat=repeat, test=0.2)).frame["split"] == "test"
        ).tolist()
        for repeat in (0, 1)
        for fold in (1, 2, 3)
    ]
    assert all(one == tests[0] for one in tests)
    assert sum(tests[0]) == pytest.approx(24, abs=2)


@pytest.mark.parametrize("num", [3, 5, 10])
def test_classes_are_as_even_as_scikit_learn_makes_them_and_the_folds_of_more_even_size(num: int) -> None:
    ours, theirs = [], []
    for seed in range(3):
        classes_N, clusters_N = mask_photos(seed)
        for found, part_N in (
            (ours, divide(classes_N[:, None], clusters_N, num, seed)),
            (theirs, sklearn_folds(classes_N, clusters_N, num, seed)),
        ):
            found.append((shares(classes_N, part_N, num).std(axis=0).mean(), np.bincount(part_N, minlength=num).std()))
    assert np.mean([a for a, _ in ours]) <= np.mean([a for a, _ in theirs]) + 1e-9
    assert np.mean([b for _, b in ours]) <= np.mean([b for _, b in theirs]) + 1e-9


def test_a_rare_class_is_in_every_fold_where_it_can_be() -> None:
    """Where scikit-learn's greedy division leaves one out at times."""
    missed = 0
    for seed in range(20):
        classes_N, clusters_N = mask_photos(seed)
        able = [len(set(clusters_N[classes_N == k])) >= 5 for k in range(14)]
        assert (shares(classes_N, divide(classes_N[:, None], clusters_N, 5, seed), 5)[:, able] > 0).all()
        missed += (shares(classes_N, sklearn_folds(classes_N, clusters_N, 5, seed), 5)[:, able] == 0).any()
    assert missed > 0


def test_an_attribute_is_in_every_fold_though_no_class_that_has_it_can_be() -> None:
    """Six old people, of six classes."""
    job = [f"job{p % 6}" for p in range(60)]
    age = ["old" if p < 6 else "young" for p in range(60)]
    frame = pd.DataFrame(
        {"path": [f"{p}.jpg" for p in range(60)], "job": job, "age": age, "group": [*map(str, range(60))]}
    )
    frame = frame.assign(split="", bytes=1, mtime_ns=1, sha256="", width=1, height=1, reason="")
    space = ClassSpace((Attribute("job", tuple(sorted(set(job)))), Attribute("age", ("young", "old"))))
    for seed in range(5):
        splits = folds_of(Manifest(frame, space, Path("/photos"), True), 6, seed=seed)
        assert all(((split == "valid") & (frame["age"] == "old")).sum() == 1 for split in splits)


def test_copies_are_in_one_fold_whatever_their_groups() -> None:
    hashes = [f"h{i}" for i in range(120)]
    hashes[0] = hashes[3] = hashes[6] = "same"
    for split in folds_of(people(40, 3).with_columns(sha256=hashes), 5):
        assert len(set(split[:9])) == 1


def test_a_given_test_stays_and_a_given_valid_is_divided_anew_which_is_said() -> None:
    given = ["test" if p < 10 else "valid" if p < 20 else "train" for p in range(50) for _ in range(2)]
    manifest = people(50, 2).with_columns(split=given)
    splits = folds_of(manifest, 4)
    assert all((split == "test").tolist() == [g == "test" for g in given] for split in splits)
    held_out = np.stack([(split == "valid").to_numpy() for split in splits]).sum(axis=0)
    assert held_out.tolist() == [0 if g == "test" else 1 for g in given]
    assert "take part in the folds" in " ".join(split_manifest(manifest, SplitOptions(folds=4)).notes)
    assert "take part in the folds" not in " ".join(split_manifest(people(50, 2), SplitOptions(folds=4)).notes)


def test_a_value_that_is_absent_from_a_fold_is_refused_in_every_fold() -> None:
    manifest = make_manifest(
        ["a", "b"] * 15 + ["rose"] * 6, [f"p{i}" for i in range(30)] + ["x", "x", "y", "y", "z", "z"]
    )
    for fold in range(1, 6):
        with pytest.raises(SplitError) as caught:
            split_manifest(manifest, SplitOptions(folds=5, fold=fold))
        assert 'takes 5 groups of it: label "rose" has 3 groups. Ask for 3 folds or fewer, ' in str(caught.value)
    assert folds_of(manifest, 3)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"folds": 1}, "split.folds = 1 would leave nothing to learn from"),
        ({"folds": 4, "fold": 5}, "split.fold = 5 is none of the 4 folds"),
    ],
)
def test_folds_that_cannot_be_are_refused(tmp_path: Path, given: dict[str, int], sentence: str) -> None:
    (tmp_path / "photobench.toml").write_text(project_toml(tmp_path))
    with pytest.raises(ConfigError, match=sentence):
        load(tmp_path, [{"split": given}])
