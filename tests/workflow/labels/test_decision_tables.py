"""Decisions written as a table, edited, and taken over from one."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import photobench as pb
from photobench.api import Bench
from photobench.errors import SourceError
from photobench.records import Decision
from tests.conftest import project_toml
from tests.workflow.labels.decided import GREEN, RED, edit, exported, imported, some_decisions, standing


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


def test_old_words_are_json(bench: Bench) -> None:
    some_decisions(bench)
    box = bench.decisions().query("field == 'box'")["new"].iloc[0]
    assert json.loads(box)["angle"] == 3.0
