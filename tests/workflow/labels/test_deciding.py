"""A person's word changes what is trained; it can be taken back."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import photobench as pb
from photobench import workflow
from photobench.api import Bench
from photobench.errors import PhotobenchError, SplitError
from photobench.records import Finding
from photobench.workflow.labels.auditing import undecided
from photobench.workflow.labels.evidence import witnesses
from tests.conftest import Cli, draw_photo, project_toml
from tests.workflow.labels.decided import GREEN, RED, exported, row, side, standing


def test_training_follows_and_what_is_taken_back_finds_its_run_again(
    bench: Bench, workspace: Path, photos: Path
) -> None:
    before = {path: path.read_bytes() for path in sorted(photos.rglob("*.jpg"))}
    first = bench.train()
    learned = [path for path in side(bench.manifest(), "train") if path.startswith("red")]
    bench.decide(learned[0], "label", "blue", why="looked at it")
    bench.decide(learned[1], "exclude", True, why="nobody in it")
    second = bench.train()
    assert second.name != first.name
    used = workflow.run_manifest(workflow.open_bench(workspace), second.record)
    assert (row(used, learned[0])["label"], row(used, learned[0])["given:label"]) == ("blue", "red")
    assert row(used, learned[0])["split"] == "train" and learned[1] not in side(used, "train")
    assert row(used, learned[1])["reason"] == "left out by decision: nobody in it"
    bench.undo(1, 2)
    assert bench.train().name == first.name
    assert {path: path.read_bytes() for path in sorted(photos.rglob("*.jpg"))} == before


def test_no_decision_on_a_label_moves_anybody_else(bench: Bench) -> None:
    before = bench.manifest().frame.set_index("path")["split"]
    for number, path in enumerate(side(bench.manifest(), "valid")[:3] + side(bench.manifest(), "train")[:6]):
        bench.decide(path, "label", ("red", "green", "blue")[number % 3])
    assert bench.manifest().frame.set_index("path")["split"].equals(before)


def test_merged_groups_are_never_apart(bench: Bench) -> None:
    manifest = bench.manifest()
    learned, asked = (manifest.frame[manifest.frame["split"] == name].iloc[0] for name in ("train", "valid"))
    bench.decide(learned["path"], "group", asked["group"], why="the same person")
    for seed in range(8):
        frame = bench.manifest(**{"split.seed": seed}).frame
        merged = frame[frame["given:group"].isin([learned["group"], asked["group"]])]
        assert len(merged) == 6 and len(set(merged["split"])) == 1


def test_labels_as_given_are_an_option(bench: Bench) -> None:
    path = side(bench.manifest(), "train")[0]
    bench.decide(path, "exclude", True)
    assert path in side(bench.manifest(**{"source.decisions": False}), "train")
    assert path not in side(bench.manifest(), "train")


def test_an_unlabelled_photo_that_is_told_is_learned_from(tmp_path: Path) -> None:
    names = [f"p{n}.jpg" for n in range(12)]
    for n, name in enumerate(names):
        draw_photo(tmp_path / "photos" / name, ((200, 40, 40), (40, 180, 60))[n % 2], n)
    (tmp_path / "photos" / "p0.jpg").write_bytes(b"no photo")
    labels = ["", ""] + [("red", "green")[n % 2] for n in range(2, 12)]
    pd.DataFrame({"path": names, "label": labels}).to_csv(tmp_path / "labels.csv", index=False)
    table = project_toml(tmp_path / "photos", ("red", "green")).replace('"folder"', '"table"\ntable = "labels.csv"')
    (tmp_path / "photobench.toml").write_text(table.replace("group_pattern = '(person\\d+)_'", ""))
    bench = pb.open(tmp_path)
    bench.decide(["p0.jpg", "p1.jpg"], "label", "red")
    manifest = bench.manifest()
    assert "p1.jpg" in side(manifest, "train")
    assert row(manifest, "p0.jpg")["reason"] not in ("", "no label")  # it has a label now, and still cannot be read
    given = bench.manifest(**{"source.decisions": False})
    assert row(given, "p1.jpg")["reason"] == "no label"


def test_the_last_photo_of_a_value_is_not_taken_away_in_silence(bench: Bench) -> None:
    asked = [path for path in side(bench.manifest(), "valid") if path.startswith("red")]
    bench.decide(asked, "exclude", True)
    with pytest.raises(SplitError, match=r'label "red" has no readable photo in valid\. Decisions took it away'):
        bench.train()


@pytest.mark.parametrize(
    ("photo", "field", "new", "hint"),
    [
        ("red/person00_9.jpg", "label", "red", "Did you mean"),
        (RED, "label", "gren", 'Did you mean "green"?'),
        (RED, "lable", "green", 'Did you mean "label"?'),
        (RED, "exclude", "maybe", "neither true nor false nor empty"),
        (RED, "box", {"x1": 0}, "photobench crop --export"),
    ],
)
def test_a_mistake_decides_nothing(bench: Bench, photo: str, field: str, new: object, hint: str) -> None:
    with pytest.raises(PhotobenchError, match="Nothing was decided") as problem:
        bench.decide([GREEN, photo], field, new)
    assert hint in str(problem.value)
    assert bench.decisions().empty


def test_what_stands_is_not_decided_again(bench: Bench) -> None:
    bench.decide(RED, "label", "blue")
    bench.decide(RED, "label", "blue")
    assert len(bench.decisions()) == 1


def test_undo_and_its_undo(bench: Bench) -> None:
    bench.decide(RED, "label", "blue")
    bench.decide(RED, "label", "green")
    bench.undo(2)
    assert standing(bench) == {(RED, "label"): "blue"}
    bench.undo(3)
    assert standing(bench) == {(RED, "label"): "green"}
    table = bench.undo(4, 1)  # both words on it: the later first
    assert standing(bench) == {} and len(table) == 6
    for wrong, why in ((1, "taken back already"), (99, "no decision 99")):
        with pytest.raises(PhotobenchError, match=why):
            bench.undo(wrong)


def test_undo_of_several_is_all_or_none(bench: Bench) -> None:
    bench.decide([RED, GREEN], "exclude", True)
    with pytest.raises(PhotobenchError):
        bench.undo(1, 2, 77)
    assert len(standing(bench)) == 2


def test_decisions_of_what_is_gone_wait_and_are_named(bench: Bench, photos: Path) -> None:
    bench.decide(RED, "label", "blue")
    bench.decide(RED, "label", "green")
    moved = (photos / RED).rename(photos.parent / "aside.jpg")
    notes = "\n".join(bench.manifest().notes)
    assert f"1 decision names photos that are not there, without effect (2: {RED})" in notes
    assert '"blue" (decision 1' in notes and 'then "green" (decision 2' in notes
    assert workflow.import_decisions(workflow.open_bench(bench._root), exported(bench)).startswith("nothing new")
    moved.rename(photos / RED)
    assert row(bench.manifest(), RED)["label"] == "green"


def finding(path: str, suggested: str, score: float = 0.97, given: str = "red") -> Finding:
    return Finding("labels", "wrong label", path, "label", score, given, suggested, "relabel", "Its neighbours say so.")


def test_findings_become_decisions_once(bench: Bench, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text('[[rule]]\ncheck = "labels"\nmin_score = 0.9\ndo = "relabel"\nwhy = "surest"\n')
    findings = [
        finding(RED, "green"), finding("red/person01_0.jpg", "blue", 0.5), finding(GREEN, "blue", given="red"),
        finding("gone.jpg", "blue"), finding("red/person02_0.jpg", "blu"),
    ]  # fmt: skip
    inner = workflow.open_bench(bench._root)
    said = workflow.apply_rules(inner, findings, rules)
    assert said.splitlines() == [
        "1 label changed",
        f"{RED}, label: red → green",
        "Take it back with: photobench decisions undo 1",
        "note: 3 of the findings fit the photos and labels of today no more",
    ]
    [one] = bench.decisions().to_dict("records")
    assert (one["photo"], one["old"], one["new"]) == (RED, "red", "green")
    assert one["why"] == "surest; labels: wrong label 0.97, rule 1 (rules.toml)"
    assert workflow.apply_rules(inner, findings, rules).startswith("nothing new decided")
    bench.undo(1)
    bench.decide(RED, "label", "red")  # a person says that it stays
    assert workflow.apply_rules(inner, findings, rules).startswith("nothing new decided")


def test_a_person_looked_and_it_stays(bench: Bench, workspace: Path, cli: Cli, tmp_path: Path) -> None:
    before = bench.manifest().frame
    bench.decide(RED, "label", "red", why="looked at it")
    bench.decide(GREEN, "exclude", False, why="it is dark, but good")
    bench.decide(GREEN, "group", before.set_index("path").loc[GREEN, "group"])
    assert bench.manifest().frame[list(before)].equals(before)
    assert standing(bench) == {(RED, "label"): "red", (GREEN, "exclude"): "false", (GREEN, "group"): "person10"}
    with pytest.raises(PhotobenchError, match="nothing to compare"):
        bench.what_if()
    table = tmp_path / "kept.csv"
    cli("decisions", "export", table, "-w", workspace)
    bench.undo(1, 2, 3)
    assert not standing(bench)
    done = cli("decisions", "import", table, "-w", workspace)
    assert "3 looked at and kept" in done.stdout, done.stdout + done.stderr
    assert standing(bench)[GREEN, "exclude"] == "false"


def test_a_photo_that_was_kept_may_still_have_a_wrong_label(bench: Bench, workspace: Path) -> None:
    inner = workflow.open_bench(workspace)
    found = [
        Finding("quality", "dark", RED, "", 0.6, "", "", "look", "It is dark."),
        Finding("labels", "wrong label", RED, "label", 0.9, "red", "blue", "relabel", "It is blue."),
    ]
    bench.decide(RED, "exclude", False)
    assert undecided(inner, found) == found[1:]
    bench.decide(RED, "exclude", True)
    assert undecided(inner, found) == []


@pytest.fixture
def ruled(bench: Bench, tmp_path: Path) -> Bench:
    """A rule has called a red photo green."""
    rules = tmp_path / "rules.toml"
    rules.write_text('[[rule]]\ncheck = "labels"\nmin_score = 0.9\ndo = "relabel"\n')
    workflow.apply_rules(workflow.open_bench(bench._root), [finding(RED, "green")], rules)
    return bench


def unseen(bench: Bench) -> bool:
    """Whether the audit counts a label as one that nobody has looked at."""
    return witnesses(workflow.open_bench(bench._root)).photos.ruled_NA is not None


def test_a_person_who_agrees_with_a_rule_has_looked(ruled: Bench) -> None:
    assert unseen(ruled)
    ruled.decide(RED, "label", "green", why="it is green")
    assert not unseen(ruled)
    assert standing(ruled) == {(RED, "label"): "green"}
    assert ruled.decisions()["standing"].tolist() == ["", "yes"]
    ruled.decide(RED, "label", "green", why="once more")
    assert len(ruled.decisions()) == 2
    ruled.undo(2)
    assert unseen(ruled)
    assert standing(ruled) == {(RED, "label"): "green"}, "what the rule decided stays"
    ruled.undo(3)
    assert not unseen(ruled)


def test_agreement_goes_with_the_table(ruled: Bench, twin: Path, workspace: Path, tmp_path: Path, cli: Cli) -> None:
    table = tmp_path / "decisions.csv"
    cli("decisions", "export", table, "-w", workspace)
    cli("decisions", "import", table, "-w", twin)
    assert unseen(pb.open(twin))
    ruled.decide(RED, "label", "green", why="it is green")
    cli("decisions", "export", table, "-w", workspace)
    assert "1 looked at and kept" in cli("decisions", "import", table, "-w", twin).stdout
    assert not unseen(pb.open(twin))
    assert "nothing new decided" in cli("decisions", "import", table, "-w", twin).stdout
