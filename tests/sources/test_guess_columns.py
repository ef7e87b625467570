"""Which columns of a table are labels, groups and splits."""

from __future__ import annotations

import pytest

from photobench.sources.clues import Guess
from photobench.sources.columns import band_names
from photobench.sources.guess import guess
from tests.sources.guesses import build, how_sure


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
