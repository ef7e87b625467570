"""A step over several batches is the step over one that holds all their photos."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file

import photobench as pb

PLAIN = {
    "precision": "fp32",
    "preset": "none",
    "label_smoothing": 0.0,
    "epochs": 3,
    "patience": 9,
    "backbone": "test_vit",
}
"""A layer norm sees each photo alone; a batch norm would see other batches."""


def trained(workspace: Path, **options: object) -> dict[str, torch.Tensor]:
    run = pb.open(workspace).train(**{**PLAIN, **options})
    return load_file(run.folder / "model.safetensors")


def test_four_batches_of_8_are_one_of_32(workspace: Path) -> None:
    whole = trained(workspace, batch_size=32)
    parts = trained(workspace, batch_size=8, accumulate=4)
    other = trained(workspace, batch_size=8)
    assert all(torch.allclose(whole[name], parts[name], atol=1e-5) for name in whole)
    assert not all(torch.allclose(whole[name], other[name], atol=1e-3) for name in whole)


def test_a_shorter_last_group_counts_each_photo_alike(workspace: Path) -> None:
    """45 photos: 32 and 13, or 8 × 4 and 8 + 5."""
    whole = trained(workspace, batch_size=32, epochs=1)
    parts = trained(workspace, batch_size=8, accumulate=4, epochs=1)
    assert all(torch.allclose(whole[name], parts[name], atol=1e-5) for name in whole)
