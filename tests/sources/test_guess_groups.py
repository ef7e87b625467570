"""Who or what is in a photo, told by its path."""

from __future__ import annotations

import numpy as np
import pytest

from photobench.sources.groups import propose
from photobench.sources.guess import guess
from tests.sources.guesses import build, how_sure


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
