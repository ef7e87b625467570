from __future__ import annotations

import pytest

from photobench.errors import SourceError
from photobench.sources.aistages import ATTRIBUTES, scan
from photobench.sources.manifest import build_manifest
from photobench.sources.options import SourceOptions

STEMS = ("mask1", "mask2", "mask3", "mask4", "mask5", "incorrect_mask", "normal")
PEOPLE = (("male", 29), ("male", 30), ("male", 60), ("female", 18), ("female", 59), ("female", 61))
OPTIONS = SourceOptions(kind="aistages")


@pytest.fixture
def home(photos):
    folders = [f"{n:06d}_{gender}_Asian_{age}" for n, (gender, age) in enumerate(PEOPLE)]
    paths = [
        f"train/images/{folder}/{stem}.{'png' if stem == 'normal' else 'jpg'}" for folder in folders for stem in STEMS
    ]
    root = photos(*paths, "eval/images/b.jpg", "eval/images/a.jpg")
    lines = [
        f"{n:06d},{g},Asian,{age},{folder}" for n, ((g, age), folder) in enumerate(zip(PEOPLE, folders, strict=True))
    ]
    (root / "train/train.csv").write_text("\n".join(["id,gender,race,age,path", *lines]))
    (root / "eval/info.csv").write_text("ImageID,ans\nb.jpg,0\na.jpg,0\n")
    return root


def build(home):
    return build_manifest(SourceOptions(kind="aistages", photos=str(home)), ATTRIBUTES, home)


def test_the_eighteen_classes_are_those_of_the_competition(home):
    manifest = build(home)
    classes = dict(zip(manifest.frame["path"], manifest.classes(), strict=True))
    for number, (gender, age) in enumerate(PEOPLE):
        folder = f"train/images/{number:06d}_{gender}_Asian_{age}"
        rest = 3 * (gender == "female") + (0 if age < 30 else 1 if age < 60 else 2)
        assert classes[f"{folder}/mask3.jpg"] == rest
        assert classes[f"{folder}/incorrect_mask.jpg"] == 6 + rest
        assert classes[f"{folder}/normal.png"] == 12 + rest
    assert manifest.space.num_classes == 18
    assert set(classes.values()) == {-1, *range(18)}


def test_the_group_is_the_person_and_eval_is_to_be_predicted(home):
    manifest = build(home)
    train = manifest.frame[manifest.frame["split"] == ""]
    assert manifest.has_groups
    assert train.groupby("group").size().tolist() == [7] * 6
    assert manifest.frame.loc[manifest.frame["split"] == "predict", "path"].tolist() == [
        "eval/images/a.jpg",
        "eval/images/b.jpg",
    ]
    assert manifest.notes == ()


def test_what_is_missing_or_strange_is_told(home):
    person = home / "train/images/000000_male_Asian_29"
    (person / "mask1.jpg").rename(person / "selfie.jpg")
    (person / "._mask2.jpg").write_bytes(b"left by macOS")
    (home / "train/images/000001_male_Asian_30").rename(home / "train/images/stranger")
    (home / "eval/images/a.jpg").rename(home / "eval/images/c.jpg")
    rows = scan(home, OPTIONS)
    assert rows.attrs["notes"] == [
        "1 folder of train.csv without photos on disk: 000001_male_Asian_30.",
        "1 person with fewer than seven photos: 000000_male_Asian_29.",
        "1 folder in train/images/ that train.csv does not name, not used: stranger.",
        "1 photo with an unknown name, not used: train/images/000000_male_Asian_29/selfie.jpg.",
        "1 photo of eval/info.csv that is not on disk: eval/images/a.jpg.",
        "1 photo in eval/images/ that info.csv does not name, not used: eval/images/c.jpg.",
    ]
    assert rows.set_index("path").loc["eval/images/a.jpg", "reason"] == "no such file"


def test_without_eval_there_is_nothing_to_predict(home):
    (home / "eval/info.csv").unlink()
    for photo in (home / "eval/images").iterdir():
        photo.unlink()
    assert (build(home).frame["split"] == "").all()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,gender,race,age,pth\n1,male,Asian,30,x\n", r'no column "path".*Did you mean "pth"'),
        ("id,gender,race,age,path\n1,male,Asian,30,x\n", "None of the 1 folder.*holds a photo"),
        ("id,gender,race,age,path\n1,male,Asian,30,x\n2,male,Asian,30,x\n", "1 folder twice: x"),
    ],
)
def test_a_wrong_train_csv_is_refused_with_the_remedy(home, text, message):
    (home / "train/train.csv").write_text(text)
    with pytest.raises(SourceError, match=message):
        scan(home, OPTIONS)


def test_a_missing_train_csv_is_named(photos):
    with pytest.raises(SourceError, match=r"train/train\.csv does not exist"):
        scan(photos("train/images/x/mask1.jpg"), OPTIONS)
