"""Slices on drawn answers: a weakness that was planted is found first, and where there is none, none is named more often than promised."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from photobench.bootstrap import Sample
from photobench.records import Attribute, ClassSpace, Manifest, Predictions
from photobench.slices import Slices, find_slices
from photobench.slices.conditions import Condition, conditions
from photobench.slices.find import _costs, search

SPACE = ClassSpace((Attribute("mask", ("worn", "wrong", "none")), Attribute("gender", ("m", "f"))))


def draw_facts(rng: np.random.Generator, num_groups: int = 100, each: int = 5) -> tuple[pd.DataFrame, np.ndarray]:
    """Facts of photos of persons, and who is in each."""
    groups_N = np.repeat(np.arange(num_groups), each)
    num = len(groups_N)
    facts = pd.DataFrame(
        {
            "label:mask": rng.choice(["worn", "wrong", "none"], num, p=[0.6, 0.2, 0.2]),
            "label:gender": rng.choice(["m", "f"], num_groups)[groups_N],
            "brightness": np.clip(rng.normal(0.5, 0.15, num), 0, 1),
            "sharpness": rng.gamma(4, 5, num),
            "side_px": rng.choice([200.0, 300.0, 400.0], num),
            "box_how": rng.choice(["found", "median"], num, p=[0.9, 0.1]),
        }
    )
    return facts, groups_N


def found_in(facts: pd.DataFrame, wrong_N: np.ndarray, groups_N: np.ndarray, seed: int = 0) -> list[Condition]:
    known = conditions(facts)
    return [known[pick.place] for pick in search(wrong_N, groups_N, known, 0.95, seed)]


@pytest.mark.parametrize("seed", range(4))
def test_photos_that_are_wrong_because_they_are_dark_are_found_and_nothing_else(seed: int) -> None:
    rng = np.random.default_rng(seed)
    facts, groups_N = draw_facts(rng)
    wrong_N = rng.random(len(facts)) < np.where(facts["brightness"] < 0.37, 0.5, 0.12)
    found = found_in(facts, wrong_N, groups_N)
    assert found[0].columns == ("brightness",)
    assert found[0].words.startswith("are dark (brightness under")
    assert len(found) <= 2


def test_two_conditions_are_named_where_both_are_needed() -> None:
    rng = np.random.default_rng(0)
    facts, groups_N = draw_facts(rng, num_groups=300)
    both_N = (facts["label:gender"] == "f") & (facts["label:mask"] == "none")
    wrong_N = rng.random(len(facts)) < np.where(both_N, 0.6, 0.1)
    (found,) = found_in(facts, wrong_N, groups_N)
    assert set(found.columns) == {"label:gender", "label:mask"}
    assert "have mask = none" in found.words and "have gender = f" in found.words


@pytest.mark.parametrize("each", [1, 5])
def test_where_there_is_none_none_is_named_more_often_than_promised(each: int) -> None:
    """Persons differ in how hard they are, which must not be taken for a slice."""
    alarms = 0
    for seed in range(60):
        rng = np.random.default_rng(1000 + seed)
        facts, groups_N = draw_facts(rng, 400 // each, each)
        hard_G = np.clip(rng.normal(0.2, 0.15, 400 // each), 0.02, 0.9)
        alarms += bool(found_in(facts, rng.random(len(facts)) < hard_G[groups_N], groups_N, seed))
    assert alarms <= 8  # 3 are expected; more than 8 of 60 would be once in 300 at 5 %


def test_the_cost_is_what_would_be_won() -> None:
    """Half of class 0 in the slice is wrong, nothing elsewhere: all of it would be won."""
    truth_N = np.repeat([0, 1], 20)
    predicted_N, meets_N = truth_N.copy(), np.zeros(40, dtype=bool)
    meets_N[:10] = True
    predicted_N[:5] = 1
    sample = Sample(truth_N, predicted_N, np.eye(2)[predicted_N], np.arange(40), 40)
    f1, accuracy = _costs(sample, meets_N, 2.0, seed=0)
    assert accuracy.value == pytest.approx(5 / 40)
    assert f1.value == pytest.approx(1 - (2 * 15 / 35 + 2 * 20 / 45) / 2)
    assert f1.low < f1.value < f1.high


def search_of(wrong_N: np.ndarray, facts: pd.DataFrame, groups_N: np.ndarray) -> Slices:
    rng = np.random.default_rng(0)
    truth_N = rng.integers(0, SPACE.num_classes, len(facts))
    predicted_N = np.where(wrong_N, (truth_N + 1) % SPACE.num_classes, truth_N)
    joint_NK = np.eye(SPACE.num_classes, dtype=np.float32)[predicted_N]
    paths = np.array([f"{row}.jpg" for row in range(len(facts))], dtype=object)
    frame = pd.DataFrame({"path": paths, "group": groups_N.astype(str), "split": "valid", "reason": ""})
    frame = frame.assign(
        **{a.name: np.array(a.values)[SPACE.decompose(truth_N)[:, n]] for n, a in enumerate(SPACE.attributes)}
    )
    manifest = Manifest(frame, SPACE, Path(), has_groups=True)
    predictions = Predictions(list(paths), joint_NK, SPACE, run="001-tiny")
    sample = Sample(truth_N, predicted_N, joint_NK, groups_N, int(groups_N.max()) + 1)
    return find_slices(manifest, predictions, "valid", sample, paths, facts, 0.95, 0)


def test_a_slice_is_told_in_a_sentence_with_its_cost_and_its_photos() -> None:
    rng = np.random.default_rng(1)
    facts, groups_N = draw_facts(rng)
    wrong_N = rng.random(len(facts)) < np.where(facts["brightness"] < 0.37, 0.5, 0.1)
    found = search_of(wrong_N, facts, groups_N)
    first = found.found[0]
    assert first.sentence.startswith("Photos that are dark (brightness under")
    assert f"{first.num_wrong} of {first.num_photos} are wrong" in first.sentence
    assert 0 < first.macro_f1.low < first.macro_f1.value
    assert set(first.paths) <= {f"{row}.jpg" for row in np.flatnonzero(wrong_N)}
    assert len(first.paths) == first.num_wrong
    assert "beyond what chance explains" in str(found)
    assert found.to_frame()["photos"].tolist() == [one.num_photos for one in found.found]


def test_nothing_wrong_and_too_few_are_said() -> None:
    facts, groups_N = draw_facts(np.random.default_rng(0))
    assert "answered rightly" in search_of(np.zeros(len(facts), dtype=bool), facts, groups_N).verdict
    few = search_of(np.arange(30) < 9, facts[:30], np.zeros(30, dtype=int))
    assert "too few" in few.verdict
    assert not few.found and few.to_frame().empty


def test_conditions_are_met_by_different_photos_and_by_enough() -> None:
    facts, _ = draw_facts(np.random.default_rng(0))
    facts = facts.assign(folder="a", format="jpg", same=facts["label:gender"])
    known = conditions(facts)
    masks = {one.meets_N.tobytes() for one in known}
    assert len(masks) == len(known)
    assert all(20 <= one.meets_N.sum() <= 2 / 3 * len(facts) for one in known)
    assert not any("folder" in one.columns or "same" in one.columns for one in known)
