"""Whether one run is better than another: the difference on the same photos, with its interval, and where it lies."""

from __future__ import annotations

from dataclasses import replace

from photobench import paired
from photobench.compare.common import Candidate, Common, common
from photobench.compare.where import People, Slice, people, slices
from photobench.errors import PhotobenchError
from photobench.evaluate import EvaluateOptions, joint_sample
from photobench.evaluation import Figure
from photobench.records import Manifest, Predictions

__all__ = ["Candidate", "Common", "People", "Slice", "common", "difference", "people", "slices"]


def difference(
    manifest: Manifest, run: Predictions, other: Predictions, split: str, options: EvaluateOptions
) -> dict[str, Figure]:
    """How much better `run` is than `other`: macro-F1 and accuracy of the joint class, each with its interval (`photobench.paired`).

    Raises:
        PhotobenchError: they were not asked about the same photos.
    """
    if run.paths != other.paths:
        raise PhotobenchError(
            f"{run.run} and {other.run} were validated on different photos, so their difference would say nothing. "
            "Train them with the same photos and the same split."
        )
    reasons = [a or b for a, b in zip(run.reasons, other.reasons, strict=True)]
    mine, theirs = (joint_sample(manifest, replace(said, reasons=reasons), split) for said in (run, other))
    return paired.difference(mine, theirs, options.bootstraps, options.confidence, options.seed)
