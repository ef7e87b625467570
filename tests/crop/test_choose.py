"""Which of several, and what where nothing is found."""

from __future__ import annotations

import numpy as np
import pytest

from photobench.crop.choose import Look, choose, fall_back, usual_box
from photobench.crop.found import Found
from photobench.crop.options import CropOptions
from photobench.records import Box

BOXES = np.array([[0, 0, 60, 60], [80, 90, 120, 110], [150, 150, 170, 170]], np.float32)
SEVERAL = Look(200, 200, Found(BOXES, np.array([0.8, 0.75, 0.99], np.float32), np.zeros((3, 0, 2), np.float32)))


@pytest.mark.parametrize(
    ("several", "corners"),
    [("largest", (0, 0, 0.3, 0.3)), ("central", (0.4, 0.45, 0.6, 0.55)), ("confident", (0.75, 0.75, 0.85, 0.85))],
)
def test_of_several(several: str, corners: tuple[float, ...]) -> None:
    chosen = choose(SEVERAL, CropOptions(several=several))
    assert chosen is not None
    assert chosen.box.corners == pytest.approx(corners)
    assert (chosen.num_found, chosen.box.how) == (3, "found")


def test_the_doubtful_and_the_small_do_not_count() -> None:
    chosen = choose(SEVERAL, CropOptions(min_score=0.78))
    assert chosen is not None
    assert chosen.num_found == 2
    chosen = choose(SEVERAL, CropOptions(min_side_px=30))
    assert chosen is not None
    assert chosen.num_found == 1
    assert choose(SEVERAL, CropOptions(min_score=0.999)) is None


def test_a_box_beyond_the_photo_is_cut_at_its_edge() -> None:
    look = Look(100, 50, Found(np.array([[-20, -10, 40, 70]], np.float32), np.ones(1, np.float32), np.zeros((1, 0, 2))))
    chosen = choose(look, CropOptions())
    assert chosen is not None
    assert chosen.box.corners == (0, 0, 0.4, 1.0)


def test_it_is_turned_only_where_that_is_asked_for() -> None:
    eyes_FP2 = np.array([[[10, 10], [30, 30]]], np.float32)
    look = Look(100, 50, Found(np.array([[0, 0, 40, 40]], np.float32), np.ones(1, np.float32), eyes_FP2))
    angles = [chosen.box.angle for align in (False, True) if (chosen := choose(look, CropOptions(align=align)))]
    assert angles == [0, pytest.approx(45, abs=0.1)]


def test_the_usual_box_is_the_median() -> None:
    boxes = [Box(x, 0.2, x + 0.3, 0.6, how="found") for x in (0.1, 0.2, 0.6)]
    assert usual_box(boxes).corners == pytest.approx((0.2, 0.2, 0.5, 0.6))
    assert usual_box([]).corners == (0, 0, 1, 1)


@pytest.mark.parametrize(
    ("nothing", "group", "how", "left"),
    [
        ("median", "anna", "median", 0.3),
        ("group", "anna", "group", 0.4),
        ("group", "nobody", "median", 0.3),
        ("center", "anna", "center", 0.15),
        ("whole", "anna", "whole", 0.0),
    ],
)
def test_fallbacks(nothing: str, group: str, how: str, left: float) -> None:
    usual, of_group = Box(0.3, 0, 1, 1, how="median"), {"anna": Box(0.4, 0, 1, 1, how="group")}
    box = fall_back(CropOptions(nothing=nothing), usual, of_group, group)
    assert (box.how, box.x1) == (how, pytest.approx(left))
