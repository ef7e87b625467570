from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import photobench as pb
from photobench.errors import ConfigError
from photobench.train.signals import STOPPING
from photobench.workflow import open_bench
from photobench.workflow.answers.at_once import WORKER, _Fold, _Workers, check_jobs
from photobench.workspace import Workspace
from tests.conftest import QUICK, Cli
from tests.forking import REPO

LONG = ("--folds", "3", "--jobs", "2", "--set", "train.epochs=40", "--set", "train.precision=fp32", "--set", "train.checkpoint_s=0.2")  # fmt: skip


@pytest.mark.slow
def test_folds_at_the_same_time_are_those_that_come_one_by_one(
    workspace: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    import shutil

    one_by_one = tmp_path / "one by one"
    shutil.copytree(workspace, one_by_one)
    expected = pb.open(one_by_one).train(folds=3, **QUICK)
    capfd.readouterr()
    found = pb.open(workspace).train(folds=3, jobs=2, **QUICK)
    said = capfd.readouterr().err
    assert [record.name for record in found.runs] == [record.name for record in expected.runs]
    assert [record.fingerprint for record in found.runs] == [record.fingerprint for record in expected.runs]
    np.testing.assert_allclose(
        found.predictions.joint_NK, expected.predictions.joint_NK, atol=0.02
    )  # other threads add up otherwise
    assert "fold 2 │ 002-test_resnet is done" in said
    assert "fold 3 │" not in said  # the last one, alone, may have all cores
    assert said.count("train: training 003-test_resnet") == 1
    assert said.count("note: ") == len({line for line in said.splitlines() if "note: " in line})
    assert "is up to date" not in said
    pb.open(workspace).train(folds=3, jobs=2, **QUICK)
    assert capfd.readouterr().err.splitlines()[-1] == "train: all 3 folds are up to date"


@pytest.mark.slow
@pytest.mark.minutes
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_whoever_trains_for_a_command_ends_with_it_and_the_next_goes_on(
    workspace: Path, cli: Cli, end: signal.Signals
) -> None:
    command = [sys.executable, "-m", "photobench", "train", "-w", str(workspace), *LONG]
    process = subprocess.Popen(command, cwd=REPO, stderr=subprocess.PIPE, text=True)
    _wait_for(lambda: bool(list(workspace.glob("runs/002-*/history.csv"))))
    workers = _children(process.pid)
    assert len(workers) == 2
    space = Workspace(workspace)
    assert [space.standing(record) for record in space.list_runs()][-1] == "running"
    os.kill(process.pid, end)
    _, said = process.communicate(timeout=60)
    _wait_for(
        lambda: not any(Path(f"/proc/{pid}/cmdline").read_bytes() for pid in workers if Path(f"/proc/{pid}").exists())
    )
    if end == signal.SIGINT:
        assert process.returncode == 130
        assert STOPPING in said
        assert re.search(r"Stopped in epoch \d+ of 001-test_resnet and in epoch \d+ of 002-test_resnet", said)
        assert said.endswith("The same command goes on from there.\n")
    done = cli("train", "-w", workspace, *LONG)
    assert done.returncode == 0, done.stderr
    assert "train: going on with 002-test_resnet" in done.stderr
    assert '3 folds of test_resnet on "out of fold": 54 photos' in done.stdout


@pytest.mark.slow
@pytest.mark.minutes
def test_the_fold_of_one_that_is_killed_is_trained_all_the_same(workspace: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "photobench", "train", "-w", str(workspace), *LONG],
        cwd=REPO, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    _wait_for(lambda: bool(list(workspace.glob("runs/002-*/history.csv"))))
    os.kill(_children(process.pid)[0], signal.SIGKILL)  # as the kernel does where memory ends
    table, said = process.communicate(timeout=300)
    assert process.returncode == 0, said
    assert "fold 2 │ 002-test_resnet is done" in said
    assert "001-test_resnet" in table  # gone on with here, or finished already where it was quick
    assert '3 folds of test_resnet on "out of fold": 54 photos' in table


def test_processes_that_end_before_they_have_work_are_not_waited_for(workspace: Path) -> None:
    with _Workers(2) as workers:
        for pid in _children(os.getpid()):
            if WORKER in Path(f"/proc/{pid}/cmdline").read_text():
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.5)
        workers.train([_Fold(open_bench(workspace), "of no run")] * 3)
    assert not Workspace(workspace).list_runs()


def test_how_many_at_once_is_checked_before_any_work(
    workspace: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigError, match="--jobs 0: at least one fold"):
        pb.open(workspace).train(folds=3, jobs=0)
    assert "name their number too, such as --folds 5" in cli("train", "-w", workspace, "--jobs", 2).stderr
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "1")
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(ConfigError, match="torchrun the photos of each step"):
        check_jobs(2)
    assert not (workspace / "runs").exists()


def test_helpers_do_not_wait_for_whom_they_help_but_for_each_other(tmp_path: Path) -> None:
    held, first, second = Workspace(tmp_path), Workspace(tmp_path), Workspace(tmp_path)
    order: list[str] = []
    with held.lock("train"), first.helping("train"), second.helping("train"):

        def wait() -> None:
            with second.lock("train"):
                order.append("second")

        with first.lock("train"):
            waiting = threading.Thread(target=wait)
            waiting.start()
            time.sleep(0.3)
            order.append("first")
        waiting.join()
    assert order == ["first", "second"]
    with held.lock("train"):
        pass


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _wait_for(happened: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)
