from __future__ import annotations

from dataclasses import replace

from photobench.audit.words import of_all, ranking, summary
from photobench.records import Checked, Finding

WRONG = Finding(
    "labels", "wrong label", "anna/1.jpg", "gender", 0.97, "male", "female", "relabel", "Nine of ten are female."
)
COPY = Finding("duplicates", "exact copy", "anna/2.jpg", "", 0.5, "", "", "exclude", "It is anna/3.jpg, byte for byte.")


def test_the_summary_has_a_row_per_kind_and_says_what_was_not_made() -> None:
    text = summary(
        [
            Checked("labels", (WRONG,), ("About 12 labels are wrong.",)),
            Checked("quality"),
            Checked("leakage", skipped="There is one split."),
        ]
    )
    assert "labels   wrong label    1         1" in text
    assert "quality  nothing found" in text
    assert "labels: About 12 labels are wrong." in text
    assert "leakage was not made: There is one split." in text


def test_of_new_findings_alone_the_counts_are_still_of_all() -> None:
    labels = Checked("labels", (WRONG, replace(WRONG, path="anna/4.jpg", new=True)))
    text = summary([labels, Checked("duplicates", (COPY,))], only_new=True)
    assert "labels      wrong label  1         1" in text
    assert "duplicates  nothing new" in text
    assert "labels: 1 of 2 findings was not in the list before" in text


def test_the_ranking_says_what_where_and_why() -> None:
    head, first, why, second, _ = ranking([WRONG, COPY]).splitlines()
    assert head.split() == ["score", "what", "label", "photo"]
    assert [part.strip() for part in first.split("  ")] == [
        "0.97",
        "wrong label",
        "gender: male → female",
        "anna/1.jpg",
    ]
    assert why.strip() == WRONG.evidence
    assert "exact copy" in second and ":" not in second


def test_the_other_photo_is_named_where_the_words_do_not() -> None:
    two = replace(COPY, evidence="2 photos differ.", related=("anna/3.jpg",), cluster="anna/2.jpg")
    lines = ranking([two, replace(COPY, related=("anna/3.jpg",), cluster="anna/2.jpg")]).splitlines()
    assert lines[2].strip() == "2 photos differ. Beside: anna/3.jpg"
    assert lines[4].strip() == COPY.evidence


def test_the_line_above_says_how_many_there_are() -> None:
    assert of_all(20, 70).startswith("The 20 of 70 findings that deserve a look first.")
    assert of_all(20, 70).endswith("which alone is not the order: what would do more harm comes first.")
    assert of_all(1, 1).endswith("how sure a check is of what it says.")
    assert of_all(3, 3).startswith("All 3 findings")
    assert of_all(1, 1).startswith("The finding.")
