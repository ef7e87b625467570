"""A compiled training learns the same, falls back where compiling fails, and is gone on with as it was."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

import photobench as pb
from photobench.records import RunRecord
from photobench.train import compiled, compiling, payback
from photobench.train.compiled import CompiledForward
from photobench.workspace import Workspace
from tests.conftest import Cli, Start
from tests.train.marked_backend import MarkedBackend, broken
from tests.train.slow_steps import wait_for_epoch_2

NEEDS_A_COMPILER = pytest.mark.skipif(
    shutil.which(os.environ.get("CXX", "g++")) is None,
    reason="torch.compile needs a C++ compiler, and there is none here",
)
PLAIN = {"precision": "fp32", "epochs": 3, "patience": 9, "model.dropout": 0.2}
EVERY_LEVER = {
    "train.sam": 0.05, "train.accumulate": 2, "train.average": 0.9, "train.freeze_epochs": 1, "train.start_share": 0.5,
    "size_px": 64, "augment.mix": "cutmix", "train.clip_norm": 1.0,
}  # fmt: skip
"""What has to do with how photos go through the model."""


def weights(run: pb.Run) -> dict[str, torch.Tensor]:
    return load_file(run.folder / "model.safetensors")


def alike(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(one[name], other[name]) for name in other)


def found(workspace: Path) -> tuple[dict[str, torch.Tensor], RunRecord]:
    record = Workspace(workspace).find_run()
    return load_file(workspace / record.folder / "model.safetensors"), record


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> MarkedBackend:
    marked = MarkedBackend()
    monkeypatch.setattr(compiled, "BACKEND", marked)
    return marked


@pytest.mark.parametrize("levers", [{}, EVERY_LEVER], ids=["plain", "every lever"])
def test_trying_to_compile_changes_nothing_of_what_is_learned(
    workspace: Path, twin: Path, levers: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ "eager" makes a graph and calls it as it is: chance, statistics of norms and gradients were not touched by the rehearsal."""
    monkeypatch.setattr(compiled, "BACKEND", "eager")
    on = pb.open(workspace).train(**PLAIN, **levers, compile="on")
    off = pb.open(twin).train(**PLAIN, **levers, compile="off")
    assert alike(weights(on), weights(off))
    (note,) = on.record.notes
    assert note.startswith("compiled: a batch takes ")
    assert not off.record.notes


def test_whole_batches_that_are_learned_from_are_compiled_and_nothing_else(
    workspace: Path, twin: Path, backend: MarkedBackend
) -> None:
    """45 photos in batches of 8: the last one holds 5."""
    on = pb.open(workspace).train(**PLAIN, compile="on")
    assert backend.graphs == 1
    off = pb.open(twin).train(**PLAIN, compile="off")
    assert backend.graphs == 1
    assert not alike(weights(on), weights(off))
    assert weights(on).keys() == weights(off).keys()


def test_the_forward_in_front_knows_what_is_learned_from(backend: MarkedBackend) -> None:
    model = torch.nn.Linear(2, 2)
    model.forward = lambda photos: [torch.nn.Linear.forward(model, photos)]  # a list, as a classifier answers
    front = CompiledForward(model, lambda: 4)
    front.take_over()
    photos = torch.ones(4, 2)
    (own,), (learned,), (short,) = front.plain(photos), model(photos), model(photos[:3])
    with torch.no_grad():
        (seen,) = model(photos)
    assert torch.allclose(learned, 1.01 * own)
    assert torch.equal(short, own[:3])
    assert torch.equal(seen, own)


def test_a_processor_is_left_as_it_is_where_nobody_asked(workspace: Path, backend: MarkedBackend) -> None:
    run = pb.open(workspace).train(**PLAIN)
    assert backend.graphs == 0
    assert not run.record.notes


@pytest.mark.parametrize(
    ("worth_a_try_s", "graphs", "words"),
    [(300, 0, "not compiled: 15 batches are left, which take "), (0, 1, "compiled: a batch takes ")],
    ids=["too little is left", "measured"],
)
def test_auto_measures(
    workspace: Path,
    backend: MarkedBackend,
    monkeypatch: pytest.MonkeyPatch,
    worth_a_try_s: float,
    graphs: int,
    words: str,
) -> None:
    """As on a card; whether it is kept is up to this machine."""
    monkeypatch.setattr(compiling, "GAINS_ON", ("cpu",))
    monkeypatch.setattr(payback, "WORTH_A_TRY_S", worth_a_try_s)
    run = pb.open(workspace).train(**PLAIN)
    assert backend.graphs == graphs
    (note,) = run.record.notes
    assert words in note


def test_what_cannot_be_compiled_is_trained_as_it_is(
    workspace: Path, twin: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(compiled, "BACKEND", broken)
    on = pb.open(workspace).train(**PLAIN, compile="on")
    said = "not compiled, and the training goes on as it is: FileNotFoundError: no compiler here"
    assert on.record.notes == [said]
    assert f"train: {said}\n" in capsys.readouterr().err
    assert alike(weights(on), weights(pb.open(twin).train(**PLAIN, compile="off")))


def test_a_finished_run_is_up_to_date_however_fast_it_was(workspace: Path) -> None:
    bench = pb.open(workspace)
    assert bench.train(**PLAIN).name == bench.train(**PLAIN, compile="on").name


def test_a_frozen_backbone_has_nothing_to_compile(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pb.open(workspace).train(mode="frozen", compile="on")
    assert "train.compile, train.epochs without effect" in capsys.readouterr().err


OF_COMMAND = {
    "train.compile": "on", "train.precision": "fp32", "train.epochs": 4, "train.patience": 9, "train.batch_size": 4,
    "model.dropout": 0.2, "train.checkpoint_s": 0.2, "train.sam": 0.05,
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    "before",
    [
        "tests.train.marked_backend",
        pytest.param("tests.train.slow_steps", marks=[pytest.mark.minutes, NEEDS_A_COMPILER]),
    ],
    ids=["marked", "inductor"],
)
def test_killed_and_gone_on_with_it_is_bit_for_bit_the_same(
    workspace: Path, twin: Path, cli: Cli, start: Start, before: str, tmp_path: Path
) -> None:
    options = [f"--set={key}={value}" for key, value in OF_COMMAND.items()]
    settings = {"before": before, "TORCHINDUCTOR_CACHE_DIR": str(tmp_path / "inductor")}
    whole = cli("train", "-w", twin, *options, **settings, timeout_s=1200)
    assert whole.returncode == 0, whole.stderr
    child = start("train", "-w", workspace, *options, **settings)
    wait_for_epoch_2(workspace)
    os.kill(child.pid, signal.SIGKILL)
    assert child.wait() == -9
    done = cli("train", "-w", workspace, *options, **settings)
    assert done.returncode == 0, done.stderr
    assert "train: compiled again, in " in done.stderr
    (ours, record), (theirs, reference) = (found(root) for root in (workspace, twin))
    assert alike(ours, theirs)
    assert (
        [note.split(":")[0] for note in record.notes]
        == [note.split(":")[0] for note in reference.notes]
        == ["compiled"]
    )
