"""What deserves a look first, over all checks."""

from __future__ import annotations

from photobench.audit.checks import CHECKS
from photobench.audit.priority import foremost, in_order, worth
from photobench.records import Checked, Finding


def found(check: str, kind: str, score: float, path: str = "a.jpg", cluster: str = "") -> Finding:
    return Finding(check, kind, path, "", score, "", "", "look", "", cluster=cluster)


def test_what_is_sure_and_does_harm_comes_first_and_what_is_ambiguous_last() -> None:
    wanted = [
        found("leakage", "in train and in the test set", 1.0),
        found("duplicates", "copies with two labels", 0.75),
        found("labels", "wrong label", 0.95),
        found("labels", "wrong label", 0.6),
        found("duplicates", "exact copy", 1.0),
        found("quality", "dark", 0.6),
        found("ambiguous", "between two classes", 1.0),
    ]
    assert in_order(reversed(wanted)) == wanted


def test_a_check_of_ones_own_has_its_place() -> None:
    assert 0 < worth(found("mine", "odd", 1.0)) < worth(found("labels", "wrong label", 1.0))


def test_no_kind_hides_the_others() -> None:
    wrong = Checked("labels", tuple(found("labels", "wrong label", 0.9, f"{n}.jpg") for n in range(300)))
    copies = Checked("duplicates", tuple(found("duplicates", "near copy", 0.8, f"{n}.jpg") for n in range(300)))
    dark = Checked("quality", (found("quality", "dark", 0.6),))
    first = foremost([wrong, copies, dark, Checked("outliers")], 20)
    kinds = [finding.kind for finding in first]
    assert kinds == sorted(kinds, key=["wrong label", "near copy", "dark"].index) and set(kinds) == {
        "wrong label",
        "near copy",
        "dark",
    }
    assert kinds.count("wrong label") > kinds.count("near copy") > 3
    assert first[:3] == list(wrong.findings[:3])
    assert foremost([wrong], 50) == list(wrong.findings[:50])
    assert foremost([], 20) == []


def test_of_copies_that_belong_together_one_is_shown_before_there_is_room_for_all() -> None:
    pairs = [
        found("duplicates", "near copy", 0.9 - n / 100, f"{n}{side}.jpg", f"{n}") for n in range(3) for side in "ab"
    ]
    checked = [Checked("duplicates", tuple(pairs))]
    assert [finding.cluster for finding in foremost(checked, 3)] == ["0", "1", "2"]
    assert foremost(checked, 5) == [pairs[0], pairs[1], pairs[2], pairs[3], pairs[4]]
    assert foremost(checked, 99) == pairs


def test_every_kind_has_a_weight_and_nothing_is_worth_less_than_what_is_ambiguous() -> None:
    kinds = [(entry.name, kind) for entry in CHECKS for kind in entry.build().kinds]
    assert all(kind.weight > 0 and kind.line for _, kind in kinds)
    lightest = min(kinds, key=lambda one: one[1].weight)
    assert lightest[0] == "ambiguous"
