from __future__ import annotations

from dataclasses import replace

import numpy as np

from photobench.ensemble import Diversity, EnsembleRecord, Fitted, Member
from photobench.ensemble.record import Way
from photobench.ensemble.words import about_diversity, described, verdict
from photobench.evaluation import Figure

RECORD = EnsembleRecord(
    name="ensemble-001-soft", method="soft", asked="best",
    members=(Member("a", ("a",), "", Figure(0.7, 0.6, 0.8), 2.0), Member("b", ("b",), "", Figure(0.72, 0.6, 0.8), 3.0)),
    fitted=Fitted(np.full(2, 0.5)),
    tried=(Way("single", Figure(0.71, 0.6, 0.8), None, 3.0), Way("soft", Figure(0.75, 0.7, 0.8), Figure(0.04, 0.01, 0.07), 5.0),
           Way("stacking", Figure(0.76, 0.7, 0.8), Figure(0.05, 0.01, 0.08), 5.0)),
    diversity=Diversity(np.array([[0, 0.1], [0.1, 0]]), np.array([[1, 0.8], [0.8, 1]])),
    num_photos=100, num_groups=20, made_of="", created="",
)  # fmt: skip


def test_what_is_taken_and_why() -> None:
    assert verdict(RECORD) == (
        "Soft is taken, the simplest way within one standard error of the best (stacking, 0.760): better than the best member beyond doubt, "
        "+0.040 macro-F1 (+0.010 to +0.070). It takes 5.0 ms per photo, the best member 3.0."
    )
    assert verdict(replace(RECORD, asked="soft")).startswith("Soft is taken, as asked for: ")
    assert verdict(replace(RECORD, method="stacking")).startswith("Stacking is taken, the best: ")


def test_a_best_member_that_scores_less_where_it_is_chosen_is_explained() -> None:
    less = (Way("single", Figure(0.66, 0.6, 0.8), None, 3.0), *RECORD.tried[1:])
    assert "The best member has 0.660 here and not 0.720" in verdict(replace(RECORD, tried=less))


def test_of_sets_of_folds_the_gain_is_said_to_be_less_on_new_photos() -> None:
    folds = replace(RECORD.members[0], runs=("a1", "a2"))
    record = replace(RECORD, members=(folds, RECORD.members[1]))
    assert "expect less than this gain there" in verdict(record)
    assert "expect less" not in verdict(RECORD) + verdict(replace(record, method="single"))


def test_an_ensemble_may_not_be_worth_it() -> None:
    text = verdict(replace(RECORD, method="single"))
    assert text.startswith(
        "An ensemble is not worth it here: the best way, stacking, is +0.050 macro-F1 (+0.010 to +0.080) from the best member"
    )
    assert text.endswith("takes 5.0 ms per photo against 3.0. Use b alone.")
    assert verdict(replace(RECORD, method="single", asked="single")) == "The best member alone, as asked for: b."


def test_how_sure_it_is() -> None:
    for gain, words in (
        (Figure(-0.04, -0.07, -0.01), "worse than the best member beyond doubt"),
        (Figure(0.01, -0.02, 0.03), "which is not beyond doubt"),
        (Figure(0.01), "how sure that is cannot be said"),
    ):
        way = replace(RECORD.tried[1], gain=gain)
        assert words in verdict(replace(RECORD, tried=(RECORD.tried[0], way, RECORD.tried[2])))


def test_how_different_they_are() -> None:
    assert (
        "The mistakes of a and b go together with a correlation of 0.80 (they say different classes of 10 % of the photos)"
        in described(RECORD)
    )
    assert "another backbone, or another size" in about_diversity(RECORD)
    other = replace(RECORD, diversity=replace(RECORD.diversity, errors_MM=np.array([[1, 0.3], [0.3, 1]])))
    assert "another backbone" not in about_diversity(other)
    none = replace(RECORD, diversity=replace(RECORD.diversity, errors_MM=np.full((2, 2), np.nan)))
    assert "make no mistake" in about_diversity(none)


def test_json_keeps_it() -> None:
    assert EnsembleRecord.from_json(RECORD.to_json()).to_json() == RECORD.to_json()
