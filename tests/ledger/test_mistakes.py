"""What cannot be is said in a sentence, and nothing is changed."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from photobench import workflow
from photobench.errors import ConfigError, DatabaseError, LedgerError, SubmissionError
from photobench.workflow import ledger_table, open_bench, record_score, send, undo_submission
from tests.conftest import Cli
from tests.ledger.conftest import Write
from tests.postgres_server import PASSWORD, Server


@pytest.mark.parametrize(
    ("score", "sentence"),
    [
        (76.12, "not between 0 and 1. As a share, 76.12 % is 0.7612. Nothing was recorded"),
        (-0.1, "A score of -0.1 is not between 0 and 1. Nothing was recorded"),
        (float("nan"), "A score of nan"),
    ],
)
def test_a_score_that_is_none(contest: Path, answers: Write, score: float, sentence: str) -> None:
    with pytest.raises(LedgerError, match=sentence):
        record_score(open_bench(contest), score, file=answers(1))
    assert ledger_table(open_bench(contest)).empty


def test_what_contradicts_the_ledger(contest: Path, answers: Write, tmp_path: Path) -> None:
    bench = open_bench(contest)
    with pytest.raises(LedgerError, match=r"No submission was made yet. Make one with: photobench submit"):
        record_score(bench, 0.5)
    with pytest.raises(LedgerError, match=r"There is no submission 1. There is none yet"):
        record_score(bench, 0.5, number=1)
    record_score(bench, 0.5, file=answers(1), at="2026-03-01 14:30")
    with pytest.raises(LedgerError, match=r"Every submission has its score. Make another with: photobench submit"):
        record_score(bench, 0.6)
    with pytest.raises(LedgerError, match=r"1 \(by hand 1.csv\) has its score, 0.5000, recorded on .*undo 1"):
        record_score(bench, 0.6, number=1)
    with pytest.raises(
        LedgerError, match=r"was sent on 2026-03-01 at 14:30, and its score is 0.5000: .* teach nothing"
    ):
        send(bench, file=answers(1))
    send(bench, file=answers(2))
    with pytest.raises(LedgerError, match="leave --at out"):
        record_score(bench, 0.6, number=2, at="2026-03-01 14:30")
    with pytest.raises(LedgerError, match="leave one of them out"):
        record_score(bench, 0.6, number=2, file=answers(1))
    send(bench, file=answers(3))
    with pytest.raises(LedgerError, match=r"2 submissions wait for their score: 2 \(by hand 2.csv\), 3 .* --number"):
        record_score(bench, 0.6)
    bad = tmp_path / "bad.csv"
    bad.write_text("id,label\n00.jpg,purple\n")
    with pytest.raises(SubmissionError, match="does not have the form"):
        record_score(bench, 0.6, file=bad)
    with pytest.raises(LedgerError, match=r"There is no submission 9. There are 1 to 3"):
        undo_submission(bench, 9)
    assert ledger_table(bench)["score"].count() == 1
    assert len(ledger_table(bench)) == 3


def test_nobody_answers_within_seconds(contest: Path, answers: Write, cli: Cli) -> None:
    """A port that is closed, a name that is none, and one who listens and says nothing."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        port = silent.getsockname()[1]
        begun = time.monotonic()
        with pytest.raises(DatabaseError, match=r"cannot be reached or used: .*Nothing was changed"):
            record_score(_at(contest, f"postgresql://kim@127.0.0.1:{port}/team"), 0.5, file=answers(1))
        assert time.monotonic() - begun < 12
    for host, cause in (("127.0.0.1:1", "connection refused"), ("nowhere.invalid", "no machine of that name")):
        done = cli("submit", "record", "0.5", "-w", contest, "--set", f"ledger.url=postgresql://kim@{host}/team")
        assert done.returncode == 2
        assert cause in done.stderr
        assert "Traceback" not in done.stderr
    with pytest.raises(ConfigError, match=r"url is no address of a PostgreSQL database"):
        ledger_table(_at(contest, "mysql://kim@127.0.0.1/team"))
    assert ledger_table(open_bench(contest)).empty


def test_a_port_that_is_none(contest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPORT", "abc")
    with pytest.raises(DatabaseError, match='PGPORT is "abc"'):
        ledger_table(_at(contest, "postgresql://kim@127.0.0.1/team"))


def test_a_score_is_recorded_though_its_figure_cannot_be_drawn(contest: Path, answers: Write, cli: Cli) -> None:
    (contest / "submissions").mkdir(exist_ok=True)
    (contest / "submissions" / "leaderboard.png").mkdir()
    done = cli("submit", "record", "0.5", "--file", answers(1), "-w", contest)
    assert done.returncode == 0, done.stderr
    assert "its figure is not" in done.stderr
    assert ledger_table(open_bench(contest))["score"].tolist() == [0.5]


def test_the_password_comes_from_elsewhere_and_is_never_shown(
    contest: Path, tmp_path: Path, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres.new_database()
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "pgpass"))
    monkeypatch.setenv("PGPASSWORD", "wrong one")
    with pytest.raises(DatabaseError, match="password authentication failed") as wrong:
        ledger_table(_at(contest, url))
    assert "wrong one" not in str(wrong.value)
    monkeypatch.delenv("PGPASSWORD")
    with pytest.raises(DatabaseError, match="cannot be reached or used"):
        ledger_table(_at(contest, url))
    escaped = PASSWORD.replace(":", r"\:")
    (tmp_path / "pgpass").write_text(f"# the team's\nelsewhere:*:*:kim:no\n127.0.0.1:{postgres.port}:*:kim:{escaped}\n")
    assert ledger_table(_at(contest, url)).empty
    with pytest.raises(DatabaseError, match="does not exist"):
        ledger_table(_at(contest, url + "x"))


def test_options_before_the_command_would_be_lost(contest: Path, cli: Cli) -> None:
    done = cli("submit", "-w", contest, "status")
    assert done.returncode == 2
    assert "Options come after the command" in done.stderr


def _at(contest: Path, url: str) -> workflow.Bench:
    return open_bench(contest, [{"ledger": {"url": url}}])
