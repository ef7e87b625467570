"""Layouts, and what is refused."""

from __future__ import annotations

import pytest

from photobench.errors import SourceError
from photobench.sources.guess import guess
from tests.sources.guesses import build, how_sure


def test_a_folder_per_class_in_natural_order(photos):
    root = photos(*[f"class {n}/{k}.png" for n in (10, 2, 1) for k in range(3)])
    found = guess(root)
    assert found.kind == "folder"
    assert found.attributes == [{"name": "label", "values": ["class 1", "class 2", "class 10"]}]
    assert how_sure(found, "folder per class") == "certain"
    assert any("Groups are unknown" in w for w in found.warnings)
    assert any("3 classes have fewer than 5 photos" in w for w in found.warnings)
    assert len(build(found)) == 9


def test_given_splits_with_a_class_that_only_one_of_them_has(photos):
    found = guess(photos("train/cat/1.png", "train/dog/1.png", "validation/emu/1.png", "test/1.png"))
    assert found.attributes[0]["values"] == ["cat", "dog", "emu"]
    assert how_sure(found, "split is given") == "certain"
    assert build(found).frame["split"].tolist() == ["predict", "train", "train", "valid"]


def test_a_wrapping_folder_is_gone_through(photos):
    root = photos("archive/flowers/rose/1.png", "archive/flowers/tulip/1.png")
    found = guess(root)
    assert found.source["photos"] == (root / "archive/flowers").as_posix()
    assert found.attributes[0]["values"] == ["rose", "tulip"]


@pytest.fixture
def kaggle(photos):
    root = photos(*[f"train/id{n:03d}.png" for n in range(20)], *[f"test/id{n:03d}.png" for n in range(20, 25)])
    lines = [f"id{n:03d},{('cat', 'dog', 'emu', 'fox')[n % 4]}" for n in range(20)]
    (root / "train.csv").write_text("\n".join(["id,label", *lines]))
    (root / "test.csv").write_text("\n".join(["id", *[f"id{n:03d}" for n in range(20, 25)]]))
    (root / "sample_submission.csv").write_text("\n".join(["id,label", *[f"id{n:03d},cat" for n in range(20, 25)]]))
    return root


def test_kaggle(kaggle):
    found = guess(kaggle)
    assert found.kind == "table"
    assert found.source["path_column"] == "id"
    assert found.source["predict"] == "test"
    assert found.sample == kaggle / "sample_submission.csv"
    assert found.attributes == [{"name": "label", "values": ["cat", "dog", "emu", "fox"]}]
    assert how_sure(found, "train.csv has the labels") == "certain"
    manifest = build(found)
    assert manifest.frame["split"].value_counts().to_dict() == {"": 20, "predict": 5}
    assert manifest.usable().all()


def test_kaggle_when_the_train_folder_was_given(kaggle):
    assert guess(kaggle / "train") == guess(kaggle)


def test_aistages_from_any_of_its_folders(photos):
    stems = ("mask1", "incorrect_mask", "normal")
    root = photos(*[f"train/images/p{n}/{stem}.jpg" for n in range(6) for stem in stems], "eval/images/a.jpg")
    people = [("male", 20), ("male", 40), ("male", 60), ("female", 20), ("female", 40), ("female", 70)]
    lines = [f"{n},{gender},Asian,{age},p{n}" for n, (gender, age) in enumerate(people)]
    (root / "train/train.csv").write_text("\n".join(["id,gender,race,age,path", *lines]))
    (root / "eval/info.csv").write_text("ImageID,ans\na.jpg,0\n")
    for given in (root, root / "train", root / "train/images"):
        found = guess(given)
        assert found.source == {"kind": "aistages", "photos": root.as_posix()}
        assert how_sure(found, "AI Stages") == "certain"
        assert found.sample == root / "eval/info.csv"
        assert build(found).space.num_classes == 18
    assert guess(root, root / "train/train.csv").kind == "aistages"


def test_a_table_beside_the_photos_folder(photos):
    root = photos(*[f"{n}.png" for n in range(8)])
    table = root.parent / "labels.csv"
    table.write_text("\n".join(["file;kind", *[f"photos/{n}.png;{'ab'[n % 2]}" for n in range(8)]]))
    found = guess(root)
    assert found.source["table"] == table.as_posix()
    assert len(build(found)) == 8


def test_folders_named_for_splits_are_no_classes(photos):
    root = photos(*[f"train/{n}.png" for n in range(8)], "eval/8.png", "eval/9.png")
    with pytest.raises(SourceError, match=r"\(eval, train\) name splits and no classes.*--labels"):
        guess(root)
    rows = [f"train/{n}.png,{'ab'[n % 2]}" for n in range(8)]
    (root.parent / "labels.csv").write_text("\n".join(["path,kind", *rows]))
    found = guess(root)
    assert (found.source["table"], found.source["predict"]) == ((root.parent / "labels.csv").as_posix(), "eval")


def test_a_table_that_says_nothing_of_the_photos_is_told_and_not_used(photos):
    root = photos("cat/1.png", "cat/2.png", "dog/1.png")
    (root / "prices.csv").write_text("item,price\nx,1\ny,2\n")
    found = guess(root)
    assert found.kind == "folder"
    assert found.warnings[0].startswith("prices.csv was not used")


def test_photos_without_labels_are_refused_with_the_remedy(photos):
    with pytest.raises(SourceError, match=r"have no labels.*one folder per class.*--labels"):
        guess(photos("1.png", "2.png"))


def test_one_class_is_none(photos):
    with pytest.raises(SourceError, match='one class folder only, "cat"'):
        guess(photos("cat/1.png", "cat/2.png"))


def test_two_tables_are_one_too_many(photos):
    root = photos(*[f"{n}.png" for n in range(8)])
    for name in ("a.csv", "b.csv"):
        (root / name).write_text("\n".join(["path,kind", *[f"{n},{'ab'[n % 2]}" for n in range(8)]]))
    with pytest.raises(SourceError, match=r"2 tables .*a\.csv, b\.csv.*--labels a\.csv"):
        guess(root)
    assert guess(root, root / "b.csv").source["table"] == (root / "b.csv").as_posix()


def test_a_table_without_paths_or_labels_says_what_it_holds(photos):
    root = photos(*[f"{n}.png" for n in range(8)])
    table = root / "t.csv"
    table.write_text("name,kind\nx,a\ny,b\n")
    with pytest.raises(SourceError, match=r"No column of .* leads to the photos: it holds name: x, y; kind"):
        guess(root, table)
    table.write_text("\n".join(["name,code", *[f"{n}.png,q{n}" for n in range(8)]]))
    with pytest.raises(SourceError, match=r"no column that can be a label.*its values hardly repeat"):
        guess(root, table)
    with pytest.raises(SourceError, match="2 problems"):
        guess(root / "none", root / "none.csv")
