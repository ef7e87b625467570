"""Several people decide at the same time, and processes are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from photobench import workflow
from photobench.api import Bench
from photobench.errors import Overtaken
from photobench.records import Decision
from tests.workflow.labels.decided import GREEN, RED

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
