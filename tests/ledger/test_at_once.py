"""Several people write at once, into the workspace's ledger and into a team's: nothing is lost, and the budget is exact."""

from __future__ import annotations

from pathlib import Path

import pytest

from photobench.workflow import ledger_table, open_bench
from tests.conftest import Start
from tests.ledger.conftest import Write
from tests.postgres_server import PASSWORD

AT_ONCE = 8


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What says where the ledger is."""
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    if request.param == "sqlite":
        return []
    return ["--set", f"ledger.url={request.getfixturevalue('postgres').new_database()}"]


@pytest.mark.slow
def test_eight_record_at_once(contest: Path, place: list[str], answers: Write, start: Start) -> None:
    children = [
        start("submit", "record", f"0.{n + 1}", "--file", answers(n), "-w", contest, *place) for n in range(AT_ONCE)
    ]
    ends = [child.wait(120) for child in children]
    printed = [child.read() for child in children]
    assert ends == [0] * AT_ONCE, printed
    urls = [{"ledger": {"url": text.partition("=")[2]}} for text in place[1:]]
    frame = ledger_table(open_bench(contest, urls))
    assert frame["number"].tolist() == list(range(1, AT_ONCE + 1))
    assert sorted(frame["score"]) == [round(0.1 * n, 1) for n in range(1, AT_ONCE + 1)]
    scores = {f"by hand {n}.csv": round(0.1 * (n + 1), 1) for n in range(AT_ONCE)}
    assert dict(zip(frame["file"], frame["score"], strict=True)) == scores
    warned = [f"submission {nth} of" for nth in range(6, AT_ONCE + 1)]
    assert sorted(text for text in warned for out, _ in printed if text in out) == warned
    assert sum("warning" in out for out, _ in printed) == AT_ONCE - 5


def test_the_same_file_counts_once(contest: Path, place: list[str], answers: Write, start: Start) -> None:
    file = answers(3)
    children = [start("submit", "send", "--file", file, "-w", contest, *place) for _ in range(3)]
    ends = [child.wait(120) for child in children]
    printed = [child.read() for child in children]
    assert sorted(ends) == [0, 2, 2], printed
    assert sum("was sent on" in err and "would teach nothing" in err for _, err in printed) >= 2
    urls = [{"ledger": {"url": text.partition("=")[2]}} for text in place[1:]]
    assert (ledger_table(open_bench(contest, urls))["sent"] != "").tolist() == [True]
