from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from photobench.audit import leakage
from photobench.records import Finding
from tests.audit.drawn import evidence_of, save, scene


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for seed in range(24):
        save(tmp_path / ("cat" if seed % 2 else "dog") / f"{seed:02}.jpg", scene(seed))
    return tmp_path


def of_kind(findings: list[Finding], word: str) -> list[Finding]:
    return [finding for finding in findings if word in finding.kind]


def test_clean_photos_leak_nothing(folder: Path) -> None:
    assert leakage.look(evidence_of(folder)) == []


@pytest.mark.parametrize(
    ("side", "words"), [("valid", "validation set"), ("test", "test set"), ("predict", "evaluation set")]
)
@pytest.mark.parametrize("exact", [True, False])
def test_the_same_photo_on_both_sides(folder: Path, side: str, words: str, exact: bool) -> None:
    if exact:
        shutil.copy(folder / "dog/04.jpg", folder / "dog/copy.jpg")
    else:
        save(folder / "dog/copy.jpg", scene(4)[:, ::-1])
    (one,) = leakage.look(evidence_of(folder, {"split": {"dog/copy.jpg": side}}))
    assert one.kind == f"in train and in the {words}"
    assert (one.path, one.related, one.fix) == ("dog/04.jpg", ("dog/copy.jpg",), "exclude")
    assert (one.score == 1) == exact


def test_two_shots_of_one_scene_on_two_sides_are_a_possible_leak(folder: Path) -> None:
    """The same scene turned round is no copy that laying one over the other finds, and has the colours of the first."""
    for seed in range(24, 40):
        save(folder / "cat" / f"{seed}.jpg", scene(seed))
    save(folder / "dog/again.jpg", np.ascontiguousarray(scene(4)[::-1, ::-1]))
    (one,) = leakage.look(evidence_of(folder, {"split": {"dog/again.jpg": "test"}}))
    assert (one.kind, one.path, one.related, one.fix) == (
        "one scene on two sides",
        "dog/04.jpg",
        ("dog/again.jpg",),
        "look",
    )
    assert 0.5 < one.score < 0.9 and "same scene as dog/again.jpg in the test set" in one.evidence
    assert leakage.look(evidence_of(folder)) == [], "on one side it is no leak"
    groups = {"dog/04.jpg": "anna", "dog/again.jpg": "anna"}
    known = leakage.look(evidence_of(folder, {"split": {"dog/again.jpg": "test"}, "group": groups}))
    assert [finding.kind for finding in known] == ["group on two sides"]


def test_a_group_on_two_sides(folder: Path) -> None:
    groups = {"dog/04.jpg": "anna", "dog/06.jpg": "anna", "cat/01.jpg": "bo", "cat/03.jpg": "bo"}
    found = leakage.look(evidence_of(folder, {"group": groups, "split": {"dog/06.jpg": "test"}}))
    assert [(f.kind, f.path, f.cluster) for f in found] == [("group on two sides", "dog/04.jpg", "anna")]
    assert "1 in train, 1 in the test set" in found[0].evidence


def test_two_groups_with_copies_are_one_person(folder: Path) -> None:
    save(folder / "cat/new.jpg", scene(4)[:, ::-1])
    groups = {"dog/04.jpg": "anna", "dog/06.jpg": "anna", "dog/08.jpg": "anna", "cat/new.jpg": "bo", "cat/03.jpg": "bo"}
    (one,) = of_kind(leakage.look(evidence_of(folder, {"group": groups})), "groups")
    assert (one.path, one.given, one.suggested, one.fix) == ("cat/new.jpg", "bo", "anna", "group")


def test_two_groups_that_are_each_others_nearest_are_one_person(tmp_path: Path) -> None:
    """A person is a colour here: anna and ann have the same one."""
    groups = {}
    for number, name in enumerate(("anna", "ann", "bo", "cy", "di")):
        hue = np.array([[200, 40, 40], [200, 40, 40], [40, 180, 60], [60, 60, 210], [210, 200, 60]][number])
        for photo in range(4):
            pixels = (0.25 * scene(10 * number + photo) + 0.75 * hue).astype(np.uint8)
            path = save(tmp_path / "all" / f"{name}{photo}.png", pixels)
            groups[path.relative_to(tmp_path).as_posix()] = name
    found = of_kind(leakage.look(evidence_of(tmp_path, {"group": groups})), "groups")
    assert {frozenset((f.given, f.suggested)) for f in found} <= {frozenset(("anna", "ann"))}
    assert found


@pytest.mark.parametrize("property_", ["size, shape and kind of file", "border pixels", "brightness and colour"])
def test_a_label_that_file_or_background_gives_away(tmp_path: Path, property_: str) -> None:
    rng = np.random.default_rng(0)
    for seed in range(60):
        name, pixels = ("cat", "dog")[seed % 2], scene(seed)
        if property_.startswith("size") and seed % 2:
            pixels = pixels[: 90 + seed % 7]
        elif property_.startswith("border") and seed % 2:
            pixels[:10] = pixels[-10:] = pixels[:, :10] = pixels[:, -10:] = rng.integers(0, 20)
        elif property_.startswith("brightness") and seed % 2:
            pixels[30:100, 30:100] = pixels[30:100, 30:100] // 3
        save(tmp_path / name / f"{seed}.bmp", pixels)  # whose length says nothing
    evidence = evidence_of(tmp_path)
    (one,) = of_kind(leakage.look(evidence), "given away")
    assert property_ in one.evidence
    assert (one.attribute, one.given) == ("label", "cat")
    assert one.path.startswith("cat/")
    assert any(property_ in note for note in evidence.notes)


def test_names_that_say_who_it_is_are_noted(tmp_path: Path) -> None:
    for number in range(40):
        name = ("anna", "bo", "cy", "di", "eve", "finn", "gus", "hal", "ida", "jo")[number % 10]
        save(tmp_path / ("cat" if number % 2 else "dog") / f"{name}_{number // 10}.jpg", scene(number, 48))
    evidence = evidence_of(tmp_path)
    leakage.look(evidence)
    assert any("source.group_pattern" in note for note in evidence.notes)


def test_too_few_photos_of_a_value_are_said(folder: Path) -> None:
    for number in range(3):
        save(folder / "eel" / f"{number}.jpg", scene(200 + number))
    evidence = evidence_of(folder)
    leakage.look(evidence)
    assert any("'eel'" in note and "groups are needed" in note for note in evidence.notes)
