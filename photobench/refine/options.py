"""What `photobench refine` tries, and what it makes large."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from photobench.config import Options

Metric = Literal["macro_f1", "attribute_macro_f1", "accuracy"]

METRIC_WORDS = {
    "macro_f1": "macro-F1",
    "attribute_macro_f1": "macro-F1, the mean over the labels",
    "accuracy": "accuracy",
}


class RefineOptions(Options):
    """What is tried on top of a trained model."""

    metric: Metric = Field(
        "macro_f1",
        description="what decides: macro_f1 of the joint class, attribute_macro_f1 (the mean over the attributes), or accuracy",
    )
    views: tuple[str, ...] = Field(
        ("flip", "five-crop", "scales", "colour"),
        description="views of a photo to try beside the plain one: photobench list views; empty tries none",
    )
    seed: int = Field(0, ge=0, description="of the division into photos to choose on and photos to measure on")
