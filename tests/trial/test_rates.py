"""The learning rate range test: its curve, what it suggests, and that it leaves the project as it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import photobench as pb
from photobench.errors import ConfigError
from photobench.trial.rates import HIGHEST, LOWEST, RangeTest, smoothed
from photobench.workspace import Workspace
from tests.conftest import Cli

RATES_N = np.geomspace(LOWEST, HIGHEST, 100)
FALL_N = 1 + 1 / (1 + np.exp((np.arange(100) - 55) / 4))
"""From 2 to 1, half way at the 55th rate."""


def test_the_suggestion_is_half_of_the_lowest_and_no_noise_behind_it_counts() -> None:
    """Behind the lowest loss a noisy rise can be steep; the valley of fastai was a tenth of what learns best."""
    losses_N = np.r_[FALL_N[:75], np.linspace(1, 6, 15), np.linspace(6, 2, 10)]
    test = RangeTest(RATES_N, losses_N, diverged=False)
    assert test.suggestion == pytest.approx(test.lowest / 2, rel=0.06)
    assert test.steepest == pytest.approx(RATES_N[55], rel=0.1)
    assert test.steepest < test.lowest


def test_the_first_average_is_the_first_loss() -> None:
    assert smoothed(np.array([3.0, 3.0, 3.0])) == pytest.approx([3.0, 3.0, 3.0])
    assert smoothed(np.array([2.0, 4.0])) == pytest.approx([2.0, (0.9 * 2 + 4) / 1.9])


def test_the_curve_does_not_lag_behind_its_rate() -> None:
    test = RangeTest(RATES_N, FALL_N, diverged=False)
    assert test.steepest == pytest.approx(RATES_N[55], rel=0.1)
    assert test.steepest < test.suggestion < test.lowest
    assert test.lowest > RATES_N[80]


@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_suggested_where_nothing_was_learned(seed: int) -> None:
    noise_N = np.random.default_rng(seed).normal(1, 0.1, 100)
    assert RangeTest(RATES_N, noise_N, diverged=False).suggestion is None
    rise_N = np.r_[noise_N[:80], np.geomspace(1, 1000, 20)]
    assert RangeTest(RATES_N, rise_N, diverged=True).suggestion is None
    assert RangeTest(RATES_N, noise_N + 3 * FALL_N, diverged=False).suggestion is not None


def test_it_suggests_a_rate_that_learns_and_leaves_no_run(workspace: Path) -> None:
    bench = pb.open(workspace)
    before = (workspace / "photobench.toml").read_bytes()
    found = bench.find_lr(steps=60)
    row = found.table.iloc[0]
    assert 1e-5 < row["suggested"] <= row["lowest loss"] < row["diverged"]
    assert row["train.lr"] == 5e-4
    assert not Workspace(workspace).list_runs()
    assert not (workspace / "runs").exists()
    assert (workspace / "photobench.toml").read_bytes() == before
    assert bench.train(lr=found.suggestion, epochs=12, patience=12).metrics["macro_f1"] > 0.6


def test_the_same_seed_suggests_the_same_and_steps_are_those_of_the_training(workspace: Path) -> None:
    bench = pb.open(workspace, mix="cutmix", optimizer="lion", sampler="class_balanced")
    first, again, other = (bench.find_lr(steps=30, seed=seed).test for seed in (0, 0, 1))
    assert np.array_equal(first.losses_N, again.losses_N)
    assert not np.array_equal(first.losses_N, other.losses_N)
    lower = bench.find_lr(steps=30, sampler="shuffle").test
    assert not np.array_equal(first.losses_N, lower.losses_N)


def test_the_test_ends_where_the_loss_diverges(workspace: Path) -> None:
    test = pb.open(workspace).find_lr(steps=60).test
    assert test.diverged
    assert len(test.rates_N) == len(test.losses_N) < 60
    assert np.isfinite(test.losses_N).all()
    assert test.rates_N[0] == pytest.approx(LOWEST)


def test_the_picture_shows_the_curve_and_the_rates(workspace: Path) -> None:
    found = pb.open(workspace).find_lr(steps=30)
    pixels = np.asarray(Image.open(found.plot).convert("RGB")).reshape(-1, 3)
    for colour in ((63, 122, 194), (207, 127, 34), (43, 148, 129)):  # the curve, the suggestion, the steepest
        assert (pixels == colour).all(axis=1).sum() > 100
    assert (pixels == 255).all(axis=1).mean() > 0.5


def test_fix_writes_the_rate_and_keeps_the_comments(workspace: Path, cli: Cli) -> None:
    file = workspace / "photobench.toml"
    file.write_text(file.read_text().replace("[train]", "# mine\n[train]\n# lr = 0.0005  # peak learning rate"))
    done = cli("find-lr", "-w", workspace, "--steps", 30, "--fix")
    assert done.returncode == 0, done.stderr
    head, row = done.stdout.splitlines()[:2]
    assert head.split()[0] == "suggested"
    suggested = float(row.split()[0])
    assert f"lr = {suggested}  # peak learning rate\n" in file.read_text()
    assert "# mine\n" in file.read_text()
    assert pb.open(workspace).options.train.lr == suggested


def test_too_few_steps_are_said_before_any_work(workspace: Path) -> None:
    with pytest.raises(ConfigError, match="--steps 5 is too few"):
        pb.open(workspace).find_lr(steps=5)
    assert not (workspace / "packs").exists()
