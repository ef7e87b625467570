"""Two workspaces, as of two machines, that share a search in a real PostgreSQL."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pandas as pd
import pytest

from photobench.project import ProjectOptions
from tests.conftest import Cli, Start, draw_folder, project_toml
from tests.postgres_server import PASSWORD, Server

pytestmark = pytest.mark.slow


SECRET = {"PGPASSWORD": PASSWORD}
A_RANGE = "{ low = 1e-4, high = 1e-2, log = true }"


def two_machines(folder: Path, postgres: Server, space: str, pruner: str = "median") -> list[Path]:
    """A workspace each, whose searches of `train.lr` are in one new database."""
    photos = draw_folder(folder / "photos", people=8, each=2)
    extra = (
        f'\n[split]\nvalid = 0.5\n[tune]\nstorage = "{postgres.new_database()}"\nfinalists = 0\npruner = "{pruner}"\n'
        f'[tune.space]\n"train.lr" = {space}\n'
    )
    roots = [folder / "one", folder / "other"]
    for root in roots:
        root.mkdir()
        (root / "photobench.toml").write_text(project_toml(photos, extra=extra))
    return roots


def test_two_machines_share_a_search_without_a_duplicate(
    tmp_path: Path, postgres: Server, start: Start, cli: Cli
) -> None:
    workspaces = two_machines(tmp_path, postgres, A_RANGE)
    children = [start("tune", "-w", root, "--trials", "6", **SECRET) for root in workspaces]
    assert [child.wait() for child in children] == [0, 0], [child.read()[1] for child in children]
    tables = [pd.read_csv(root / "tune" / "tune" / "trials.csv") for root in workspaces]
    assert tables[0]["train.lr"].tolist() == tables[1]["train.lr"].tolist()
    assert len(tables[0]) == 6 == tables[0]["train.lr"].nunique()
    assert sum(len(list(root.glob("runs/*"))) for root in workspaces) == 6
    written = [path.read_text() for root in workspaces for path in root.glob("runs/*/config.*")]
    assert not any(PASSWORD in text for text in written)
    done = cli("tune", "-w", workspaces[0], "--set", "split.seed=3", **SECRET)
    assert done.returncode == 2
    assert "other photos, labels or another split" in done.stderr
    assert "postgresql://kim:***@127.0.0.1" in done.stderr


def test_a_trial_of_a_machine_that_is_silent_is_done_by_another(tmp_path: Path, postgres: Server, start: Start) -> None:
    """Its workspace is its own, so that no claim tells whether it lives: only its heartbeat does."""
    two_machines(tmp_path, postgres, A_RANGE)
    one = start("tune", "-w", tmp_path / "one", "--trials", "2", before="tests.train.slow_steps", **SECRET)
    while not list(tmp_path.glob("one/runs/001-*")):
        time.sleep(0.05)
    one.kill()
    assert one.wait() == -signal.SIGKILL
    other = start("tune", "-w", tmp_path / "other", "--trials", "2", before="tests.tune.short_silence", **SECRET)
    assert other.wait() == 0, other.read()[1]
    trials = pd.read_csv(tmp_path / "other" / "tune" / "tune" / "trials.csv").sort_values("trial")
    assert trials["trial"].tolist() == [1, 2]
    assert trials["status"].tolist() == ["finished", "finished"]
    assert "waiting for the trials of other processes" in other.read()[1]
    assert trials["train.lr"].iloc[-1] == ProjectOptions().train.lr, "that of the dead one, under a number of its own"
    assert len(list(tmp_path.glob("other/runs/*"))) == 2


def test_the_luck_of_choosing_counts_trials_of_another_machine(tmp_path: Path, postgres: Server, cli: Cli) -> None:
    two_machines(tmp_path, postgres, "[1e-4, 1e-3, 1e-2]", pruner="none")
    assert cli("tune", "-w", tmp_path / "one", "--trials", "3", **SECRET).returncode == 0
    done = cli("tune", "-w", tmp_path / "other", "--trials", "3", "--set", "tune.finalists=1", **SECRET)
    assert done.returncode == 0, done.stderr
    assert "Of 3 finished trials the best gains" in done.stdout, "none of which was trained here"
