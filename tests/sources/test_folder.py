from __future__ import annotations

import os

import pytest

from photobench.errors import SourceError
from photobench.sources.files import natural_key, photo_paths, split_name
from photobench.sources.folder import scan
from photobench.sources.options import SourceOptions


def test_class_is_the_first_folder_however_deep_the_photo_lies(photos):
    root = photos("dog/2.png", "cat/a/b/1.png", "cat/1.png")
    rows = scan(root, SourceOptions())
    assert rows["path"].tolist() == ["cat/1.png", "cat/a/b/1.png", "dog/2.png"]
    assert rows["label"].tolist() == ["cat", "cat", "dog"]
    assert set(rows["split"]) == {""}


@pytest.mark.parametrize("valid", ["val", "valid", "validation", "Validation"])
def test_given_splits_are_kept_and_their_names_made_alike(photos, valid):
    root = photos("training/cat/1.png", "training/dog/1.png", f"{valid}/cat/2.png", "testing/bird/3.png")
    rows = scan(root, SourceOptions()).set_index("path")
    assert rows["split"].to_dict() == {
        "training/cat/1.png": "train",
        "training/dog/1.png": "train",
        f"{valid}/cat/2.png": "valid",
        "testing/bird/3.png": "test",
    }
    assert set(rows["label"]) == {"cat", "dog", "bird"}


@pytest.mark.parametrize("test", ["test", "eval"])
def test_photos_directly_in_a_test_folder_are_to_be_predicted(photos, test):
    rows = scan(photos("train/cat/1.png", "train/dog/1.png", f"{test}/9.png"), SourceOptions())
    row = rows.set_index("path").loc[f"{test}/9.png"]
    assert row["split"] == "predict"
    assert rows["label"].isna().sum() == 1


def test_a_class_called_test_is_a_class_when_there_is_no_train(photos):
    rows = scan(photos("test/1.png", "other/1.png"), SourceOptions())
    assert rows["label"].tolist() == ["other", "test"]
    assert set(rows["split"]) == {""}


def test_photos_beside_the_split_folders_are_left_out_and_told(photos):
    rows = scan(photos("train/cat/1.png", "train/dog/1.png", "extra/cat/2.png"), SourceOptions())
    assert "extra/cat/2.png" not in set(rows["path"])
    assert "1 photo lies beside the split folders" in rows.attrs["notes"][0]


def test_a_photo_outside_the_class_folders_has_no_label(photos):
    rows = scan(photos("cat/1.png", "dog/1.png", "stray.png"), SourceOptions())
    assert rows.set_index("path")["label"].isna().to_dict()["stray.png"]


def test_predict_names_the_unlabelled_folder(photos):
    rows = scan(photos("cat/1.png", "dog/1.png", "new ones/1.png"), SourceOptions(predict="new ones/"))
    assert rows.set_index("path").loc["new ones/1.png", "split"] == "predict"
    assert rows["label"].dropna().tolist() == ["cat", "dog"]


def test_hidden_files_and_folders_are_left_out(photos):
    root = photos("cat/1.png", "cat/._1.png", ".ipynb_checkpoints/1.png", "__MACOSX/cat/1.png", "dog/1.png")
    (root / "cat/notes.txt").write_text("no photo")
    assert photo_paths(root) == ["cat/1.png", "dog/1.png"]


def test_linked_folders_are_followed_once_and_loops_end(photos, tmp_path):
    root = photos("cat/1.png", "dog/1.png")
    outside = tmp_path / "outside"
    (outside / "deep").mkdir(parents=True)
    os.link(root / "cat/1.png", outside / "2.png")
    (outside / "deep/back").symlink_to(root)
    (root / "bird").symlink_to(outside)
    (root / "cat/loop").symlink_to(root)
    assert photo_paths(root) == ["bird/2.png", "cat/1.png", "dog/1.png"]


def test_a_name_that_is_not_unicode_is_refused_with_the_remedy(photos):
    root = photos("cat/1.png")
    os.link(os.fsencode(root / "cat/1.png"), os.fsencode(root / "cat") + b"/\xff.png")
    with pytest.raises(SourceError, match=r"1 photo has a name.*not UTF-8.*Rename"):
        photo_paths(root)


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        ((), "no photo in"),
        (("1.png", "2.png"), r"2 photos in .* have no labels: there are no class folders.*--labels"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_remedy(photos, paths, message):
    with pytest.raises(SourceError, match=message):
        scan(photos(*paths), SourceOptions())


def test_a_missing_folder_is_named_with_the_nearest_that_exists(tmp_path):
    with pytest.raises(SourceError, match=rf"a/b does not exist. The nearest folder that exists is {tmp_path}\."):
        scan(tmp_path / "a/b", SourceOptions())


def test_a_predict_folder_without_photos_is_refused(photos):
    with pytest.raises(SourceError, match='no photo in "unseen"'):
        scan(photos("cat/1.png", "dog/1.png"), SourceOptions(predict="unseen"))


@pytest.mark.parametrize(
    ("name", "split"),
    [("train_images", "train"), ("Training Set", "train"), ("val", "valid"), ("trainer", ""), ("cat", ""), ("", "")],
)
def test_split_names(name, split):
    assert split_name(name) == split


def test_natural_order():
    assert sorted(["c10", "c2", "C1", "1", "10", "2"], key=natural_key) == ["1", "2", "10", "C1", "c2", "c10"]
