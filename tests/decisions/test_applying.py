"""A manifest after decisions: groups, labels, photos left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from photobench.decisions.applying import decide_labels, merge_groups, untouched
from photobench.decisions.words import decided_in, decision_notes, told
from photobench.records import Attribute, ClassSpace, Decision, Manifest

SPACE = ClassSpace((Attribute("gender", ("male", "female")), Attribute("age", ("young", "old"))))


def manifest() -> Manifest:
    """Six photos of three people in train and valid, one without a label, one to predict."""
    frame = pd.DataFrame(
        [
            ("a1.jpg", "male", "young", "anna", "train", ""),
            ("a2.jpg", "male", "young", "anna", "train", ""),
            ("b1.jpg", "female", "old", "ben", "valid", ""),
            ("b2.jpg", pd.NA, "old", "ben", "", "no label"),
            ("c1.jpg", "female", pd.NA, "carl", "", "no label"),
            ("p1.jpg", pd.NA, pd.NA, "p1.jpg", "predict", ""),
        ],
        columns=["path", "gender", "age", "group", "split", "reason"],
    )
    frame[["gender", "age"]] = frame[["gender", "age"]].astype("string")
    return Manifest(frame.assign(sha256="", bytes=1, mtime_ns=1), SPACE, Path("/photos"), has_groups=True)


def of(*words: tuple[str, str, Any]) -> dict[int, Decision]:
    return {
        n: Decision(photo, field, None, new, "ann", "", "blurred") for n, (photo, field, new) in enumerate(words, 1)
    }


def row(after: Manifest, path: str) -> dict[str, Any]:
    return after.frame.set_index("path").loc[path].to_dict()


def test_a_changed_label_is_kept_beside_the_given_one() -> None:
    after = decide_labels(manifest(), of(("a1.jpg", "gender", "female")))
    assert (row(after, "a1.jpg")["gender"], row(after, "a1.jpg")["given:gender"]) == ("female", "male")
    assert row(after, "a2.jpg")["gender"] == row(after, "a2.jpg")["given:gender"] == "male"
    assert "given:age" not in after.frame
    assert after.codes()[0].tolist() == [1, 0]
    assert after.frame["split"].tolist() == manifest().frame["split"].tolist()


def test_the_fingerprint_follows_labels_and_what_is_left_out() -> None:
    before = manifest().fingerprint()
    assert decide_labels(manifest(), of(("a1.jpg", "gender", "female"))).fingerprint() != before
    assert decide_labels(manifest(), of(("a1.jpg", "exclude", True))).fingerprint() != before
    assert merge_groups(manifest(), of(("a1.jpg", "group", "carl"))).fingerprint() != before
    assert decide_labels(manifest(), of(("a1.jpg", "gender", "male"))).fingerprint() == before


def test_a_photo_left_out_says_why() -> None:
    after = decide_labels(manifest(), of(("a1.jpg", "exclude", True)))
    assert after.broken()["reason"].tolist()[0] == "left out by decision: blurred"
    assert after.rows("train").tolist() == [1]


def test_a_photo_that_gets_its_label_goes_to_its_group() -> None:
    after = decide_labels(manifest(), of(("b2.jpg", "gender", "male"), ("c1.jpg", "age", "old")))
    assert (row(after, "b2.jpg")["split"], row(after, "b2.jpg")["reason"]) == ("valid", "")
    assert (row(after, "c1.jpg")["split"], row(after, "c1.jpg")["reason"]) == ("train", "")


def test_a_photo_that_gets_its_label_goes_where_the_source_puts_it() -> None:
    given = pd.Series(["", "", "", "", "test", "predict"])
    assert row(decide_labels(manifest(), of(("c1.jpg", "age", "old")), given), "c1.jpg")["split"] == "test"


def test_half_a_label_is_none() -> None:
    two = manifest().with_columns(age=pd.array(["young", "young", "old", pd.NA, pd.NA, pd.NA], dtype="string"))
    assert row(decide_labels(two, of(("b2.jpg", "gender", "male"))), "b2.jpg")["reason"] == "no label"


def test_groups_are_merged_whole_and_in_chains() -> None:
    after = merge_groups(manifest(), of(("a1.jpg", "group", "ben"), ("b1.jpg", "group", "carl")))
    assert after.frame["group"].tolist() == ["carl"] * 5 + ["p1.jpg"]
    assert after.frame["given:group"].tolist() == manifest().frame["group"].tolist()


def test_groups_that_name_each_other_have_the_latest_name() -> None:
    after = merge_groups(manifest(), of(("a1.jpg", "group", "ben"), ("b1.jpg", "group", "anna")))
    assert after.frame["group"].tolist()[:4] == ["anna"] * 4


def test_a_new_name_may_join_groups() -> None:
    after = merge_groups(manifest(), of(("a1.jpg", "group", "twins"), ("c1.jpg", "group", "twins")))
    assert after.frame["group"].tolist() == ["twins", "twins", "ben", "ben", "twins", "p1.jpg"]


def test_without_effect_nothing_changes_and_everything_is_named() -> None:
    decisions = of(
        ("gone.jpg", "gender", "male"), ("a1.jpg", "gender", "femal"), ("a1.jpg", "hair", "grey"), ("p1.jpg", "exclude", True)
    )  # fmt: skip
    pd.testing.assert_frame_equal(decide_labels(manifest(), decisions).frame, manifest().frame)
    notes = "\n".join(decision_notes(manifest(), decisions))
    for part in (
        "1: gone.jpg",
        'gender "femal". Did you mean "female"?',
        "3: a1.jpg: hair",
        "4: p1.jpg",
        "photobench decisions undo 4",
    ):
        assert part in notes


def test_contradictions_list_both() -> None:
    decisions = of(("a1.jpg", "gender", "female"), ("a1.jpg", "gender", "male"))
    [note] = decision_notes(manifest(), decisions)
    assert '"female" (decision 1, ann) and then "male" (decision 2, ann)' in note


def test_untouched_is_what_both_use_alike() -> None:
    after = decide_labels(
        manifest(), of(("a1.jpg", "exclude", True), ("b1.jpg", "age", "young"), ("a2.jpg", "gender", "male"))
    )
    assert untouched(after, manifest()).tolist() == [False, True, False, True, True, True]


def test_what_decisions_come_to() -> None:
    decisions = of(("a1.jpg", "gender", "female"), ("a2.jpg", "exclude", True), ("b1.jpg", "group", "anna"))
    after = decide_labels(merge_groups(manifest(), decisions), decisions)
    assert "1 label changed, 1 photo left out, 1 group merged into another" in decided_in(after)
    assert told(decisions.values()) == "1 label changed, 1 photo left out, 1 group merged"
    assert told([]) == decided_in(manifest()) == ""


def test_hidden_names_cannot_be_attributes() -> None:
    from photobench.sources.options import AttributeOptions

    for name in ("exclude", "box", "given:gender"):
        with pytest.raises(ValueError, match="cannot be an attribute's name"):
            AttributeOptions(name=name, values=("a", "b"))
