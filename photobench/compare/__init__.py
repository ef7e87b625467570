"""Whether one run is better than another: the difference on the same photos, with its interval, and where it lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from photobench import paired
from photobench.bootstrap import Sample
from photobench.compare.changed import Changed, changed
from photobench.compare.common import Candidate, Common, common
from photobench.compare.where import People, Slice, people, slices
from photobench.errors import PhotobenchError
from photobench.evaluate import EvaluateOptions, joint_sample
from photobench.evaluation import Figure
from photobench.records import Manifest, Predictions

__all__ = [
    "Candidate",
    "Changed",
    "Common",
    "People",
    "Slice",
    "changed",
    "common",
    "difference",
    "people",
    "same_samples",
    "slices",
]


def difference(
    manifest: Manifest, run: Predictions, other: Predictions, split: str, options: EvaluateOptions
) -> dict[str, Figure]:
    """How much better `run` is than `other`: macro-F1 and accuracy of the joint class, each with its interval (`photobench.paired`).

    Raises:
        PhotobenchError: they were not asked about the same photos.
    """
    mine, theirs = same_samples(manifest, [run, other], split)
    return paired.difference(mine, theirs, options.bootstraps, options.confidence, options.seed)


def same_samples(manifest: Manifest, told: Sequence[Predictions], split: str) -> list[Sample]:
    """What several say of the same photos of a split: of those that all of them could read.

    Raises:
        PhotobenchError: they were not asked about the same photos.
    """
    for one in told:
        if one.paths != told[0].paths:
            raise PhotobenchError(
                f"{told[0].run} and {one.run} were validated on different photos, so their difference would say nothing. "
                "Train them with the same photos and the same split."
            )
    reasons = [next(filter(None, row), "") for row in zip(*(one.reasons for one in told), strict=True)]
    return [joint_sample(manifest, replace(one, reasons=reasons), split) for one in told]
