"""Options of the pack and of the split."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

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
    folds: int = Field(
        0,
        ge=0,
        le=100,
        description="parts that take turns to be `valid`, all the others are learned from; 0 divides by `valid`",
    )
    fold: int = Field(
        1, ge=1, description="the part that is `valid` in this training, from 1 on; `train --folds` trains all"
    )
    repeat: int = Field(0, ge=0, description="another number, another division into folds, of the same photos")
    seed: int = Field(0, ge=0, description="another seed, another split")

    @model_validator(mode="after")
    def _fold_is_one_of_them(self) -> Self:
        if self.folds == 1:
            raise ValueError("split.folds = 1 would leave nothing to learn from: 2 or more, or 0 for none")
        if self.folds and self.fold > self.folds:
            raise ValueError(f"split.fold = {self.fold} is none of the {self.folds} folds")
        return self
