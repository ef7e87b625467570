"""How the audit comes by its evidence."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from photobench.config import Options


class AuditOptions(Options):
    """Checks of the photos and their labels. The models that judge a label never learnt it."""

    evidence: Literal["auto", "embeddings", "folds"] = Field(
        "auto",
        description="who judges the labels: heads on a pretrained backbone's embeddings, or models trained in folds; auto: embeddings where the weights can be had, and folds that are trained already",
    )
    num_folds: int = Field(
        5, ge=2, le=20, description="parts of the photos; those of a part are judged by models of the others"
    )
    small_px: int = Field(
        64, ge=32, le=512, description="side of the photos where small models are trained for the audit itself"
    )
    epochs: int = Field(15, ge=1, description="of such a small model")
    seed: int = Field(0, ge=0, description="of folds, heads and draws")
