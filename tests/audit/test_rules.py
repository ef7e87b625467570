"""Findings become decisions by rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from photobench.audit.rules import Proposed, Rule, propose, read_rules
from photobench.errors import ConfigError
from photobench.records import Attribute, ClassSpace, Finding

SPACE = ClassSpace((Attribute("gender", ("male", "female")),))


def wrong(path: str, score: float, suggested: str = "female", **changes: str) -> Finding:
    named = {
        "check": "labels",
        "kind": "wrong label",
        "attribute": "gender",
        "given": "male",
        "fix": "relabel",
    } | changes
    return Finding(path=path, score=score, suggested=suggested, evidence="", **named)


def proposed(rules: list[Rule], findings: list[Finding], decided: set[tuple[str, str]] | None = None) -> Proposed:
    return propose(rules, findings, decided or set())


RELABEL = Rule(check="labels", do="relabel", min_score=0.9)


def test_only_what_a_rule_speaks_of_is_decided() -> None:
    findings = [
        wrong("a.jpg", 0.95), wrong("b.jpg", 0.89), wrong("c.jpg", 0.99, check="outliers"), wrong("d.jpg", 0.99, kind="odd"),
    ]  # fmt: skip
    found = proposed([RELABEL.model_copy(update={"kind": "wrong label"})], findings).proposals
    assert [(p.photo, p.field, p.new, p.given) for p in found] == [("a.jpg", "gender", "female", "male")]
    assert found[0].why == "labels: wrong label 0.95, rule 1"


def test_the_surest_come_first_and_max_holds() -> None:
    findings = [wrong(f"{n}.jpg", 0.9 + n / 100) for n in range(5)]
    assert [p.photo for p in proposed([RELABEL.model_copy(update={"max": 2})], findings).proposals] == [
        "4.jpg",
        "3.jpg",
    ]


def test_what_wants_a_look_is_only_left_out_when_asked() -> None:
    look = wrong("a.jpg", 1.0, suggested="", fix="look")
    assert proposed([RELABEL], [look]).proposals == []
    assert proposed([Rule(check="labels", do="group")], [look]).proposals == []
    [one] = proposed([Rule(check="labels", do="exclude")], [look]).proposals
    assert (one.field, one.new) == ("exclude", True)


def test_groups_are_merged_with_the_suggested_one() -> None:
    finding = wrong("a.jpg", 0.8, "ben", check="leakage", fix="group", attribute="", given="anna")
    [one] = proposed([Rule(check="leakage", do="group")], [finding]).proposals
    assert (one.field, one.new, one.given) == ("group", "ben", "")


def test_what_is_decided_is_left_as_it_is() -> None:
    found = proposed([RELABEL], [wrong("a.jpg", 0.95), wrong("b.jpg", 0.95)], {("a.jpg", "gender")})
    assert [p.photo for p in found.proposals] == ["b.jpg"]
    assert found.notes == ["1 finding is on what is decided already, and changes nothing"]


def test_decided_findings_do_not_use_up_the_number() -> None:
    findings = [wrong("a.jpg", 0.99), wrong("b.jpg", 0.95)]
    found = proposed([RELABEL.model_copy(update={"max": 1})], findings, {("a.jpg", "gender")})
    assert [p.photo for p in found.proposals] == ["b.jpg"]


def test_the_first_rule_counts_and_says_so() -> None:
    findings = [wrong("a.jpg", 0.95), wrong("a.jpg", 0.99, "other", check="copies")]
    found = proposed([RELABEL, Rule(check="copies", do="relabel"), Rule(check="quality", do="exclude")], findings)
    assert [p.new for p in found.proposals] == ["female"]
    assert 'a.jpg, gender: "female" (rule 1), not "other" (rule 2)' in "\n".join(found.notes)
    assert "rule 3 (quality) fits no finding" in found.notes


def test_rules_are_read_and_their_mistakes_named_together(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text('[[rule]]\ncheck = "labels"\ndo = "relabel"\nmin_score = 0.9\n')
    assert read_rules(file, SPACE, ["labels"]) == (RELABEL,)
    file.write_text('[[rule]]\ncheck = "labels"\ndo = "relable"\nmin_scor = 2\n')
    with pytest.raises(ConfigError) as problem:
        read_rules(file, SPACE, ["labels"])
    assert len(problem.value.mistakes) == 2
    assert '"min_scor" in [[rule]] number 1 (rules.toml). Did you mean min_score?' in str(problem.value)
    file.write_text('[[rule]]\ncheck = "label"\ndo = "relabel"\nattribute = "gendr"\n')
    with pytest.raises(ConfigError) as problem:
        read_rules(file, SPACE, ["labels"])
    assert 'Did you mean "labels"?' in str(problem.value) and 'Did you mean "gender"?' in str(problem.value)


def test_a_kind_that_the_check_cannot_find_is_a_mistake(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text('[[rule]]\ncheck = "duplicates"\nkind = "exact copies"\ndo = "exclude"\n')
    with pytest.raises(ConfigError, match='There is no kind of finding of duplicates "exact copies"') as problem:
        read_rules(file, SPACE)
    assert 'Did you mean "exact copy"?' in str(problem.value)
    file.write_text('[[rule]]\ncheck = "mine"\nkind = "whatever"\ndo = "exclude"\n')
    assert read_rules(file, SPACE, ["mine"])[0].kind == "whatever", "a check of one's own may find anything"


def test_where_a_missing_file_was_looked_for_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as problem:
        read_rules(Path("rules/mine.toml"), SPACE)
    assert str(tmp_path / "rules" / "mine.toml") in str(problem.value)


@pytest.mark.parametrize("text", ["", "rule = 3", "[[rules]]\n", None])
def test_what_is_no_file_of_rules_is_told(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "rules.toml"
    if text is not None:
        file.write_text(text)
    with pytest.raises(ConfigError, match="rule"):
        read_rules(file, SPACE)


def test_a_photo_that_one_rule_changes_and_another_leaves_out_is_named() -> None:
    dark = wrong("a.jpg", 0.99, suggested="", check="quality", fix="exclude", attribute="", given="", kind="dark")
    found = proposed([RELABEL, Rule(check="quality", do="exclude")], [wrong("a.jpg", 0.95), wrong("b.jpg", 0.95), dark])
    assert {(p.photo, p.field) for p in found.proposals} == {
        ("a.jpg", "gender"),
        ("b.jpg", "gender"),
        ("a.jpg", "exclude"),
    }
    [note] = [note for note in found.notes if "left out" in note]
    assert note.endswith("being left out counts: a.jpg (left out by rule 2, gender by rule 1)")


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (
            'check = "quality"\ndo = "relabel"',
            'no finding of quality suggests another label, so do = "relabel" would never',
        ),
        ('check = "labels"\ndo = "group"', "no finding of labels suggests another group"),
        (
            'check = "duplicates"\nkind = "exact copy"\ndo = "relabel"',
            'no finding of duplicates of the kind "exact copy" suggests another label',
        ),
    ],
)
def test_a_rule_that_could_never_apply_is_a_mistake(tmp_path: Path, rule: str, reason: str) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(f"[[rule]]\n{rule}\n")
    with pytest.raises(ConfigError, match=reason) as problem:
        read_rules(file, SPACE)
    named = "leakage (two groups look like one)" if "group" in reason.split("suggests")[1] else "labels (wrong label)"
    assert named in str(problem.value)


@pytest.mark.parametrize(
    ("rule", "whose"),
    [
        ('check = "quality"\ndo = "exclude"', "quality"),
        ('check = "duplicates"\nkind = "near copy"\ndo = "exclude"', 'duplicates of the kind "near copy"'),
        ('check = "leakage"\ndo = "group"', "leakage that suggests another group"),
    ],
)
def test_an_attribute_of_what_is_about_no_label_is_a_mistake(tmp_path: Path, rule: str, whose: str) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(f'[[rule]]\n{rule}\nattribute = "gender"\n')
    with pytest.raises(ConfigError) as problem:
        read_rules(file, SPACE)
    assert problem.value.mistakes == [
        f'rules.toml, rule 1: no finding of {whose} is about a label, so with attribute = "gender" the rule would never apply: leave '
        "the attribute out."
    ]


def test_an_attribute_of_what_may_be_about_a_label_is_none(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    fitting = ("labels", "relabel"), ("duplicates", "exclude"), ("leakage", "exclude"), ("ambiguous", "exclude"), ("mine", "group")  # fmt: skip
    file.write_text(
        "".join(f'[[rule]]\ncheck = "{check}"\ndo = "{do}"\nattribute = "gender"\n' for check, do in fitting)
    )
    assert len(read_rules(file, SPACE, ["mine"])) == len(fitting)


def test_a_rule_that_may_apply_is_none(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    fitting = ("labels", "relabel"), ("duplicates", "relabel"), ("leakage", "group"), ("quality", "exclude"), ("mine", "relabel")  # fmt: skip
    file.write_text("".join(f'[[rule]]\ncheck = "{check}"\ndo = "{do}"\n' for check, do in fitting))
    assert len(read_rules(file, SPACE, ["mine"])) == len(fitting), "a check of one's own may suggest anything"
