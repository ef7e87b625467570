"""A team's ledger is named where the workspace's own has submissions already: that is said, and they are taken over when asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from photobench.errors import LedgerError
from photobench.workflow import (
    ledger_status,
    ledger_table,
    open_bench,
    record_score,
    send,
    share_ledger,
    take_out,
    undo_submission,
)
from photobench.workflow.bench import Bench
from tests.conftest import Cli
from tests.ledger.conftest import Write
from tests.postgres_server import PASSWORD, Server


@pytest.fixture
def team(contest: Path, postgres: Server, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """The contest with a team's ledger, in which nothing is yet."""
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    return open_bench(contest, [{"ledger": {"url": postgres.new_database()}}])


def facts(bench: Bench) -> list[tuple[str, bool, float]]:
    frame = ledger_table(bench).fillna({"score": -1.0})
    return list(zip(frame["file"], frame["sent"] != "", frame["score"], strict=True))


def test_what_is_left_behind_is_said_and_taken_over_once(
    contest: Path, team: Bench, answers: Write, tmp_path: Path
) -> None:
    own = open_bench(contest)
    send(own, file=answers(2))
    record_score(own, 0.3, file=answers(1))
    record_score(own, 0.6, number=1)
    undo_submission(own, 1)
    said = "note: 2 submissions (2 sent) are in the workspace's own ledger, and do not count in the team's"
    assert said in ledger_status(team)
    assert "photobench submit share" in ledger_status(team)
    assert "note:" not in ledger_status(own)

    assert share_ledger(team) == "2 submissions taken over into the team's ledger. See: photobench submit status"
    assert facts(team) == facts(own) == [("by hand 2.csv", True, -1.0), ("by hand 1.csv", True, 0.3)]
    assert ledger_table(team)["sent"].tolist() == ledger_table(own)["sent"].tolist()
    take_out(team, 1, tmp_path / "taken.csv")
    assert (tmp_path / "taken.csv").read_bytes() == answers(2).read_bytes()
    assert "note:" not in ledger_status(team)
    undo_submission(team, 1)  # what was taken back there was taken over too: this takes back that it was sent
    assert facts(team)[0] == ("by hand 2.csv", False, -1.0)

    assert share_ledger(team).startswith("0 submissions taken over into the team's ledger; 2 were there already.")
    assert facts(team)[0] == ("by hand 2.csv", False, -1.0)


def test_what_the_team_knows_of_a_submission_stays(contest: Path, team: Bench, answers: Write) -> None:
    own = open_bench(contest)
    send(own, file=answers(1))
    record_score(own, 0.3, number=1)
    record_score(own, 0.9, file=answers(2))
    undo_submission(own, 2)  # its number among the events is another one in the team's ledger
    record_score(own, 0.4, number=2)
    record_score(team, 0.35, file=answers(1))
    assert "note: 1 submission (1 sent) is in the workspace's own ledger, and does not count" in ledger_status(team)
    assert share_ledger(team).startswith("1 submission taken over into the team's ledger; 1 was there already.")
    assert facts(team) == [("by hand 1.csv", True, 0.35), ("by hand 2.csv", True, 0.4)]


def test_there_is_nothing_to_say_in_a_workspace_without_submissions(team: Bench) -> None:
    assert "note:" not in ledger_status(team)


def test_who_writes_into_the_ledger_is_told_of_what_is_left_behind_too(
    contest: Path, team: Bench, answers: Write
) -> None:
    send(open_bench(contest), file=answers(1))
    note = "note: 1 submission (1 sent) is in the workspace's own ledger, and does not count in the team's"
    said = [send(team, file=answers(2)), record_score(team, 0.4, number=1), undo_submission(team, 1)]
    assert [text.splitlines()[-1].startswith(note) for text in said] == [True] * 3
    assert note not in send(open_bench(contest), file=answers(3))


def test_without_a_team_there_is_nowhere_to_take_them(contest: Path, answers: Write, cli: Cli) -> None:
    record_score(open_bench(contest), 0.3, file=answers(1))
    with pytest.raises(LedgerError, match="There is no team's ledger"):
        share_ledger(open_bench(contest))
    done = cli("submit", "share", "-w", contest)
    assert done.returncode == 2
    assert "ledger.url in photobench.toml" in done.stderr
