"""A person's word changes what is trained: decided, listed, taken back, written as a table and taken over, by several people, with kills."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import photobench as pb
from photobench import workflow
from photobench.api import Bench
from photobench.cli import app
from photobench.errors import Overtaken, PhotobenchError, SourceError, SplitError
from photobench.records import Decision, Finding, Manifest
from photobench.workflow.labels.auditing import undecided
from tests.conftest import Cli, draw_photo, project_toml

RED, GREEN = "red/person00_0.jpg", "green/person10_0.jpg"


@pytest.fixture
def bench(workspace: Path) -> Bench:
    return pb.open(workspace)


def row(manifest: Manifest, path: str) -> dict[str, object]:
    return manifest.frame.set_index("path").loc[path].to_dict()


def side(manifest: Manifest, name: str) -> list[str]:
    return manifest.frame["path"].iloc[manifest.rows(name)].tolist()


def standing(bench: Bench) -> dict[tuple[str, str], str]:
    table = bench.decisions().query("standing == 'yes'")
    return {(r.photo, r.field): r.new for r in table.itertuples()}


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


def exported(bench: Bench) -> Path:
    out = Path(bench._root) / "decisions.csv"
    workflow.export_decisions(workflow.open_bench(bench._root), out)
    return out


def imported(bench: Bench, table: Path) -> str:
    return workflow.import_decisions(workflow.open_bench(bench._root), table)


def edit(table: Path, change: Callable[[pd.DataFrame], None]) -> None:
    frame = pd.read_csv(table, dtype=str, keep_default_na=False)
    change(frame)
    frame.to_csv(table, index=False)


def some_decisions(bench: Bench) -> None:
    bench.decide(RED, "label", "blue", why='said "no", twice,\nand more')
    bench.decide(GREEN, "exclude", True)
    bench.decide(RED, "group", "person10")
    bench.decide("blue/person20_0.jpg", "label", "blue", why="it stays")
    bench._inner().workspace.add_decisions(
        [
            Decision(
                "blue/person20_1.jpg",
                "box",
                None,
                {"x1": 0.1, "y1": 0.2, "x2": 0.5, "y2": 0.9, "angle": 3.0},
                "ann",
                "2026-01-01",
                "",
            )
        ]
    )
    bench.undo(2)


def test_a_table_goes_around_the_world(bench: Bench, tmp_path: Path, photos: Path) -> None:
    some_decisions(bench)
    table = exported(bench)
    assert imported(bench, table).startswith("nothing new decided") and len(bench.decisions()) == 6
    other = tmp_path / "other"
    other.mkdir()
    (other / "photobench.toml").write_text(project_toml(photos))
    assert imported(pb.open(other), table).startswith(
        "1 label changed, 1 group merged, 1 box set, 1 looked at and kept"
    )
    there = pb.open(other).decisions().set_index(["photo", "field"])[["new", "who", "when", "why"]]
    here = bench.decisions().query("standing == 'yes'").set_index(["photo", "field"])[["new", "who", "when", "why"]]
    pd.testing.assert_frame_equal(there.sort_index(), here.sort_index())
    assert imported(pb.open(other), table).startswith("nothing new")


def test_a_new_decision_adds_a_line_and_changes_none(bench: Bench) -> None:
    some_decisions(bench)
    before = exported(bench).read_text()
    bench.decide("green/person11_0.jpg", "exclude", True, why="a\nnew\tline")
    after = exported(bench).read_text()
    assert after.startswith(before) and after.count("\n") == before.count("\n") + 1 and "\r" not in after
    assert len(after.splitlines()) == len(bench.decisions()) + 1


def test_a_changed_row_is_signed_by_who_changed_it(bench: Bench) -> None:
    bench._inner().workspace.add_decisions(
        [Decision(RED, "label", "red", "blue", "ann", "2026-01-01T00:00:00.000+00:00", "dark")]
    )
    table = exported(bench)
    edit(table, lambda frame: frame.__setitem__("new", "green"))
    assert imported(bench, table) == "1 label changed"
    last = bench.decisions().iloc[-1]
    assert (last["old"], last["new"]) == ("blue", "green") and last["who"] != "ann" and last["when"] > "2026-01-02"


def test_an_empty_cell_takes_back(bench: Bench) -> None:
    bench.decide(RED, "label", "blue")
    table = exported(bench)
    edit(table, lambda frame: frame.__setitem__("new", ""))
    assert imported(bench, table) == "1 decision taken back"
    assert standing(bench) == {}


def test_a_plain_list_of_labels_may_be_taken_over(bench: Bench, tmp_path: Path) -> None:
    table = tmp_path / "looked.csv"
    table.write_text(f"photo,field,new\n{RED},label,green\n{GREEN},label,green\n{RED},label,blue\n")
    said = imported(bench, table)
    assert said.startswith("1 label changed; the last row counts") and '"green" (row 2) and then "blue" (row 4)' in said
    assert standing(bench) == {(RED, "label"): "blue"}
    assert bench.decisions()["why"].tolist() == ["from looked.csv"]


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        (f"{RED},label,gren", 'row 3: "gren" is none of the values of label. Did you mean "green"?'),
        (
            "red/perso00_0.jpg,label,red,",
            'row 3: there is no photo red/perso00_0.jpg. Did you mean "red/person00_0.jpg"?',
        ),
        ("red/perso00_0.jpg,label,", "row 3: there is no photo red/perso00_0.jpg."),
        (f"{RED},lable,red", 'row 3: There is no attribute or field of a decision "lable". Did you mean "label"?'),
        (f"{RED},exclude,perhaps", 'row 3: "perhaps" is neither true nor false nor empty'),
        (f'{RED},box,"{{}}"', "row 3: {} is no box"),
    ],
)
def test_nothing_is_taken_over_where_a_row_is_wrong(bench: Bench, tmp_path: Path, rows: str, named: str) -> None:
    table = tmp_path / "looked.csv"
    table.write_text(f"photo,field,new\n{GREEN},label,red\n{rows}\n")
    with pytest.raises(SourceError) as problem:
        imported(bench, table)
    assert named in str(problem.value) and bench.decisions().empty


def test_a_change_of_a_row_that_is_not_the_last_word_is_told(bench: Bench) -> None:
    bench.decide(RED, "label", "blue")
    bench.decide(RED, "label", "green")
    table = exported(bench)
    edit(table, lambda frame: frame.loc.__setitem__((0, "new"), "red"))
    with pytest.raises(SourceError, match="row 2: it was changed, but row 3 has the last word"):
        imported(bench, table)


def test_a_table_without_the_columns_is_told(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("path,label\na.jpg,red\n")
    with pytest.raises(SourceError, match="has no column photo, field, new"):
        imported(bench, tmp_path / "x.csv")


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
    assert said == "1 label changed\nnote: 3 of the findings fit the photos and labels of today no more"
    [one] = bench.decisions().to_dict("records")
    assert (one["photo"], one["old"], one["new"]) == (RED, "red", "green")
    assert one["why"] == "surest; labels: wrong label 0.97, rule 1 (rules.toml)"
    assert workflow.apply_rules(inner, findings, rules).startswith("nothing new decided")
    bench.undo(1)
    bench.decide(RED, "label", "red")  # a person says that it stays
    assert workflow.apply_rules(inner, findings, rules).startswith("nothing new decided")


def call(workspace: Path, *words: str) -> str:
    done = CliRunner().invoke(app, ["decisions", *words, "-w", str(workspace)], catch_exceptions=False)
    assert done.exit_code == 0
    return done.stdout


def test_the_command_line(bench: Bench, workspace: Path) -> None:
    table = str(workspace / "d.csv")
    assert "Nothing has been decided" in call(workspace, "list")
    bench.decide([RED, GREEN], "exclude", True, why="blurred")
    listed = call(workspace, "list", "red")
    assert RED in listed and GREEN not in listed and "2 of 2 decisions stand" in listed
    assert call(workspace, "export", table).endswith("d.csv: 2 decisions\n")
    assert f"{RED}, exclude: true → as given" in call(workspace, "undo", "1-2")
    assert "2 photos left out" in call(workspace, "import", table)
    call(workspace, "undo", "--all")
    assert standing(bench) == {}


@pytest.mark.parametrize("words", [["undo"], ["undo", "x"], ["undo", "99"], ["import", "no.csv"], ["export", "d.xlsx"]])
def test_a_mistake_on_the_command_line_is_a_sentence(workspace: Path, words: list[str]) -> None:
    with pytest.raises(PhotobenchError):
        call(workspace, *words)


DECIDER = """
import sys
import photobench as pb
bench, photo, who = pb.open(sys.argv[1])._inner(), sys.argv[2], sys.argv[3]
from photobench.records import Decision
for number in range(int(sys.argv[4])):
    pair = [Decision(photo, "label", None, f"{who}{number}", who, "", half) for half in "ab"]
    bench.workspace.add_decisions(pair)
    print(number, flush=True)
"""


def decider(workspace: Path, who: str, number: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", DECIDER, str(workspace), RED, who, str(number)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})


def test_two_people_may_decide_at_once_while_a_training_holds_the_workspace(bench: Bench, workspace: Path) -> None:
    with bench._inner().workspace.lock("photobench train"):
        both = [decider(workspace, who, 20) for who in ("ann", "ben")]
        assert [process.wait(120) for process in both] == [0, 0]
    table = bench.decisions()
    assert table["number"].is_unique and table.groupby("who").size().to_dict() == {"ann": 40, "ben": 40}
    for _, own in table.groupby("who"):
        assert own["new"].tolist() == [word for word in dict.fromkeys(own["new"]) for _ in "ab"]


def test_a_kill_loses_nothing_that_was_confirmed_and_leaves_no_half(bench: Bench, workspace: Path) -> None:
    process = decider(workspace, "ann", 100_000)
    assert process.stdout is not None
    confirmed = [process.stdout.readline() for _ in range(5)]
    process.send_signal(signal.SIGKILL)
    confirmed += process.stdout.readlines()
    process.wait(60)
    words = bench.decisions()["new"].value_counts()
    assert set(words) == {2} and len(confirmed) <= len(words) <= len(confirmed) + 1


def test_old_words_are_json(bench: Bench) -> None:
    some_decisions(bench)
    box = bench.decisions().query("field == 'box'")["new"].iloc[0]
    assert json.loads(box)["angle"] == 3.0


def test_a_missing_table_and_numbers_that_run_backwards_are_told(workspace: Path, cli: Cli) -> None:
    for words, said in (
        (("import", "nofile.csv"), "There is no table of decisions nofile.csv"),
        (("undo", "3-1"), "Write the smaller number first: 1-3"),
    ):
        done = cli("decisions", *words, "-w", workspace)
        assert done.returncode == 2 and said in done.stderr


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


def test_who_does_not_know_the_last_word_does_not_write_over_it(workspace: Path) -> None:
    one, other = (workflow.open_bench(workspace).workspace for _ in range(2))
    first = Decision(RED, "label", "red", "blue", "ann", "2026-01-01")
    assert one.add_decisions([first], known=0) == [1]
    both = [replace(first, photo=GREEN, who="ben"), replace(first, new="green", who="ben")]
    with pytest.raises(Overtaken) as late:
        other.add_decisions(both, known=0)
    assert late.value.numbers == [1] and other.list_decisions() == [first]  # not the other one either
    assert other.add_decisions(both, known=1) == [2, 3]
    assert other.add_decisions([replace(first, photo="blue/person20_0.jpg")], known=0) == [4]  # of another photo


def test_of_many_who_write_at_once_one_is_first(workspace: Path) -> None:
    spaces = [workflow.open_bench(workspace).workspace for _ in range(6)]
    spaces[0].list_decisions()

    def write(number: int) -> bool:
        try:
            spaces[number].add_decisions([Decision(RED, "label", "red", "blue", f"p{number}", "")], known=0)
        except Overtaken:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(write, range(6))) == 1
    assert len(spaces[0].list_decisions()) == 1
