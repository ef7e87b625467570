from __future__ import annotations

from dataclasses import replace

import numpy as np

from photobench.ensemble import Diversity, EnsembleRecord, Fitted, Member
from photobench.ensemble.record import Way
from photobench.ensemble.words import about_diversity, described, verdict, way_heads, way_rows
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


FOLDS = replace(RECORD, members=tuple(replace(one, runs=(f"{one.name}1", f"{one.name}2")) for one in RECORD.members))
"""The same of two sets of folds."""
KNOWN = replace(
    FOLDS,
    tried=(
        FOLDS.tried[0],
        replace(FOLDS.tried[1], expected=Figure(0.03, -0.01, 0.06)),
        replace(FOLDS.tried[2], expected=Figure(0.02, -0.02, 0.05)),
    ),
)
"""The same, knowing how far the models of each set are apart."""


def test_of_sets_of_folds_the_gain_on_new_photos_is_told() -> None:
    assert "which does a part of what an ensemble does: expect less than this there." in verdict(FOLDS)
    assert "split.test, source.predict" in verdict(FOLDS)
    assert verdict(KNOWN).startswith(
        "Soft is taken, the best: better than the best member beyond doubt, +0.040 macro-F1"
    )
    assert (
        "which does a part of what an ensemble does: +0.030 macro-F1 (90 %: -0.010 to +0.060) is expected there."
        in verdict(KNOWN)
    )
    assert "(soft, +0.030 expected)" in verdict(replace(KNOWN, method="stacking"))
    assert "new photo" not in verdict(RECORD), "a run answers them as it does these"


def test_the_table_has_a_column_of_what_is_expected_where_that_is_known() -> None:
    assert len(way_heads(KNOWN)) == len(way_heads(FOLDS)) + 2 == len(way_rows(KNOWN)[0])
    assert way_rows(KNOWN)[1][-3:-1] == ("+0.030", "-0.010 to +0.060")
    assert way_rows(KNOWN)[0][-3:-1] == ("", "")


def test_an_ensemble_may_not_be_worth_it() -> None:
    alone = {"method": "single", "fitted": Fitted(np.array([0, 1.0]))}
    text = verdict(replace(RECORD, **alone))
    assert text == (
        "An ensemble is not worth it here: the best way, stacking, is +0.050 macro-F1 (+0.010 to +0.080) from the best member, which is within one "
        "standard error. It takes 5.0 ms per photo, the best member 3.0. Use b alone."
    )
    assert verdict(replace(RECORD, **alone, asked="single")) == "The best member alone, as asked for: b."
    assert "which is not beyond doubt. Out of fold a photo is told by one model" in verdict(replace(FOLDS, **alone))
    text = verdict(replace(KNOWN, **alone))
    assert (
        "the best way, soft, is +0.040 macro-F1 (+0.010 to +0.070) from the best member. Out of fold a photo is" in text
    )
    assert "+0.030 macro-F1 (90 %: -0.010 to +0.060) is expected there, which is not sure enough. It takes" in text


def test_where_no_way_is_better_there_is_nothing_to_weigh() -> None:
    same = tuple(replace(way, gain=Figure(0.0) if way.gain else None) for way in FOLDS.tried)
    record = replace(FOLDS, method="single", fitted=Fitted(np.array([0, 1.0])), tried=same)
    assert verdict(record) == (
        "An ensemble is not worth it here: no way to combine is better than the best member. Use b alone."
    )


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
