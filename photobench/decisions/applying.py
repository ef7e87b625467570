"""A manifest after what people decided. Groups first, then the split, then labels: see docs/decisions.md.

The split is made of merged groups and of labels as they were given, so that no change of a label moves a photo to the other side, and
a training with decisions can be compared with one without. Columns that change keep what was given, as `given:<column>`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import DisjointSet

from photobench.data.split import clusters_of
from photobench.records import EXCLUDE, GIVEN, GROUP, Decision, Manifest
from photobench.sources.files import NO_LABEL

LEFT_OUT = "left out by decision"
LONGEST_REASON = 100


def merge_groups(manifest: Manifest, standing: Mapping[int, Decision]) -> Manifest:
    """The manifest with groups made one: that of the photo and that which the decision names, with all photos of both.

    Merged groups are called what the latest decision among them says.
    """
    group_of = dict(zip(manifest.frame["path"], manifest.frame["group"], strict=True))
    merges = [
        (group_of[d.photo], d.new)
        for d in standing.values()
        if d.field == GROUP and d.new and d.new != group_of.get(d.photo, d.new)  # its own group: a person has looked
    ]
    names = _merged_names(merges)
    given = manifest.frame["group"]
    if all(names.get(group, group) == group for group in given.unique()):
        return manifest
    return manifest.with_columns(**{"group": given.map(lambda g: names.get(g, g)), GIVEN + "group": given})


def _merged_names(merges: list[tuple[str, str]]) -> dict[str, str]:
    """Of each group that takes part: what it is called after these merges."""
    together: DisjointSet = DisjointSet({name for pair in merges for name in pair})
    for pair in merges:
        together.merge(*pair)
    called = {together[new]: new for _, new in merges}  # the latest comes last
    return {name: called[together[name]] for name in together}


def decide_labels(
    manifest: Manifest, standing: Mapping[int, Decision], given_split: pd.Series | None = None
) -> Manifest:
    """The manifest with the labels that people decided, without the photos that they left out. Its split stays as it is.

    A photo that gets its first whole label goes where the source puts it (`given_split`, of the same photos), else where its group is,
    else it is learned from. What cannot be applied (no such photo, a value
    that is not declared, a photo that is only to be predicted) has no effect: `notes.decision_notes` names it.
    """
    frame = manifest.frame
    asked = (frame["split"] == "predict").to_numpy()
    columns: dict[str, Any] = {}
    for attribute in manifest.space.attributes:
        wanted = {d.photo: d.new for d in standing.values() if d.field == attribute.name and d.new in attribute.values}
        given = frame[attribute.name]
        decided = frame["path"].map(wanted).astype("string").mask(asked)
        if (decided.notna() & (decided != given.fillna(""))).any():
            columns |= {attribute.name: decided.fillna(given), GIVEN + attribute.name: given}
    manifest = manifest.with_columns(**columns) if columns else manifest
    return _leave_out(_take_in(manifest, frame["split"] if given_split is None else given_split), standing)


def _take_in(manifest: Manifest, given_split: pd.Series) -> Manifest:
    """Photos that were left out for want of a label, and have one now."""
    frame = manifest.frame
    labelled = frame[[a.name for a in manifest.space.attributes]].notna().all(axis=1)
    new = ((frame["reason"] == NO_LABEL) & labelled & (frame["split"] != "predict")).to_numpy()
    if not new.any():
        return manifest
    sides, clusters = frame["split"].to_numpy(dtype=object).copy(), clusters_of(manifest)
    side_of = {
        cluster: side for cluster, side in zip(clusters, sides, strict=True) if side in ("train", "valid", "test")
    }
    known = zip(given_split.to_numpy()[new], clusters[new], strict=True)
    sides[new] = [given or side_of.get(cluster, "train") for given, cluster in known]
    return manifest.with_columns(split=sides, reason=frame["reason"].mask(new, ""))


def _leave_out(manifest: Manifest, standing: Mapping[int, Decision]) -> Manifest:
    why = {d.photo: _reason(d) for d in standing.values() if d.field == EXCLUDE and d.new is True}
    frame = manifest.frame
    reason = frame["path"].map(why).fillna("").astype(object)
    takes_part = (frame["reason"] == "") & (frame["split"] != "predict") & (reason != "")
    if not takes_part.any():
        return manifest
    return manifest.with_columns(reason=frame["reason"].mask(takes_part, reason))


def _reason(decision: Decision) -> str:
    why = decision.why if len(decision.why) <= LONGEST_REASON else decision.why[: LONGEST_REASON - 1].rstrip() + "…"
    return f"{LEFT_OUT}: {why}" if why else LEFT_OUT


def untouched(one: Manifest, other: Manifest) -> np.ndarray:
    """(N,) bool: both manifests, of the same photos, have the photo on the same side, with the same labels, and use it or not."""
    same = (one.classes() == other.classes()) & (one.usable() == other.usable())
    return same & (one.frame["split"] == other.frame["split"]).to_numpy()
