"""Options of the pack and of the split."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from photobench.config import Options


class PackOptions(Options):
    """Photos are decoded once, upright and resized, into a memory-mapped store."""

    side_px: int = Field(
        0,
        ge=0,
        le=2048,
        description="side of the stored squares; 0 is model.size_px / model.crop, so that nothing is resampled twice",
    )
    fit: Literal["crop", "squash", "pad"] = Field(
        "crop", description="how a photo becomes a square: cut the long side, stretch, or add borders"
    )
    workers: int = Field(0, ge=0, description="threads that decode; 0 is one per core")


class SplitOptions(Options):
    """Who is learned from and who is asked. Stratified by class, never separating a group. Given splits are honoured."""

    valid: float = Field(0.2, gt=0, lt=0.9, description="fraction of the photos that select the model")
    test: float = Field(
        0.0,
        ge=0,
        lt=0.9,
        description="fraction looked at once, at the end; 0 where the source gives a test set or none is wanted",
    )
    seed: int = Field(0, ge=0, description="another seed, another split")
