"""The tables behind the figures: counts of a Manifest. pandas only.

Photos that cannot be read are not counted; labels count only where they are known.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from photobench.records import SPLITS, ClassSpace, Manifest

MAX_JOINT = 3
"""A heatmap shows at most this many attributes: two in its rows, one in its columns."""

MAX_BARS = 40
UNSPLIT = "all photos"


def class_counts(manifest: Manifest) -> pd.DataFrame:
    """A row per joint class in the order of the ids: `name`, `photos`. Classes without a photo are there, with 0."""
    ids_N = manifest.classes()[manifest.usable()]
    counts_K = np.bincount(ids_N[ids_N >= 0], minlength=manifest.space.num_classes)
    return pd.DataFrame({"name": manifest.space.class_names, "photos": counts_K})


def extremes(counts: pd.DataFrame, limit: int = MAX_BARS) -> pd.DataFrame:
    """All rows when there are few; else the largest third of `limit` and the smallest two thirds, largest first."""
    if len(counts) <= limit:
        return counts
    ordered = counts.sort_values("photos", ascending=False, kind="stable")
    num_large = limit // 3
    return pd.concat([ordered.head(num_large), ordered.tail(limit - num_large)])


def attribute_shares(manifest: Manifest) -> pd.DataFrame:
    """A row per attribute, split and value: `attribute`, `value`, `split`, `photos`, and `share` of the
    split's labelled photos.
    """
    split_N = split_names(manifest)
    usable = manifest.usable()
    rows = []
    for attribute in manifest.space.attributes:
        label_N = manifest.frame[attribute.name]
        for split in (*SPLITS, UNSPLIT):
            labels = label_N[(split_N == split) & usable & label_N.notna().to_numpy()]
            photos = labels.value_counts().reindex(list(attribute.values), fill_value=0)
            total = int(photos.sum())
            if total:
                rows += [(attribute.name, value, split, int(n), n / total) for value, n in photos.items()]
    return pd.DataFrame(rows, columns=["attribute", "value", "split", "photos", "share"])


def joint_counts(manifest: Manifest) -> pd.DataFrame | None:
    """Photos per combination of the first two or three attributes; the last of them gives the columns. None for one."""
    attributes = manifest.space.attributes[:MAX_JOINT]
    if len(attributes) < 2:
        return None
    codes_NA = manifest.codes()[manifest.usable()][:, : len(attributes)]
    codes_NA = codes_NA[(codes_NA >= 0).all(axis=1)]
    sizes = tuple(len(a.values) for a in attributes)
    flat = np.ravel_multi_index(tuple(codes_NA.T), sizes)
    table = np.bincount(flat, minlength=int(np.prod(sizes))).reshape(-1, sizes[-1])
    names = ClassSpace(attributes[:-1]).class_names
    last = list(attributes[-1].values)
    return pd.DataFrame(table, index=pd.Index(names), columns=pd.Index(last))


def photo_sizes(manifest: Manifest) -> pd.DataFrame:
    """A row per size in pixels: `width`, `height`, `photos`. Empty before the photos were packed."""
    frame = manifest.frame.loc[manifest.usable()]
    if not {"width", "height"} <= set(frame.columns):
        return pd.DataFrame({"width": [], "height": [], "photos": []}, dtype=np.int64)
    known = frame.loc[frame["width"].fillna(0).gt(0) & frame["height"].fillna(0).gt(0), ["width", "height"]]
    return known.astype(np.int64).value_counts().rename("photos").reset_index()


def group_sizes(manifest: Manifest) -> pd.DataFrame:
    """A row per number of photos that a group has: `photos_per_group`, `groups`. Who is in a photo to predict is not known."""
    known = manifest.usable() & (manifest.frame["split"] != "predict").to_numpy()
    photos = manifest.frame.loc[known, "group"].value_counts()
    counts = photos.value_counts().sort_index()
    return pd.DataFrame({"photos_per_group": counts.index.astype(np.int64), "groups": counts.to_numpy()})


def split_names(manifest: Manifest) -> np.ndarray:
    """(N,) the split of each photo, or that there is none yet."""
    names = manifest.frame["split"].fillna("").to_numpy(dtype=object)
    return np.where(names == "", UNSPLIT, names)
