"""The demo data set, rendered for real: few people, small photos."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from photobench.errors import ConfigError, SourceError
from photobench.sources.demo import class_id, make_demo
from photobench.sources.demo.labels import FEMALE, INCORRECT, MALE, NOT_WORN, WORN
from photobench.sources.demo.look import sample_look
from photobench.sources.demo.plan import plan_train
from photobench.sources.demo.portrait import render
from photobench.sources.demo.shot import sample_shot

SIZE_PX = (72, 96)
NUM_PEOPLE, NUM_EVAL_PEOPLE = 8, 2
STEMS = {"mask1", "mask2", "mask3", "mask4", "mask5", "incorrect_mask", "normal"}


def _make(root: Path, seed: int = 0, **options) -> Path:
    options = {"num_people": NUM_PEOPLE, "num_eval_people": NUM_EVAL_PEOPLE, "size_px": SIZE_PX} | options
    make_demo(root, seed=seed, **options)
    return root


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _hashes(root: Path) -> dict[str, str]:
    files = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _is_readable(path: Path) -> bool:
    try:
        with Image.open(path) as image:
            image.load()
    except OSError:
        return False
    return True


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _make(tmp_path_factory.mktemp("demo") / "masks")


@pytest.fixture(scope="module")
def truth(root: Path) -> list[dict[str, str]]:
    return _rows(root / "truth" / "train.csv")


def test_layout_is_that_of_the_competition(root):
    people = _rows(root / "train" / "train.csv")
    assert list(people[0]) == ["id", "gender", "race", "age", "path"]
    assert [row["id"] for row in people] == [f"{i:06d}" for i in range(1, NUM_PEOPLE + 1)]
    for row in people:
        assert row["path"] == f"{row['id']}_{row['gender']}_{row['race']}_{row['age']}"
        assert {file.stem for file in (root / "train/images" / row["path"]).iterdir()} == STEMS
    assert {row["gender"] for row in people} == {"male", "female"}
    assert {row["race"] for row in people} == {"Asian"}


def test_evaluation_photos_are_anonymous_and_answered_only_in_the_truth(root):
    sample, answers = _rows(root / "eval" / "info.csv"), _rows(root / "truth" / "eval.csv")
    names = [row["ImageID"] for row in sample]
    assert list(sample[0]) == ["ImageID", "ans"] and {row["ans"] for row in sample} == {"0"}
    assert all(re.fullmatch(r"[0-9a-f]{40}\.jpg", name) for name in names)
    assert {file.name for file in (root / "eval/images").iterdir()} == set(names)
    assert [row["ImageID"] for row in answers] == names
    assert sum(int(row["ans"]) < 6 for row in answers) == NUM_EVAL_PEOPLE * 5
    assert all(_is_readable(root / "eval/images" / name) for name in names)


def test_photos_have_the_size_and_stay_apart_from_each_other(root, truth):
    readable = [row["photo"] for row in truth if row["defect"] not in ("truncated", "empty", "not an image")]
    with Image.open(root / "train/images" / readable[0]) as image:
        assert image.size == SIZE_PX and image.mode == "RGB"
    photos = [(root / "train/images" / photo).read_bytes() for photo in readable]
    assert len(set(photos)) == len(photos)


def test_classes_are_those_of_the_competition():
    assert class_id(WORN, MALE, 29) == 0
    assert class_id(WORN, FEMALE, 30) == 4
    assert class_id(INCORRECT, MALE, 60) == 8
    assert class_id(NOT_WORN, FEMALE, 59) == 16
    assert class_id(NOT_WORN, FEMALE, 72) == 17


def _believed_class(photo: str, people: dict[str, dict[str, str]]) -> int:
    folder, file = photo.split("/")
    stem, person = Path(file).stem, people[folder]
    mask = {"incorrect_mask": 1, "normal": 2}.get(stem, 0)
    return class_id(mask, int(person["gender"] == "female"), int(person["age"]))


def test_wrong_labels_are_exactly_the_planted_ones(root, truth):
    people = {row["path"]: row for row in _rows(root / "train" / "train.csv")}
    assert len(truth) == 7 * NUM_PEOPLE
    for row in truth:
        assert int(row["given_class"]) == _believed_class(row["photo"], people)
        mask = {"worn": 0, "incorrect": 1, "not worn": 2}[row["mask"]]
        assert int(row["true_class"]) == class_id(mask, int(row["gender"] == "female"), int(row["age"]))
        is_wrong = row["true_class"] != row["given_class"]
        assert is_wrong == (row["defect"] in ("wrong gender", "wrong age", "swapped")), row
    counts = Counter(row["defect"] for row in truth)
    assert (counts["wrong gender"], counts["wrong age"], counts["swapped"], counts["person twice"]) == (7, 7, 2, 7)


def test_defects_of_the_default_size():
    _, rows, truth = plan_train(seed=0, num_people=150)
    wrong = sum(row["true_class"] != row["given_class"] for row in truth)
    assert 0.02 < wrong / len(truth) < 0.03
    ages = np.array([int(row["age"]) for row in rows])
    assert 0.06 < (ages >= 60).mean() < 0.12 and ages.min() >= 18
    assert 0.5 < np.mean([row["gender"] == "female" for row in rows]) < 0.7
    assert len({row["true_class"] for row in truth}) == 18


def test_unreadable_files_are_the_recorded_ones(root, truth):
    unreadable = {row["photo"] for row in truth if not _is_readable(root / "train/images" / row["photo"])}
    kinds = {row["photo"]: row["defect"] for row in truth if row["photo"] in unreadable}
    assert sorted(kinds.values()) == ["empty", "not an image", "truncated"]
    empty = next(photo for photo, kind in kinds.items() if kind == "empty")
    assert (root / "train/images" / empty).stat().st_size == 0


def _grey(root: Path, photo: str) -> np.ndarray:
    return cv2.imread(str(root / "train/images" / photo), cv2.IMREAD_GRAYSCALE).astype(float)


def test_dark_files_are_dark(root, truth):
    dark = [row["photo"] for row in truth if row["defect"] == "dark"]
    assert dark and all(_grey(root, photo).mean() < 30 for photo in dark)


def test_copies_look_like_their_originals_and_the_same_person_has_the_same_labels(root, truth):
    twins = [row for row in truth if row["same_person_as"]]
    by_photo, by_id = {row["photo"]: row for row in truth}, {row["id"]: row for row in truth}
    assert len(twins) == 7
    for row in twins:
        original = by_id[row["same_person_as"]]
        assert (row["gender"], row["age"]) == (original["gender"], original["age"])
    copies = [row for row in twins if row["copy_of"]]
    assert len(copies) == 4
    for row in copies:
        assert by_photo[row["copy_of"]]["true_class"] == row["true_class"]
        likeness = np.corrcoef(_grey(root, row["photo"]).ravel(), _grey(root, row["copy_of"]).ravel())[0, 1]
        assert likeness > 0.9


def test_a_seed_gives_the_same_bytes_and_another_seed_others(root, tmp_path):
    again, other = _hashes(_make(tmp_path / "again")), _hashes(_make(tmp_path / "other", seed=1))
    assert again == _hashes(root)
    photos = {name: value for name, value in other.items() if name.startswith("eval/images")}
    assert not set(photos) & set(again) and not set(photos.values()) & set(again.values())


def test_worker_processes_write_the_same_bytes(tmp_path, monkeypatch):
    options = {"num_people": 14, "size_px": (48, 64)}
    here = _hashes(_make(tmp_path / "workers", **options))
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)
    assert here == _hashes(_make(tmp_path / "alone", **options))


def test_progress_counts_photos_to_the_end(tmp_path):
    seen = []
    _make(tmp_path / "demo", size_px=(48, 64), progress=lambda done, total: seen.append((done, total)))
    total = 7 * (NUM_PEOPLE + NUM_EVAL_PEOPLE)
    assert seen[-1] == (total, total) and seen == sorted(seen)


def test_a_finished_demo_is_left_alone(root):
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    _make(root)
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before


def test_other_parameters_are_named(root):
    with pytest.raises(SourceError, match=r"seed 0, not 5.*Choose another folder"):
        _make(root, seed=5)


def test_a_foreign_folder_is_refused_and_untouched(tmp_path):
    (tmp_path / "mine.txt").write_text("precious")
    with pytest.raises(SourceError, match="is not a demo data set"):
        _make(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_an_empty_folder_is_filled(tmp_path):
    (tmp_path / "demo").mkdir()
    root = _make(tmp_path / "demo", num_people=6, num_eval_people=1, size_px=(48, 64))
    assert json.loads((root / "demo.json").read_text())["num_people"] == 6


def test_a_run_that_stops_leaves_nothing(tmp_path):
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _make(tmp_path / "demo", size_px=(48, 64), progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_impossible_arguments_are_named_together(tmp_path):
    with pytest.raises(ConfigError) as caught:
        _make(tmp_path / "demo", num_people=2, num_eval_people=0, size_px=(10, 400))
    assert len(caught.value.mistakes) == 3
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("gender", [MALE, FEMALE])
@pytest.mark.parametrize("mask", [WORN, INCORRECT, NOT_WORN])
def test_every_kind_of_photo_renders(gender, mask):
    for number in range(6):
        rng = np.random.default_rng(number)
        look = sample_look(rng, gender, int(rng.integers(18, 73)))
        photo = render(look, sample_shot(rng, look, mask, home_seed=None), SIZE_PX)
        assert photo.shape == (SIZE_PX[1], SIZE_PX[0], 3) and photo.dtype == np.uint8
        assert photo.std() > 10
