"""Several who answer, brought onto the photos that all of them held out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
import pandas as pd

from photobench.bootstrap import MIN_GROUPS, Sample
from photobench.errors import PhotobenchError
from photobench.evaluate import joint_sample
from photobench.records import Manifest, Predictions
from photobench.words import count

COMMON = "common"
"""The split of the photos that are compared."""


@dataclass(frozen=True)
class Candidate:
    """Who answers, and what it says of photos that it did not learn from: the rows of `split` in the manifest."""

    name: str
    manifest: Manifest
    predictions: Predictions
    split: str

    def labels(self) -> pd.Series:
        """The joint class of each photo that it could read and whose label is known, by path."""
        frame, classes = self.manifest.frame, self.manifest.classes()
        asked = (frame["split"] == self.split).to_numpy() & self.manifest.usable() & (classes >= 0)
        found = pd.Series(classes[asked], index=frame["path"].to_numpy(dtype=object)[asked])
        readable = pd.Index(self.predictions.paths)[self.predictions.ok()]
        return found[found.index.isin(readable)]


@dataclass(frozen=True)
class Common:
    """The photos of all, in the split COMMON, and what each says of them, in their order. Each note is a sentence."""

    manifest: Manifest
    said: list[Predictions]
    notes: list[str]

    def samples(self) -> list[Sample]:
        """Of the joint class."""
        return [joint_sample(self.manifest, one, COMMON) for one in self.said]

    @property
    def num_groups(self) -> int:
        return int(self.manifest.frame["group"].nunique()) if self.manifest.has_groups else len(self.manifest)


def common(candidates: Sequence[Candidate]) -> Common:
    """The photos that all of them held out, with the same label.

    Raises:
        PhotobenchError: they tell different classes, or have too few photos in common.
    """
    first = candidates[0]
    for other in candidates[1:]:
        if other.predictions.space != first.predictions.space:
            raise PhotobenchError(
                f"{other.name} and {first.name} tell different classes, so neither can be better than the other. "
                "Train one of them again with the classes of today."
            )
    labels = [candidate.labels() for candidate in candidates]
    shared = reduce(lambda left, right: left.intersection(right, sort=False), (one.index for one in labels))
    agreed = np.logical_and.reduce([(one[shared] == labels[0][shared]).to_numpy() for one in labels])
    paths = shared[agreed]
    known = next((c for c in candidates if c.manifest.has_groups), first)
    manifest = _only(known.manifest, paths)
    found = Common(manifest, [_said(c, manifest) for c in candidates], [])
    return replace(found, notes=_notes(candidates, labels, found, int((~agreed).sum())))


def _only(manifest: Manifest, paths: pd.Index) -> Manifest:
    rows = np.flatnonzero(manifest.frame["path"].isin(paths))
    return manifest.part(rows).with_columns(split=COMMON)


def _said(candidate: Candidate, manifest: Manifest) -> Predictions:
    said, paths = candidate.predictions, manifest.frame["path"]
    rows = pd.Index(said.paths).get_indexer(pd.Index(paths))
    decided_N = None if said.decided_N is None else said.decided_N[rows]
    return Predictions(paths.tolist(), said.joint_NK[rows], said.space, run=candidate.name, decided_N=decided_N)


def _notes(candidates: Sequence[Candidate], labels: Sequence[pd.Series], found: Common, relabelled: int) -> list[str]:
    """What the comparison leaves out; raises where too little is left."""
    photos, groups = len(found.manifest), found.num_groups
    whole = all(len(one) == photos + relabelled for one in labels)
    if not photos or (not whole and groups < MIN_GROUPS):
        raise PhotobenchError(
            f"{' and '.join(c.name for c in candidates)} were validated on different photos. All of them held out {count(photos, 'photo')} of "
            f"{count(groups, 'group')}, and at least {MIN_GROUPS} groups are needed to compare on. Train them on the same split, or compare "
            "sets of folds, which hold out every photo: photobench train --folds 5"
        )
    notes = []
    if not whole:
        each = ", ".join(f"{c.name} on {len(one):,}" for c, one in zip(candidates, labels, strict=True))
        notes.append(
            f"They were validated on different photos ({each}); compared are the {photos:,} that all of them held out."
        )
    if relabelled:
        notes.append(
            f"{count(relabelled, 'photo')} whose label changed between the trainings {'is' if relabelled == 1 else 'are'} left out."
        )
    return notes
