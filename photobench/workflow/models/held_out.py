"""What is said of photos that were not learned from, beside what is true of them."""

from __future__ import annotations

from dataclasses import dataclass

from photobench.records import Manifest, Predictions


@dataclass(frozen=True)
class HeldOut:
    """What is said of photos that were not learned from, and what is true of them: the rows of `split` in the manifest."""

    manifest: Manifest
    predictions: Predictions
    split: str
