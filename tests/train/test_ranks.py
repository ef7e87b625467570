"""Several processes that share each batch learn what one process learns from whole batches."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor
from torch.nn import functional

import photobench as pb
from photobench.errors import ConfigError
from photobench.train.loader import Batch
from photobench.train.ranks import ALONE, Ranks
from photobench.workspace import Workspace
from tests.conftest import REPO, Cli, Start
from tests.train.slow_steps import wait_for_epoch_2

VIT = tuple(
    word
    for option in (
        "model.backbone=test_vit",  # no batch norm, whose statistics are those of a part
        "augment.preset=none",
        "augment.mix=cutmix",
        "train.batch_size=10",  # 45 photos: the last batch is one of 5, in parts of 3 and 2
        "train.clip_norm=1.0",
        "train.average=0.9",
        "train.precision=fp32",
        "train.patience=9",
    )
    for word in ("--set", option)
)


def torchrun(*words: object, program: tuple[str, ...] = ("-m", "photobench")) -> subprocess.Popen[str]:
    """Two processes on this machine."""
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([*launcher, *program, *map(str, words)], text=True, env=env, cwd=REPO, **pipes)


def weights(workspace: Path) -> dict[str, Tensor]:
    return load_file(workspace / Workspace(workspace).find_run().folder / "model.safetensors")


LEVERS = ("train.accumulate=2", "train.sam=0.05", "train.freeze_epochs=1", "train.swa_share=0.5", "train.average=0")


@pytest.mark.slow
def test_two_processes_learn_what_one_learns(workspace: Path, twin: Path, cli: Cli, start: Start) -> None:
    """Started as torchrun would: with the number of each in its environment."""
    one = cli("train", "-w", workspace, *VIT)
    assert one.returncode == 0, one.stderr

    out, err = train_by_two(start, twin, "--set", "train.devices=2")
    check_alike(workspace, twin, one.stderr, out, err)
    assert "is up to date" in train_by_two(start, twin)[1]


@pytest.mark.slow
def test_two_processes_compile_together(workspace: Path, twin: Path, cli: Cli, start: Start) -> None:
    """And each augments whole batches, of which it keeps its part."""
    compiled = {"before": "tests.train.marked_backend"}
    options = ("--set", "train.compile=on", "--set", "augment.on=device")
    one = cli("train", "-w", workspace, *VIT, *options, **compiled)
    assert one.returncode == 0, one.stderr
    out, err = train_by_two(start, twin, *options, **compiled)
    check_alike(workspace, twin, one.stderr, out, err)
    assert err.count("train: compiled: a batch takes ") == 1


def train_by_two(start: Start, workspace: Path, *options: str, **more: str) -> tuple[str, str]:
    """What the first of two processes says; the other is silent."""
    place = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port()), **more}
    both = [start("train", "-w", workspace, *VIT, *options, **one_of_two(number), **place) for number in range(2)]
    assert [child.wait() for child in both] == [0, 0], [child.read()[1] for child in both]
    first, second = (child.read() for child in both)
    assert second[0] == ""
    return first


@pytest.mark.slow
@pytest.mark.minutes
def test_two_processes_of_torchrun_learn_the_same_with_every_lever(workspace: Path, twin: Path, cli: Cli) -> None:
    chosen = (*VIT, *(word for option in LEVERS for word in ("--set", option)))
    one = cli("train", "-w", workspace, *chosen)
    assert one.returncode == 0, one.stderr
    process = torchrun("train", "-w", twin, *chosen, "--set", "train.devices=2")
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    check_alike(workspace, twin, one.stderr, out, err)
    again = torchrun("train", "-w", twin, *chosen)
    _, err = again.communicate(timeout=300)
    assert again.returncode == 0, err
    assert "is up to date" in err


def check_alike(workspace: Path, twin: Path, err_of_one: str, out: str, err: str) -> None:
    """What two processes learned in `twin` is what one learned, and one of them spoke."""
    ours, theirs = weights(workspace), weights(twin)
    assert ours.keys() == theirs.keys()
    for name in ours:
        torch.testing.assert_close(theirs[name], ours[name], atol=1e-4, rtol=0)
    assert out.count("macro_f1") == 1, "the first process speaks for both"
    assert err.count("★ best so far") == err_of_one.count("★ best so far")
    (record,) = Workspace(twin).list_runs()
    assert record.status == "finished"
    assert record.history[-1]["train_loss"] == pytest.approx(
        Workspace(workspace).find_run().history[-1]["train_loss"], abs=1e-4
    )


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.mark.slow
@pytest.mark.minutes
def test_two_processes_that_were_stopped_go_on_as_if_nothing_had_been(workspace: Path, twin: Path) -> None:
    chance = (*VIT, "--set", "model.dropout=0.3", "--set", "train.epochs=4")
    whole = torchrun("train", "-w", workspace, *chance)
    _, err = whole.communicate(timeout=300)
    assert whole.returncode == 0, err
    stopped = torchrun("train", "-w", twin, *chance, program=("-m", "tests.train.slow_steps"))
    wait_for_epoch_2(twin)
    stopped.send_signal(signal.SIGINT)
    _, err = stopped.communicate(timeout=120)
    assert stopped.returncode != 0
    assert err.count("The same command goes on from there.") == 1, err
    (record,) = Workspace(twin).list_runs()
    assert record.status == "interrupted"
    resumed = torchrun("train", "-w", twin, *chance)
    _, err = resumed.communicate(timeout=300)
    assert resumed.returncode == 0, err
    assert "going on with" in err
    ours, theirs = weights(workspace), weights(twin)
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


@pytest.mark.parametrize(("photos", "world"), [(10, 2), (5, 2), (7, 3), (8, 4)])
def test_the_parts_make_the_whole(photos: int, world: int) -> None:
    torch.manual_seed(0)
    images, targets = torch.randn(photos, 4), torch.randint(0, 3, (photos, 1))
    batch = Batch(images, targets, targets.flip(0), 0.7, torch.arange(photos))
    matrix = torch.randn(4, 3, requires_grad=True)
    (whole,) = torch.autograd.grad(functional.cross_entropy(images @ matrix, targets[:, 0]), matrix)
    mean = torch.zeros_like(whole)
    seen = []
    for ranks in (Ranks(number, world, world) for number in range(world)):
        part = ranks.part(batch)
        seen.append(len(part.targets))
        loss = functional.cross_entropy(part.images @ matrix, part.targets[:, 0])
        (gradient,) = torch.autograd.grad(loss * ranks.weight(len(part.targets), photos), matrix)
        mean += gradient / world
        assert part.share == 0.7
        assert torch.equal(part.others, targets.flip(0)[ranks.number :: world])
        assert torch.equal(part.rows, torch.arange(photos)[ranks.number :: world])
    assert sum(seen) == photos
    torch.testing.assert_close(mean, whole)


def test_alone_everything_is_its_own() -> None:
    batch = Batch(torch.zeros(3, 1), torch.zeros(3, 1), torch.zeros(3, 1), 1.0, torch.arange(3))
    assert torch.equal(ALONE.part(batch).images, batch.images)
    assert ALONE.weight(3, 3) == 1
    assert ALONE.any(True, False) == [True, False]
    assert ALONE.tell({"a": 1}) == {"a": 1}
    loss = torch.tensor(0.1)
    assert ALONE.mean(loss) is loss


def test_what_was_gathered_by_more_or_fewer_processes_still_has_a_part_for_each() -> None:
    states = [torch.tensor(0), torch.tensor(1)]
    assert [int(Ranks(number, 4).own(states)) for number in range(4)] == [0, 1, 0, 1]


def test_a_batch_too_small_for_the_processes_is_said() -> None:
    with pytest.raises(ConfigError, match=r"train\.batch_size = 6 is too small for 4 processes: 8 or more"):
        Ranks(0, 4, 4).check(6)


def test_processes_that_are_not_there_are_said_before_any_work(workspace: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"train\.devices = 2 needs 2 processes, and there is 1\. .*torchrun --nproc-per-node=2"
    ):
        pb.open(workspace).train(devices=2)
    assert not (workspace / "packs").exists()


def one_of_two(number: int) -> dict[str, str]:
    """The environment in which torchrun starts it."""
    rank = str(number)
    return {"TORCHELASTIC_RUN_ID": "x", "WORLD_SIZE": "2", "RANK": rank, "LOCAL_RANK": rank, "LOCAL_WORLD_SIZE": "2"}


def test_a_frozen_backbone_is_not_shared(workspace: Path, cli: Cli) -> None:
    done = cli("train", "-w", workspace, "--set", "model.mode=frozen", **one_of_two(0))
    assert done.returncode == 2
    assert 'model.mode = "frozen" has no steps that 2 processes could share' in done.stderr
    assert not (workspace / "packs").exists()


def test_what_cannot_be_divided_is_said(workspace: Path, cli: Cli) -> None:
    done = cli("pack", "-w", workspace, **one_of_two(1))
    assert done.returncode == 2
    assert "`photobench pack` is the work of one process, and torchrun has started 2" in done.stderr


@pytest.mark.slow
@pytest.mark.minutes
def test_a_loss_that_is_no_number_takes_all_back(workspace: Path) -> None:
    wild = ("optimizer=sgd", "lr=10.0", "weight_decay=1.0", "precision=fp32", "epochs=3", "patience=9")
    process = torchrun("train", "-w", workspace, *(word for option in wild for word in ("--set", f"train.{option}")))
    _, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    record = Workspace(workspace).find_run()
    assert record.notes
    assert [row["epoch"] for row in record.history] == [1, 2, 3]
    assert err.count(record.notes[0]) == 1


FULL = """
import torch
from photobench.vision.model import Classifier
forward = Classifier.forward
def full(self, images):
    if self.training and torch.distributed.is_initialized() and torch.distributed.get_rank() == 1:
        raise torch.OutOfMemoryError("CUDA out of memory.")
    return forward(self, images)
Classifier.forward = full
from photobench.cli import main
main()
"""


@pytest.mark.slow
@pytest.mark.minutes
def test_a_part_without_room_is_said(workspace: Path, tmp_path: Path) -> None:
    full = tmp_path / "full.py"
    full.write_text(FULL)
    process = torchrun("train", "-w", workspace, program=(str(full),))
    _, err = process.communicate(timeout=300)
    assert process.returncode != 0
    assert "Out of memory: one of 2 processes has no room for its part of train.batch_size = 8. Lower it" in err
