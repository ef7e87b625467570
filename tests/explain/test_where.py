from __future__ import annotations

import numpy as np
import pytest

from photobench.data.pack import PackSpec
from photobench.evaluation import Figure
from photobench.explain.habits import habit
from photobench.explain.record import Look
from photobench.explain.where import CENTRE, area, region_in_view, share_inside
from photobench.records import WHOLE, Box


def test_the_box_lies_where_the_crop_puts_it() -> None:
    """A margin of half a side on each side: the box is the inner half of what is stored, and more of what the model sees of it."""
    spec = PackSpec(64, "crop", margin=0.5, aspect=1.0)
    region, name = region_in_view(Box(0.4, 0.4, 0.6, 0.6, how="found"), 200, 200, spec, crop=1.0)
    assert name == "box"
    assert region == pytest.approx((0.25, 0.25, 0.75, 0.75))
    closer, _ = region_in_view(Box(0.4, 0.4, 0.6, 0.6, how="found"), 200, 200, spec, crop=0.8)
    assert area(closer) == pytest.approx(0.625**2)


def test_a_crop_at_the_edge_moves_the_box_in_it() -> None:
    spec = PackSpec(64, "crop", margin=0.5, aspect=1.0)
    region, _ = region_in_view(Box(0.0, 0.4, 0.2, 0.6, how="found"), 200, 200, spec, crop=1.0)
    assert region == pytest.approx((0.0, 0.25, 0.5, 0.75))


def test_without_a_box_the_middle_is_asked_about() -> None:
    assert region_in_view(WHOLE, 200, 100, PackSpec(64, "crop"), 1.0) == (CENTRE, "centre")


def test_the_share_inside() -> None:
    assert share_inside(np.ones((8, 8)), CENTRE) == pytest.approx(0.25, abs=0.01)
    corner = np.zeros((8, 8))
    corner[0, 0] = 1
    assert share_inside(corner, CENTRE) == 0
    assert np.isnan(share_inside(np.zeros((8, 8)), CENTRE))


def looks(inside: float, truth: str, num: int, rng: np.random.Generator) -> list[Look]:
    def one() -> Look:
        return Look("label", "a", truth, {"a": 0.5, "b": 0.5}, np.ones((2, 2)), None, inside + rng.normal(0, 0.05))

    return [one() for _ in range(num)]


def test_mistakes_that_look_elsewhere_are_told_from_hits() -> None:
    rng = np.random.default_rng(0)
    found = habit([*looks(0.7, "a", 40, rng), *looks(0.5, "b", 20, rng)], np.arange(60), 200, 0.95, 0)
    assert (found.num_right, found.num_wrong) == (40, 20)
    assert 0.1 < found.difference.low < 0.2 < found.difference.high < 0.3
    assert found.by_value == (("a", 40, pytest.approx(0.7, abs=0.03)), ("b", 20, pytest.approx(0.5, abs=0.03)))
    same = habit([*looks(0.7, "a", 40, rng), *looks(0.7, "b", 20, rng)], np.arange(60), 200, 0.95, 0)
    assert same.difference.low < 0 < same.difference.high


def test_few_mistakes_are_not_compared() -> None:
    rng = np.random.default_rng(0)
    found = habit([*looks(0.7, "a", 40, rng), *looks(0.2, "b", 3, rng)], np.arange(43), 200, 0.95, 0)
    assert isinstance(found.difference, Figure) and np.isnan(found.difference.low)
    assert np.isnan(found.wrong.low) and not np.isnan(found.right.low)
