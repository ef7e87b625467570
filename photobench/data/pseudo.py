"""Photos without a label that are learned with the label that a model gives them."""

from __future__ import annotations

import numpy as np

from photobench.data.split import clusters_of
from photobench.records import Manifest, Predictions

PSEUDO = "pseudo:confidence"
"""Column of a run's manifest: how sure the model was that labelled a photo; missing for photos with a label of their own."""

LEAKAGE = (
    "That is leakage anywhere but in a contest whose rules allow it: what is learned from the photos that a model is judged on makes their "
    "score look better than it will be on new photos"
)


def with_pseudo_labels(manifest: Manifest, said: Predictions, confidence: float) -> Manifest:
    """Photos of the evaluation set among the training photos, each with the class that was said of it, where that was at least so sure.

    Never one that shares a group, or its bytes, with a photo that selects or is a test: its label would be learned.
    """
    row_of = {path: row for row, path in enumerate(manifest.frame["path"])}
    rows = np.array([row_of.get(path, -1) for path in said.paths], dtype=np.int64)
    sure_N = np.where(said.ok(), np.nan_to_num(said.joint_NK).max(axis=1, initial=0), 0)
    good_N = (rows >= 0) & (sure_N >= confidence) & _may_be_learned(manifest)[rows]
    chosen, classes = rows[good_N], said.classes()[good_N]
    columns: dict[str, np.ndarray] = {"split": _put(manifest.frame["split"].to_numpy(dtype=object), chosen, "train")}
    for attribute, codes in zip(manifest.space.attributes, manifest.space.decompose(classes).T, strict=True):
        values = np.array(attribute.values, dtype=object)[codes]
        columns[attribute.name] = _put(manifest.frame[attribute.name].to_numpy(dtype=object), chosen, values)
    columns[PSEUDO] = _put(np.full(len(manifest), np.nan), chosen, sure_N[good_N])
    return manifest.with_columns(**columns)


def without_pseudo(manifest: Manifest) -> Manifest:
    """As it was before."""
    if PSEUDO not in manifest.frame:
        return manifest
    is_pseudo = manifest.frame[PSEUDO].notna()
    labels = {a.name: manifest.frame[a.name].mask(is_pseudo, None) for a in manifest.space.attributes}
    split = manifest.frame["split"].mask(is_pseudo, "predict")
    return manifest.with_columns(split=split, **labels).without_columns(PSEUDO)


def _may_be_learned(manifest: Manifest) -> np.ndarray:
    """(N,) a readable photo of the evaluation set whose cluster has no photo that judges."""
    clusters_N, split = clusters_of(manifest), manifest.frame["split"]
    judging = np.unique(clusters_N[split.isin(["valid", "test"]).to_numpy()])
    return (split == "predict").to_numpy() & manifest.usable() & ~np.isin(clusters_N, judging)


def _put(values_N: np.ndarray, rows: np.ndarray, new: object) -> np.ndarray:
    values_N = values_N.copy()
    values_N[rows] = new
    return values_N
