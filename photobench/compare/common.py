"""Several who answer, brought onto the photos that all of them held out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
import pandas as pd

from photobench.bootstrap import MIN_GROUPS, Sample
from photobench.compare.words import OTHER_CLASSES, OTHER_PHOTOS, RELABELLED, TOO_LITTLE_IN_COMMON
from photobench.errors import PhotobenchError
from photobench.evaluate import joint_sample
from photobench.records import Manifest, Predictions, Said

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
    """The photos of all, in the split COMMON, and what each says of them, in their order. The notes say what is left out."""

    manifest: Manifest
    said: list[Predictions]
    notes: list[Said]

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
            raise PhotobenchError(OTHER_CLASSES(name=other.name, first=first.name))
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


def _notes(candidates: Sequence[Candidate], labels: Sequence[pd.Series], found: Common, relabelled: int) -> list[Said]:
    """What the comparison leaves out; raises where too little is left."""
    photos, groups = len(found.manifest), found.num_groups
    whole = all(len(one) == photos + relabelled for one in labels)
    if not photos or (not whole and groups < MIN_GROUPS):
        *names, last = (c.name for c in candidates)
        raise PhotobenchError(
            TOO_LITTLE_IN_COMMON(names=", ".join(names), last=last, photos=photos, groups=groups, fewest=MIN_GROUPS)
        )
    notes = []
    if not whole:
        each = ", ".join(f"{c.name}: {len(one):,}" for c, one in zip(candidates, labels, strict=True))
        notes.append(OTHER_PHOTOS(each=each, photos=photos))
    if relabelled:
        notes.append(RELABELLED(photos=relabelled))
    return notes
