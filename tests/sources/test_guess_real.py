"""Sets of real photos, where they lie beside the checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

from photobench.sources.guess import guess
from tests.sources.guesses import build, how_sure

DATA = Path(__file__).parents[2].parent / "shared" / "data"


def real(name: str) -> Path:
    if not (DATA / name).is_dir():
        pytest.skip(f"the real photos {DATA / name} are not here")
    return DATA / name


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
