from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from photobench.errors import SourceError
from photobench.records import Manifest
from photobench.sources.manifest import band, build_manifest
from photobench.sources.options import AttributeOptions, SourceOptions

ANIMAL = AttributeOptions(name="animal", column="label", values=("cat", "dog"))
AGE = AttributeOptions(name="age", values=("young", "middle", "old"), bins=(30, 60))


@pytest.fixture
def table(photos):
    """`table("1.png,cat,20", …)` builds a manifest of photos 1 to 6 with the columns path, label, age, who."""

    def build(*lines: str, attributes=(ANIMAL,), **options) -> Manifest:
        root = photos(*[f"{n}.png" for n in range(1, 7)])
        (root / "labels.csv").write_text("\n".join(["path,label,age,who", *lines]))
        source = SourceOptions(kind="table", photos="photos", table="photos/labels.csv", **options)
        return build_manifest(source, attributes, root.parent)

    return build


def test_a_folder_of_classes_becomes_a_manifest(photos):
    root = photos("cat/1.png", "dog/1.png", "stray.png")
    manifest = build_manifest(SourceOptions(photos="photos"), (ANIMAL,), root.parent)
    frame = manifest.frame
    assert frame.columns.tolist() == [
        "path", "animal", "group", "split", "bytes", "mtime_ns", "sha256", "width", "height", "reason",
    ]  # fmt: skip
    assert manifest.root == root
    assert manifest.classes().tolist() == [0, 1, -1]
    assert frame["group"].tolist() == frame["path"].tolist()
    assert frame["reason"].tolist() == ["", "", "no label"]
    assert frame["bytes"].tolist() == [(root / p).stat().st_size for p in frame["path"]]
    assert frame["mtime_ns"].tolist() == [(root / p).stat().st_mtime_ns for p in frame["path"]]
    assert not manifest.has_groups
    assert manifest.notes == ("1 photo without a label left out (animal 1): stray.png.",)


def test_it_survives_being_stored(table, tmp_path):
    manifest = table("1.png,cat,,", "2.png,dog,,", "3.png,,,")
    (tmp_path / "m.parquet").write_bytes(manifest.to_bytes())
    again = Manifest.read(tmp_path / "m.parquet")
    assert again.fingerprint() == manifest.fingerprint()
    assert again.classes().tolist() == manifest.classes().tolist()


def test_numbers_fall_into_bands():
    assert band(np.array([0, 29.9, 30, 59, 60, 100]), (30, 60)).tolist() == [0, 0, 1, 1, 2, 2]


def test_bands_and_labels_compose_classes(table):
    lines = ("1.png,cat,29,", "2.png,cat,30,", "3.png,dog,60.0,", "4.png,dog,,")
    manifest = table(*lines, attributes=(ANIMAL, AGE))
    assert manifest.frame["age"].fillna("-").tolist() == ["young", "middle", "old", "-"]
    assert manifest.classes().tolist() == [0, 1, 5, -1]
    assert manifest.notes == (
        "2 photos on disk that no row of labels.csv names, not used: 5.png, 6.png.",
        "1 photo without a label left out (age 1): 4.png.",
        "3 of the 6 classes that the attributes compose have no photo.",
    )


def test_whole_numbers_written_as_fractions_are_the_same_label(table):
    attribute = AttributeOptions(name="label", values=("0", "1"))
    manifest = table("1.png,0.0,,", "2.png,1,,", attributes=(attribute,))
    assert manifest.codes()[:, 0].tolist() == [0, 1]


def test_blank_words_are_labels_only_where_declared(table):
    blank = AttributeOptions(name="label", values=("cat", "NA"))
    assert table("1.png,cat,,", "2.png,NA,,", attributes=(blank,)).codes()[:, 0].tolist() == [0, 1]
    manifest = table("1.png,cat,,", "2.png,dog,,", "3.png,NaN,,", "4.png,,,")
    assert manifest.frame["reason"].tolist() == ["", "", "no label", "no label"]


def test_a_row_without_a_file_stops_nothing(table):
    manifest = table("1.png,cat,,", "2.png,dog,,", "9.png,dog,,")
    assert manifest.broken().to_dict("list") == {"path": ["9.png"], "reason": ["no such file"]}
    assert manifest.notes[0] == "1 row of labels.csv without a photo on disk: 9.png."


def test_every_problem_is_in_one_message(table):
    other = AttributeOptions(name="colour", values=("red", "blue"))
    unused = AttributeOptions(name="who", values=("anna", "ben"))
    lines = ("1.png,cta,x,anna", "2.png,cta,20,anna", "3.png,dog,50,anna", "3.png,cat,50,anna", "4.png,emu,9,anna")
    with pytest.raises(SourceError) as error:
        table(*lines, attributes=(ANIMAL, AGE, other, unused), group_pattern="(nobody)")
    text = str(error.value)
    assert text.startswith("6 problems")
    for part in (
        'Column "label": 1 photo is named more than once with different labels: 3.png (row 4: dog, row 5: cat)',
        '3 labels are none of its values (cat, dog): "cta" (2 photos: 1.png, 2.png, did you mean "cat"?); "emu" (1 photo: 4.png)',
        'cut at [30.0, 60.0], but 1 cell is no number: "x" (1.png)',
        'no column "colour" (of the attribute "colour")',
        'Attribute "who": no usable photo has the value "ben". Found: anna 4. Remove it from values',
        "source.group_pattern = '(nobody)' names a group in none of the 4 paths, such as 1.png, 2.png",
    ):
        assert part in text


def test_contradictions_in_columns_that_are_not_used_do_not_matter(table):
    manifest = table("1.png,cat,20,anna", "1.png,cat,21,ben", "2.png,dog,,")
    assert len(manifest) == 2
    with pytest.raises(SourceError, match='Column "who": 1 photo is named more than once'):
        table("1.png,cat,20,anna", "1.png,cat,21,ben", "2.png,dog,,", group_column="who")


def test_numbers_that_are_no_values_suggest_bins(table):
    lines = [f"{n}.png,{n},," for n in range(1, 7)]
    with pytest.raises(SourceError, match=r"Add bins = \[…\] to cut numbers into bands"):
        table(*lines)


def test_an_empty_band_is_told(table):
    with pytest.raises(SourceError, match=r'no usable photo has the value "old".*Move a bin, or merge bands'):
        table("1.png,cat,20,", "2.png,dog,40,", attributes=(ANIMAL, AGE))


def test_groups_of_a_column(table):
    manifest = table("1.png,cat,,anna", "2.png,dog,,anna", "3.png,dog,,", group_column="who")
    assert manifest.has_groups
    assert manifest.frame["group"].tolist() == ["anna", "anna", "3.png"]
    assert "1 photo without a group, each taken as a group of its own: 3.png." in manifest.notes


def test_groups_of_a_pattern_take_the_part_that_matched(photos):
    root = photos("cat/p1_a.png", "dog/p1_b.png", "cat/q2.png", "dog/x.png")
    options = SourceOptions(photos=str(root), group_pattern=r"(p\d)_|(q\d)")
    manifest = build_manifest(options, (ANIMAL,), root)
    groups = dict(zip(manifest.frame["path"], manifest.frame["group"], strict=True))
    assert groups == {"cat/p1_a.png": "p1", "dog/p1_b.png": "p1", "cat/q2.png": "q2", "dog/x.png": "dog/x.png"}


def test_a_group_column_needs_a_source_with_columns(photos):
    options = SourceOptions(photos=str(photos("cat/1.png", "dog/1.png")), group_column="who")
    with pytest.raises(SourceError, match=r"The folder source has no column .who..*Use source\.group_pattern"):
        build_manifest(options, (ANIMAL,), Path("/"))


def test_a_test_set_without_labels_is_to_be_predicted(photos):
    root = photos("1.png", "2.png", "3.png")
    (root / "t.csv").write_text("path,label,part\n1.png,cat,train\n2.png,dog,train\n3.png,,test\n")
    options = SourceOptions(kind="table", photos=str(root), table=str(root / "t.csv"), split_column="part")
    manifest = build_manifest(options, (ANIMAL,), root)
    assert manifest.frame["split"].tolist() == ["train", "train", "predict"]
    assert manifest.usable().all()


def test_given_splits_reach_the_manifest(photos):
    root = photos("train/cat/1.png", "train/dog/1.png", "val/cat/1.png", "test/9.png")
    manifest = build_manifest(SourceOptions(photos=str(root)), (ANIMAL,), root)
    assert manifest.frame["split"].tolist() == ["predict", "train", "train", "valid"]
    assert manifest.usable().all()


@pytest.mark.slow  # making the files is
def test_twenty_thousand_photos_take_about_a_second(tmp_path):
    for label in ("cat", "dog"):
        (tmp_path / label).mkdir()
        for number in range(10_000):
            (tmp_path / label / f"{number}.jpg").touch()
    started = time.process_time()
    manifest = build_manifest(SourceOptions(photos=str(tmp_path)), (ANIMAL,), tmp_path)
    assert len(manifest) == 20_000
    assert time.process_time() - started < 3  # usually 0.4 s
