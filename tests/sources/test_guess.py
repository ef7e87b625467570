from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from photobench.errors import SourceError
from photobench.sources.clues import Guess
from photobench.sources.columns import band_names
from photobench.sources.groups import propose
from photobench.sources.guess import guess
from photobench.sources.manifest import build_manifest

DATA = Path(__file__).parents[2].parent / "shared" / "data"


def real(name: str) -> Path:
    if not (DATA / name).is_dir():
        pytest.skip(f"the real photos {DATA / name} are not here")
    return DATA / name


def build(found: Guess):
    return build_manifest(found.source_options(), found.attribute_options(), Path("/nowhere"))


def how_sure(found: Guess, part: str) -> str:
    return next(clue.sure for clue in found.clues if part in clue.text)


# --- layouts ---------------------------------------------------------------------------------------------


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


def test_a_table_that_says_nothing_of_the_photos_is_told_and_not_used(photos):
    root = photos("cat/1.png", "cat/2.png", "dog/1.png")
    (root / "prices.csv").write_text("item,price\nx,1\ny,2\n")
    found = guess(root)
    assert found.kind == "folder"
    assert found.warnings[0].startswith("prices.csv was not used")


# --- what is refused -------------------------------------------------------------------------------------


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


# --- columns ---------------------------------------------------------------------------------------------


@pytest.fixture
def columns(photos):
    """`columns(kind=[…], …)` guesses from a table of 12 photos with these columns."""

    def look(**cells: list) -> Guess:
        number = len(next(iter(cells.values())))
        root = photos(*[f"{n:02d}.png" for n in range(number)])
        rows = [",".join([f"{n:02d}", *[str(column[n]) for column in cells.values()]]) for n in range(number)]
        (root / "labels.csv").write_text("\n".join([",".join(["path", *cells]), *rows]))
        return guess(root)

    return look


def test_ids_constants_and_splits_are_no_labels(columns):
    found = columns(
        kind=["a", "b", "c"] * 4,
        row_id=[f"r{n // 2}" for n in range(12)],
        race=["Asian"] * 12,
        part=["train"] * 8 + ["val"] * 4,
        patient=[f"p{n // 3}" for n in range(12)],
    )
    assert [a["name"] for a in found.attributes] == ["kind"]
    assert found.source["split_column"] == "part"
    assert found.source["group_column"] == "patient"
    assert how_sure(found, '"patient" says who') == "likely"
    assert any('"row_id" not taken: its name says that it is an id' in w for w in found.warnings)
    assert any('"race" not taken: every row says "Asian"' in w for w in found.warnings)
    manifest = build(found)
    assert manifest.has_groups
    assert manifest.frame["split"].value_counts().to_dict() == {"train": 8, "valid": 4}


def test_a_kind_of_thing_is_a_label_and_its_number_a_group(columns):
    kinds = ["cat", "dog", "emu"] * 20
    animals = [f"{n % 15}" for n in range(60)]
    lesions = [f"{n % 30}" for n in range(60)]
    found = columns(animal=kinds, animal_id=animals, lesion_id=lesions)
    assert [a["name"] for a in found.attributes] == ["animal"]
    assert found.source["group_column"] == "animal_id"  # the coarser of the two
    assert any('"lesion_id" may name groups too' in w for w in found.warnings)


def test_who_it_is_can_be_the_label(columns):
    found = columns(person=[f"p{n // 4}" for n in range(20)])
    assert [a["name"] for a in found.attributes] == ["person"]
    assert "group_column" not in found.source


def test_a_number_beside_a_name_orders_it(columns):
    found = columns(size=["small", "large", "medium"] * 4, size_label=[0, 2, 1] * 4)
    assert found.attributes == [{"name": "size", "values": ["small", "medium", "large"]}]
    assert any('"size_label" not taken: it says the same as "size"' in w for w in found.warnings)


def test_ages_get_bands_and_other_numbers_a_suggestion(columns):
    ages = [5 * n for n in range(2, 18)]
    found = columns(sex=["f", "m"] * 8, Age=ages, weight=[1.5 * n for n in range(16)])
    assert found.attributes[1] == {"name": "Age", "values": ["under 30", "30 to 59", "60 and over"], "bins": [30, 60]}
    assert how_sure(found, "told in bands") == "guess"
    assert any('"weight" not taken' in w and "bins = [" in w for w in found.warnings)
    assert build(found).space.num_classes == 6


def test_numbers_are_cut_when_they_are_all_there_is(columns):
    found = columns(weight=[1.5 * n for n in range(30)])
    assert len(found.attributes[0]["values"]) == 3
    assert build(found).classes().min() == 0


def test_a_column_with_a_reserved_name_is_renamed(columns):
    found = columns(**{"class": ["a", "b"] * 4})
    assert found.attributes == [{"name": "class label", "column": "class", "values": ["a", "b"]}]
    assert build(found).classes().tolist() == [0, 1] * 4


def test_many_breeds_are_taken_when_they_are_the_only_label(columns):
    found = columns(breed=[f"breed {n % 60}" for n in range(180)])
    assert len(found.attributes[0]["values"]) == 60


def test_names_of_bands():
    assert band_names([30, 60], whole=True) == ["under 30", "30 to 59", "60 and over"]
    assert band_names([0.5, 1.5], whole=False) == ["under 0.5", "0.5 to under 1.5", "1.5 and over"]
    assert band_names([1, 2], whole=True) == ["under 1", "1", "2 and over"]


# --- groups ----------------------------------------------------------------------------------------------


def names(template: str, groups: int, size: int) -> list[str]:
    return [template.format(group, number) for group in range(groups) for number in range(size)]


@pytest.mark.parametrize(
    ("template", "depth"),
    [
        ("person_{:03d}_{}.jpg", 0),
        ("{:03d}_{}.jpg", 0),
        ("{:03d} ({}).jpg", 0),
        ("images/p{:03d}/{}.jpg", 0),
        ("cat/p{:03d}/{}.jpg", 1),
        ("p{:03d}_view{}_left.jpg", 0),
    ],
)
def test_groups_are_found_in_names(template, depth):
    proposal = propose(names(template, 40, 10), depth)
    assert proposal is not None
    assert (proposal.num_groups, proposal.num_photos, proposal.sure) == (40, 400, "likely")
    assert "40 names × 10 photos" in proposal.evidence


@pytest.mark.parametrize(
    ("paths", "depth"),
    [
        (names("IMG_{}{:03d}.jpg", 40, 10), 0),
        (names("c{}/{}.jpg", 5, 40), 1),
        (names("cat/cat_{}{:03d}.jpg", 5, 40) + names("dog/dog_{}{:03d}.jpg", 5, 40), 1),
        (names("cats/cat {}{:03d}.jpg", 5, 40) + names("dogs/dog {}{:03d}.jpg", 5, 40), 1),
        (names("{}{:03d}.jpg", 40, 10), 0),
        (names("train/a/photo{}{:02d}.jpg", 5, 40), 2),
    ],
)
def test_cameras_counters_and_class_names_are_no_groups(paths, depth):
    assert propose(paths, depth) is None


def test_a_name_that_repeats_the_label_is_no_group():
    paths = names("{}_x{:03d}y.jpg", 40, 10)
    assert propose(paths, 0) is not None
    assert propose(paths, 0, {path: path.split("_")[0] for path in paths}) is None


def test_an_age_in_the_name_is_no_person():
    """Names like UTKFace's 26_0_1_0001.jpg: the first number is the age, of which the label is the band."""
    ages = [age for age in range(10, 90) for _ in range(1 if age % 2 else 12)]
    paths = [f"{age}_{number:05d}.jpg" for number, age in enumerate(ages)]
    bands = ["young" if age < 30 else "middle" if age < 60 else "old" for age in ages]
    assert (
        propose(paths, 0, {path: f"{i % 2}\t{band}" for i, (path, band) in enumerate(zip(paths, bands, strict=True))})
        is None
    )
    mixed = np.random.default_rng(0).permutation(bands)
    assert propose(paths, 0, dict(zip(paths, mixed, strict=True))) is not None


def test_a_value_that_much_more_photos_have_than_others_is_no_person():
    few = [f"{value}_{number:04d}.jpg" for value in range(100) for number in range(2)]
    paths = [*few, *(f"26_{number:04d}.jpg" for number in range(100, 130))]
    assert propose(few, 0) is not None
    assert propose(paths, 0) is None


def test_numbered_people_with_a_gender_each_stay_people():
    paths = [f"{person:03d}_{photo}.jpg" for person in range(60) for photo in range(1 + person % 9)]
    assert propose(paths, 0, {path: "mf"[int(path[:3]) * 7 % 5 % 2] for path in paths}) is not None


def test_copies_belong_to_their_original(photos):
    paths = [
        f"{c}/{a}{b}{tail}.png"
        for c in ("cat", "dog")
        for a, b in ("qw", "er", "ty")
        for tail in ("", " copy", " copy 2")
    ]
    found = guess(photos(*paths))
    manifest = build(found)
    assert manifest.frame["group"].nunique() == 6
    assert how_sure(found, "The path says") == "guess"


# --- real photos -----------------------------------------------------------------------------------------


def test_faces():
    found = guess(real("faces"))
    assert [a["name"] for a in found.attributes] == ["gender", "age"]
    assert found.attributes[1]["bins"] == [30, 60]
    assert "group_pattern" not in found.source  # the names begin with the age, which is a label
    manifest = build(found)
    assert len(manifest) == 4003
    assert manifest.space.num_classes == 6
    assert set(manifest.classes()) == set(range(6))


def test_masks():
    found = guess(real("masks"))
    assert found.attributes == [{"name": "label", "values": ["with_mask", "without_mask"]}]
    assert how_sure(found, "The path says") == "guess"
    assert any("altered copy" in w for w in found.warnings)
    manifest = build(found)
    groups = manifest.frame.set_index("path")["group"]
    assert len(manifest) == 1600
    assert groups["without_mask/0_0_anhu_0056.jpg"] == groups["without_mask/1_0_anhu_0002.jpg"] == "anhu"
    assert groups["with_mask/0_0_1 copy 11.jpg"] == groups["with_mask/0_0_1.png"] == "with_mask/0_0_1"
    assert (groups == "anhu").sum() == groups.value_counts().iloc[0]


def test_flowers5():
    found = guess(real("flowers5"))
    assert found.attributes[0]["values"] == ["daisy", "dandelion", "rose", "sunflower", "tulip"]
    assert "group_pattern" not in found.source
    assert build(found).frame["split"].value_counts().to_dict() == {"train": 419, "test": 62}


def test_orl_people():
    found = guess(real("orl_people"))
    assert found.source["group_column"] == "person"
    assert [a["name"] for a in found.attributes] == ["gender"]
    manifest = build(found)
    assert manifest.has_groups
    assert manifest.frame.groupby("group").size().tolist() == [10] * 40
