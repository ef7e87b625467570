"""A training that is stopped, however it is stopped, ends with the same weights as one that is not."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import load_file

from photobench.records import Dynamics
from photobench.train.signals import STOPPING
from photobench.workspace import Workspace
from tests.conftest import Cli, Start
from tests.train.slow_steps import wait_for_epoch_2

LONG = (
    "--set",
    "train.epochs=4",
    "--set",
    "train.patience=9",
    "--set",
    "train.batch_size=4",
    "--set",
    "model.dropout=0.2",
    "--set",
    "train.precision=fp32",  # measured for each workspace, it may differ between the twins on a busy machine
)


def sets(*levers: str) -> tuple[str, ...]:
    return tuple(word for lever in levers for word in ("--set", lever))


LEVERS = sets(
    "train.average=0.9",
    "train.sampler=class_balanced",
    "train.optimizer=lion",
    "train.schedule=one_cycle",
    "train.clip_norm=1.0",
    "loss.name=focal",
    "loss.class_weights=balanced",
    "augment.mix=cutmix",
    "train.accumulate=2",
    "train.sam=0.05",
    "train.layer_decay=0.7",
    "train.freeze_epochs=1",
    "train.start_share=0.5",
)
"""What carries a state of its own from step to step, or draws from chance."""

OTHERS = sets(
    "train.swa_share=0.75", "train.schedule=plateau", "train.plateau_epochs=0", "train.optimizer=sgd", "train.lr=0.1",
    "augment.on=device", "augment.preset=strong", "augment.mix=mixup",
)  # fmt: skip
"""The same, of what the levers above exclude."""

HALF = sets("train.precision=fp16", "train.clip_norm=1.0", "train.sam=0.05", "train.lr=0.01")
"""The scale of the gradients is a state too."""

LORA = sets(
    "model.mode=lora", "model.backbone=test_vit", "model.args={img_size=32}", "train.average=0.9", "train.lr=0.01"
)

WILD = sets("train.optimizer=sgd", "train.lr=10", "train.weight_decay=1")
"""The loss becomes no number, and training goes back."""


def weights(workspace: Path):
    record = Workspace(workspace).find_run()
    return load_file(workspace / record.folder / "model.safetensors"), record


def stopped_in_epoch_2(start: Start, workspace: Path, how: signal.Signals, *options: str) -> int:
    """Trains with slow steps, and sends a signal in the middle of the second epoch. Returns the exit code."""
    child = start("train", "-w", workspace, *options, before="tests.train.slow_steps")
    wait_for_epoch_2(workspace)
    os.kill(child.pid, how)
    code = child.wait()
    assert (STOPPING in child.read()[1]) == (how is signal.SIGINT)
    return code


@pytest.mark.slow
@pytest.mark.parametrize(
    ("how", "checkpoint_s", "levers"),
    [
        (signal.SIGKILL, "60", ()),
        (signal.SIGKILL, "0.2", LEVERS),
        (signal.SIGKILL, "0.2", OTHERS),
        (signal.SIGKILL, "0.2", WILD),
        (signal.SIGKILL, "0.2", HALF),
        pytest.param(signal.SIGKILL, "0.2", LORA, marks=pytest.mark.minutes),
        (signal.SIGINT, "60", ()),
    ],
    ids=[
        "kill -9",
        "kill -9 within the epoch's checkpoints, with every lever",
        "the others",
        "going back",
        "fp16",
        "LoRA",
        "Ctrl-C",
    ],
)
def test_stopped_and_gone_on_with_is_bit_for_bit_the_same(
    workspace: Path, twin: Path, cli: Cli, start: Start, how: signal.Signals, checkpoint_s: str, levers: tuple[str, ...]
) -> None:
    options = (*LONG, *levers, "--set", f"train.checkpoint_s={checkpoint_s}")
    assert cli("train", "-w", twin, *options).returncode == 0
    code = stopped_in_epoch_2(start, workspace, how, *options)
    assert code == (130 if how is signal.SIGINT else -9)
    assert [r.status for r in Workspace(workspace).list_runs()] == [
        "interrupted" if how is signal.SIGINT else "running"
    ]
    done = cli("train", "-w", workspace, *options)
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
    (ours, record), (theirs, reference) = weights(workspace), weights(twin)
    assert f"going on with {record.name} " in done.stderr
    assert all((ours[name] == theirs[name]).all() for name in theirs)
    timeless = [{k: v for k, v in row.items() if k not in ("seconds", "images_per_s")} for row in record.history]
    assert timeless == [
        {k: v for k, v in row.items() if k not in ("seconds", "images_per_s")} for row in reference.history
    ]
    assert record.notes == reference.notes
    learned, asked = (
        Dynamics.read(root / run.folder / "dynamics.npz") for root, run in ((workspace, record), (twin, reference))
    )
    np.testing.assert_array_equal(learned.margins_NH, asked.margins_NH)
    np.testing.assert_array_equal(learned.num_seen_N, asked.num_seen_N)
    assert asked.num_seen_N.any()
    assert bool(record.notes) == (levers is WILD)
    assert not list((workspace / record.folder).glob("*.pt"))
