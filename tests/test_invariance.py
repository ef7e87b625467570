"""What a flip costs a label, on features whose truth is known."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from photobench.evaluation import Figure
from photobench.invariance import LEFT_RIGHT, LabelCheck, LabelCost, Views, label_costs
from photobench.records import Attribute

HAND = Attribute("hand", ("left", "right", "both"))


def views(seed: int, sign: int, num: int = 150) -> Views:
    """Feature 0 is positive for right and negative for left, feature 1 is high for both; turning multiplies feature 0 by `sign`."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(3, size=num)
    upright = rng.normal(0, 0.3, (num, 6))
    upright[:, 0] += np.array([-1, 1, 0])[codes]
    upright[:, 1] += np.array([0, 0, 1.5])[codes]
    turned = upright * np.array([sign, 1, 1, 1, 1, 1]) + rng.normal(0, 0.05, (num, 6))
    return Views(upright, turned, codes[:, None])


def cost(sign: int, num: int = 150, num_bootstraps: int = 200) -> LabelCost:
    groups = np.arange(num)
    (found,) = label_costs(
        "left-right flip", [HAND], views(0, sign), views(1, sign, num), groups, num_bootstraps, 0.95, 0
    )
    return found


def test_a_turn_that_makes_one_class_the_other_is_beyond_doubt() -> None:
    found = cost(sign=-1)
    assert found.macro_f1 > 0.9
    assert found.cost.value > 0.2
    assert found.cost.low < found.cost.value < found.cost.high
    assert {(a, b) for a, b, _ in found.swaps} == {("left", "right"), ("right", "left")}
    assert found.is_beyond_doubt


def test_a_turn_that_changes_nothing_costs_nothing() -> None:
    found = cost(sign=1)
    assert abs(found.cost.value) < 0.05
    assert not found.swaps
    assert not found.is_beyond_doubt


@pytest.mark.parametrize(("num", "num_bootstraps"), [(4, 200), (150, 0)])
def test_without_an_interval_nothing_is_beyond_doubt(num: int, num_bootstraps: int) -> None:
    found = cost(-1, num, num_bootstraps)
    assert np.isnan(found.cost.low)
    assert not found.is_beyond_doubt


def test_photos_of_one_person_count_as_one() -> None:
    """The same photos in ten groups: the interval is wider than where each counts for itself."""
    wide, narrow = (
        label_costs("left-right flip", [HAND], views(0, -1), views(1, -1), groups, 400, 0.95, 0)[0].cost
        for groups in (np.sort(views(1, -1).codes_NA[:, 0]) * 3 + np.arange(150) % 3, np.arange(150))
    )
    assert wide.value == narrow.value
    assert (wide.low, wide.high) != (narrow.low, narrow.high)


def test_each_attribute_is_measured_by_itself() -> None:
    size = Attribute("size", ("small", "large"))
    both = []
    for seed in (0, 1):
        one = views(seed, -1)
        sizes = np.random.default_rng(seed + 9).integers(2, size=150)
        upright, turned = (
            np.c_[features, sizes + 0.01 * one.upright_ND[:, 2]] for features in (one.upright_ND, one.turned_ND)
        )
        both.append(Views(upright, turned, np.c_[one.codes_NA, sizes]))
    hand, found = label_costs("left-right flip", [HAND, size], *both, np.arange(150), 200, 0.95, 0)
    assert hand.is_beyond_doubt
    assert not found.is_beyond_doubt
    assert "of macro-F1 of hand" in hand.warning("do")


def test_only_what_is_in_use_is_warned_of_with_the_preset_that_helps() -> None:
    left_right = cost(-1)
    (half,) = label_costs("half turn", [HAND], views(0, -1), views(1, -1), np.arange(150), 200, 0.95, 0)
    assert LabelCheck((), costs=(left_right,)).warnings == []
    (said,) = LabelCheck(("left-right flip",), costs=(left_right,)).warnings
    assert {"'left'", "'right'"} <= set(re.findall(r"'\w+'", said))
    assert said.endswith('set augment.preset = "no-flip".')
    assert LabelCheck(("half turn",), costs=(half,)).warnings[0].endswith('set augment.preset = "light".')
    both = LabelCheck(("left-right flip", "half turn"), costs=(left_right, half)).warnings
    assert all('"no-flip"' in one for one in both)
    named = LabelCheck(("left-right flip",), True, (left_right,)).warnings
    assert named[0].endswith("take it out of augment.pipeline.")


def test_it_comes_back_from_json_as_it_was() -> None:
    check = LabelCheck(("left-right flip",), True, (cost(-1), cost(1)))
    assert LabelCheck.from_json(json.loads(json.dumps(check.to_json()))) == check


def test_each_label_gets_a_verdict() -> None:
    harmless, wrong = Figure(0.0, -0.01, 0.01), Figure(0.5, 0.4, 0.6)
    swaps = (("left", "right", 0.9),)
    costs = (
        LabelCost(LEFT_RIGHT, "side", 0.9, wrong, swaps), LabelCost(LEFT_RIGHT, "colour", 0.9, harmless),
        LabelCost("upside down flip", "side", 0.9, wrong, swaps),
    )  # fmt: skip
    side, colour = LabelCheck((LEFT_RIGHT,), costs=costs).verdicts
    assert side == f"side: destroyed beyond doubt by the {LEFT_RIGHT}. Not in use, and it would be: upside down flip."
    assert colour == f"colour: nothing is destroyed beyond doubt by what is in use ({LEFT_RIGHT})."
    assert LabelCheck((), costs=costs[1:2]).verdicts == ["colour: no flip or turn is in use, so nothing is destroyed."]
