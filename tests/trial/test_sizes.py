"""Batch sizes are tried with real steps; what is suggested is the smallest of the fast ones that fit."""

from __future__ import annotations

import mmap
from pathlib import Path

import pytest
import torch

import photobench as pb
from photobench import memory
from photobench.errors import ConfigError, ModelError
from photobench.train.loop import Trainer
from photobench.trial.sizes import ONE_BATCH, Size, fastest, has_room, try_sizes
from photobench.trial.space import HostSpace
from photobench.trial.words import about_sizes
from photobench.workflow import open_bench, prepare
from photobench.workflow.models.fitting import trial_trainer
from photobench.workspace import Workspace
from tests.conftest import Cli

HELD_BYTES = 1 << 28


def test_the_smallest_of_the_fast_sizes_is_suggested() -> None:
    sizes = [Size(8, 100.0), Size(16, 197.0), Size(32, 200.0), Size(64, 190.0), Size(128)]
    assert fastest(sizes, 10_000, 12).photos == 16


def test_a_size_that_is_faster_by_less_than_a_tenth_is_not_faster() -> None:
    assert fastest([Size(8, 100.0), Size(16, 109.0), Size(32, 105.0)], 10_000, 12).photos == 8


def test_a_training_keeps_its_steps() -> None:
    """256 photos a step are the fastest, and of 384 photos that is an epoch of two steps."""
    sizes = [Size(2, 50.0), Size(8, 100.0), Size(16, 150.0), Size(32, 200.0), Size(256, 400.0)]
    assert fastest(sizes, 384, 20).photos == 16  # 480 steps; 32 would leave 240
    assert fastest(sizes, 384, 40).photos == 32, "more epochs, more steps"
    assert fastest(sizes, 100, 12).photos == 8, "none leaves 400 but the smallest, of which batch norm learns little"
    said = about_sizes(sizes, 8, 384, 20)
    assert "32 photos and more in a step leave it fewer than 400 steps" in said
    assert "a training would have 480 steps instead of 960" in said
    assert "fewer than 400 steps" not in about_sizes(sizes, 32, 100_000, 20)
    assert "instead of" not in about_sizes(sizes, 16, 384, 20)


def test_a_model_for_which_there_is_no_room_is_said() -> None:
    with pytest.raises(ModelError, match=r"Not even 2 photos fit into memory\. A smaller"):
        fastest([Size(2)], 100, 12)


def test_every_size_up_to_the_photos_is_tried_and_nothing_is_left(workspace: Path) -> None:
    found = pb.open(workspace).find_batch(batch_size=12)
    table = found.table
    num_train = len(pb.open(workspace).manifest().rows("train"))
    tried = table["batch_size"].tolist()
    assert tried == sorted(tried)
    assert {2, 4, 8, 12} <= set(tried)
    assert max(tried) <= num_train
    assert (table["images_per_s"] > 0).all()
    assert found.suggestion in tried
    assert table.set_index("batch_size")["accumulate"].loc[[2, 4, 12]].tolist() == [6, 3, 1]
    assert not Workspace(workspace).list_runs()
    assert not (workspace / "runs").exists()


@pytest.fixture
def trainer(workspace: Path) -> Trainer:
    bench = open_bench(workspace, [{"train": ONE_BATCH}])
    return trial_trainer(bench, prepare(bench))


def test_a_size_that_memory_cannot_hold_ends_the_search(trainer: Trainer) -> None:
    def full(_: torch.nn.Module, images: tuple[torch.Tensor]) -> None:
        if len(images[0]) > 8:
            raise torch.OutOfMemoryError

    trainer.model.register_forward_pre_hook(full)
    sizes = try_sizes(trainer, also=16)
    assert [(size.photos, size.fits) for size in sizes] == [(2, True), (4, True), (8, True), (16, False)]
    assert fastest(sizes, 1000, 12).photos <= 8
    assert "16" in about_sizes(sizes, 16, 1000, 12)
    assert "does not fit" in about_sizes(sizes, 16, 1000, 12)
    assert all(p.grad is None for p in trainer.model.parameters())
    assert trainer.learner.parts == 1
    assert not Workspace(trainer.run.workspace.root).list_runs()


def test_every_step_sees_one_batch_at_its_largest(workspace: Path) -> None:
    plain = pb.open(workspace).find_batch()
    levers = pb.open(workspace, accumulate=4, start_share=0.5, freeze_epochs=1).find_batch()
    both = zip(levers.table["batch_size"], plain.table["batch_size"], strict=False)  # the speed ends them where it does
    assert all(a == b for a, b in both)
    assert (levers.table["images_per_s"] > 0).all()


def test_what_has_no_steps_cannot_be_tried(workspace: Path) -> None:
    bench = pb.open(workspace, mode="frozen")
    for find in (bench.find_lr, bench.find_batch, bench.doctor):
        with pytest.raises(ConfigError, match=r'With model\.mode = "frozen" .* no step to try or to measure'):
            find()
    assert not (workspace / "packs").exists()


def test_what_would_not_fit_is_not_tried_on_a_processor() -> None:
    free = memory.free_bytes()
    if free is None:
        pytest.skip("this system does not say how much memory is free")
    grown = [Size(2, 1.0, 10**9), Size(4, 1.0, 10**9 + free // 4)]
    assert has_room(5, grown, HostSpace())
    assert not has_room(16, grown, HostSpace())


def test_the_peak_is_that_of_the_work_since_it_was_forgotten() -> None:
    memory.forget_peak()
    before = memory.peak_bytes()
    if before is None:
        pytest.skip("this system does not say what a process held at most")
    held = mmap.mmap(-1, HELD_BYTES)  # new pages, whatever the allocator has kept
    held.write(bytes(HELD_BYTES // 2))
    held.write(bytes(HELD_BYTES // 2))
    after = memory.peak_bytes()
    assert after is not None
    assert after - before > 0.9 * HELD_BYTES


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_card_is_filled_until_it_says_so(workspace: Path) -> None:
    torch.cuda.set_per_process_memory_fraction(256e6 / torch.cuda.get_device_properties(0).total_memory)
    try:
        found = pb.open(workspace, backbone="resnet18", size_px=512).find_batch()
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    assert not found.sizes[-1].fits


@pytest.mark.parametrize(
    ("best", "configured", "advice"),
    [
        (16, 64, "With train.accumulate = 4 a step still sees 64 photos"),
        (24, 64, "A step would see 24 photos instead of 64: look for the rate again"),
        (64, 16, "To test fairly whether smaller steps learn better"),
        (32, 32, "The configured size is the one to take."),
    ],
)
def test_the_advice_says_what_changes(best: int, configured: int, advice: str) -> None:
    assert advice in about_sizes([Size(best, 100.0)], configured, 10_000, 12)


def test_fix_writes_the_size(workspace: Path, cli: Cli) -> None:
    done = cli("find-batch", "-w", workspace, "--fix")
    assert done.returncode == 0, done.stderr
    star = next(line for line in done.stdout.splitlines() if "★" in line)
    assert pb.open(workspace).options.train.batch_size == int(star.split()[0])
