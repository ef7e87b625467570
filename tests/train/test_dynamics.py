"""How photos were learned. That it survives a kill bit for bit is in test_resume."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

import photobench as pb
from photobench.errors import PhotobenchError
from photobench.records import Dynamics
from photobench.train.dynamics import Margins, margins
from photobench.train.ranks import ALONE, Ranks
from photobench.workflow import open_bench, run_manifest


def dynamics_of(workspace: Path) -> Dynamics:
    bench = open_bench(workspace)
    return Dynamics.read(workspace / bench.workspace.find_run().folder / "dynamics.npz")


def test_the_margin_is_the_given_logit_minus_the_largest_other() -> None:
    logits = [
        torch.tensor([[1.0, 4.0, 2.5], [1.0, 4.0, 2.5]]),
        torch.tensor([[0.0, -1.0], [0.0, -1.0]], dtype=torch.bfloat16),
    ]
    found = margins(logits, torch.tensor([[1, 0], [0, 1]]))
    assert found.tolist() == [[1.5, 1.0], [-3.0, -1.0]]


def test_margins_are_averaged_over_what_was_kept() -> None:
    kept = Margins(3, 1, torch.device("cpu"), ALONE)
    for given in (2.0, 4.0):
        kept.note(torch.tensor([2, 0]), [torch.tensor([[given, 0.0], [0.0, 1.0]])], torch.tensor([[0], [0]]))
        kept.keep()
    kept.note(torch.tensor([1]), [torch.tensor([[9.0, 0.0]])], torch.tensor([[0]]))
    kept.forget()  # as where the step did not fit into memory
    kept.keep()
    mean_NH, num_N = kept.mean()
    assert num_N.tolist() == [2, 0, 2]
    np.testing.assert_array_equal(mean_NH[:, 0], [-1.0, np.nan, 3.0])


def test_what_several_processes_saw_is_taken_over_by_fewer() -> None:
    state = {
        "sum": [torch.tensor([[1.0], [0.0]]), torch.tensor([[0.0], [5.0]])],
        "num": [torch.tensor([1, 0], dtype=torch.int32), torch.tensor([0, 2], dtype=torch.int32)],
    }
    alone = Margins(2, 1, torch.device("cpu"), ALONE)
    alone.load_state(state)
    assert alone.mean()[0].tolist() == [[1.0], [2.5]]
    second = Margins(2, 1, torch.device("cpu"), Ranks(1, 2, 2))
    second.load_state(state)
    assert second.sum_NH.tolist() == [[0.0], [5.0]]
    third = Margins(2, 1, torch.device("cpu"), Ranks(1, 3, 3))
    third.load_state(state)
    assert third.sum_NH.tolist() == [[0.0], [0.0]]


def test_planted_wrong_labels_have_the_lowest_margins(workspace: Path, photos: Path) -> None:
    planted = [photos / "red" / "person00_0.jpg", photos / "green" / "person13_1.jpg"]
    for photo, wrong in zip(planted, ("green", "blue"), strict=True):
        photo.rename(photos / wrong / photo.name)
    pb.open(workspace).train(epochs=8, patience=8, lr=3e-3, precision="fp32", valid=0.1)
    found = dynamics_of(workspace)
    assert (found.num_seen_N == 8).all()
    assert found.heads == ("label",)
    ranked = np.array(found.paths)[found.margins_NH[:, 0].argsort()]
    learned = {f"{wrong}/{photo.name}" for photo, wrong in zip(planted, ("green", "blue"), strict=True)} & set(
        found.paths
    )
    assert learned
    assert set(ranked[: len(learned)]) == learned


def test_every_photo_of_training_is_there_once_and_no_other(workspace: Path) -> None:
    run = pb.open(workspace).train(epochs=1)
    bench = open_bench(workspace)
    manifest = run_manifest(bench, run.record)
    found = dynamics_of(workspace)
    assert found.paths == manifest.frame["path"].iloc[manifest.rows("train")].tolist()
    assert np.isfinite(found.margins_NH).all()


@pytest.mark.parametrize("mix", ["mixup", "cutmix", "halves-within"])
def test_mixed_photos_are_passed_over(workspace: Path, mix: str) -> None:
    pb.open(workspace).train(epochs=2, mix=mix, mix_share=1.0)
    found = dynamics_of(workspace)
    assert (found.num_seen_N == 0).all()
    assert np.isnan(found.margins_NH).all()


def test_of_partly_mixed_training_the_plain_batches_count(workspace: Path) -> None:
    pb.open(workspace).train(epochs=4, mix="cutmix", mix_share=0.5, sam=0.05, accumulate=2)
    seen = dynamics_of(workspace).num_seen_N
    assert 0 < seen.sum() < 4 * len(seen)
    assert seen.max() <= 4  # the second gradient of a step with SAM is none of the photo as it is learned


def test_a_model_of_the_joint_class_and_a_frozen_one(workspace: Path) -> None:
    pb.open(workspace).train(epochs=1, head="joint")
    assert dynamics_of(workspace).heads == ("class",)
    frozen = pb.open(workspace).train(mode="frozen")
    assert not (frozen.folder / "dynamics.npz").exists()


def test_recording_changes_nothing_of_the_gradients() -> None:
    logits = torch.randn(4, 3, requires_grad=True)
    targets = torch.tensor([[0], [1], [2], [0]])
    kept = Margins(4, 1, torch.device("cpu"), ALONE)
    kept.note(torch.arange(4), [logits], targets)
    functional.cross_entropy(logits, targets[:, 0]).backward()
    assert not kept._noted[0][1].requires_grad


def test_a_damaged_file_is_said(tmp_path: Path) -> None:
    path = tmp_path / "dynamics.npz"
    path.write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(PhotobenchError, match=r"dynamics\.npz is damaged"):
        Dynamics.read(path)
