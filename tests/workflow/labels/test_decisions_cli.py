"""`photobench decisions`."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from photobench.api import Bench
from photobench.cli import app
from photobench.errors import PhotobenchError
from tests.conftest import Cli
from tests.workflow.labels.decided import GREEN, RED, standing


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


def test_a_missing_table_and_numbers_that_run_backwards_are_told(workspace: Path, cli: Cli) -> None:
    for words, said in (
        (("import", "nofile.csv"), "There is no table of decisions nofile.csv"),
        (("undo", "3-1"), "Write the smaller number first: 1-3"),
    ):
        done = cli("decisions", *words, "-w", workspace)
        assert done.returncode == 2 and said in done.stderr
