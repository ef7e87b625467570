"""Tables of how photos differ between labels and between splits, with statistics of two samples.

Shape legend: N photos, k neighbours, V values of one attribute.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from photobench.explore.projection import PhotoMap
from photobench.explore.statistics import MEASURES
from photobench.explore.tables import split_names
from photobench.records import Manifest

SIZES = ("short side", "width by height")
"""Measures of a file, beside those of what it shows: pixels, and a ratio."""
FEWEST = 20
"""Photos on each side of a comparison at least."""
FEWEST_ASKED = 10
"""Photos of a value whose neighbours are asked at least."""
NEAREST = 10
"""Neighbours of other subjects that are asked."""


def labelled_statistics(manifest: Manifest, statistics: pd.DataFrame) -> pd.DataFrame:
    """A row per usable photo that was measured: `path`, `class`, a column per attribute, `split`, and the measures."""
    names = np.array([*manifest.space.class_names, None], dtype=object)
    frame = manifest.frame[["path", *(a.name for a in manifest.space.attributes)]].assign(
        split=split_names(manifest), **{"class": names[manifest.classes()]}
    )
    return frame[manifest.usable()].merge(statistics.dropna(subset=list(MEASURES)), on="path", how="inner")


def sized(manifest: Manifest) -> pd.DataFrame:
    """A row per usable photo whose size is known: `path`, a column per attribute, `split`, and SIZES."""
    frame = manifest.frame[["path", *(a.name for a in manifest.space.attributes)]].assign(split=split_names(manifest))
    if not {"width", "height"} <= set(manifest.frame):
        return frame.iloc[:0].assign(**dict.fromkeys(SIZES, 0.0))
    width, height = (manifest.frame[side].fillna(0).astype(float) for side in ("width", "height"))
    known = manifest.usable() & (width > 0) & (height > 0)
    sizes = {"short side": np.minimum(width, height)[known], "width by height": (width / height)[known]}
    return frame[known].assign(**sizes)


def usual_cut_px(manifest: Manifest) -> float:
    """The median of the short sides, in pixels of the photo, of what is cut out of the usable photos; 0 where no size is known."""
    frame = manifest.frame
    if not {"width", "height"} <= set(frame):
        return 0.0
    corners_N4 = np.array([box.corners for box in manifest.boxes()]).reshape(-1, 4)
    sides_N2 = (corners_N4[:, 2:] - corners_N4[:, :2]) * frame[["width", "height"]].fillna(0).to_numpy(float)
    short_n = sides_N2.min(axis=1)[manifest.usable()]
    return float(np.median(short_n)) if len(short_n) else 0.0


def label_differences(
    frame: pd.DataFrame, attributes: Sequence[str], measures: Sequence[str] = MEASURES
) -> pd.DataFrame:
    """A row per attribute, value and measure: `photos`, `mean`, `mean_others`, and `above`: in how many pairs of a photo with the
    value and one without it the first has more (the area under the ROC curve; 0.5 is no difference).
    """
    rows = []
    for attribute in attributes:
        known = frame[frame[attribute].notna()]
        values = [value for value in known[attribute].unique() if 0 < (known[attribute] == value).sum() < len(known)]
        for value in values if len(values) > 2 else values[:1]:  # of two values, one says it all
            has = (known[attribute] == value).to_numpy()
            for measure in measures if min(has.sum(), (~has).sum()) >= FEWEST else ():
                one, other = known.loc[has, measure], known.loc[~has, measure]
                rows.append((attribute, value, measure, len(one), one.mean(), other.mean(), _above(one, other)))
    return pd.DataFrame(rows, columns=["attribute", "value", "measure", "photos", "mean", "mean_others", "above"])


def split_differences(frame: pd.DataFrame, measures: Sequence[str] = MEASURES) -> pd.DataFrame:
    """A row per split and measure, each split against train: `photos`, `mean`, `mean_train`, `above` as among labels, the distance
    of Kolmogorov and Smirnov `ks` in 0..1, and the probability `p` of so large a one by chance.
    """
    from scipy.stats import ks_2samp

    rows = []
    train = frame[frame["split"] == "train"]
    for split in ("valid", "test", "predict"):
        one = frame[frame["split"] == split]
        for measure in measures if min(len(one), len(train)) >= FEWEST else ():
            found = ks_2samp(one[measure], train[measure])
            above = _above(one[measure], train[measure])
            means = one[measure].mean(), train[measure].mean()
            rows.append((split, measure, len(one), *means, above, found.statistic, found.pvalue))
    return pd.DataFrame(rows, columns=["split", "measure", "photos", "mean", "mean_train", "above", "ks", "p"])


def told_apart(photo_map: PhotoMap, manifest: Manifest) -> dict[str, float]:
    """How well a linear classifier on the main components tells each split from train, photos that it has not seen: the area under
    the ROC curve (a classifier as test of two samples, Lopez-Paz and Oquab 2017). 0.5 is not at all.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rows = rows_on(photo_map, manifest)
    split_N, group_N = split_names(manifest)[rows], manifest.frame["group"].to_numpy(dtype=str)[rows]
    found = {}
    for split in ("valid", "test", "predict"):
        asked = np.flatnonzero(((split_N == split) | (split_N == "train")) & (rows >= 0))
        is_split = split_N[asked] == split
        if min(is_split.sum(), (~is_split).sum()) < 2 * FEWEST or len(np.unique(group_N[asked])) < 5:
            continue
        model = make_pipeline(StandardScaler(), LogisticRegression(class_weight="balanced", max_iter=300))
        scores = cross_val_predict(
            model,
            photo_map.components()[asked],
            is_split,
            groups=group_N[asked],
            cv=GroupKFold(5),
            method="decision_function",
        )
        found[split] = _above(pd.Series(scores[is_split]), pd.Series(scores[~is_split]))
    return found


def rows_on(photo_map: PhotoMap, manifest: Manifest) -> np.ndarray:
    """Of each photo of the map its row in the manifest; −1 where it is gone, or its content is another one now."""
    frame = manifest.frame
    row_of = {
        (path, content): row for row, (path, content) in enumerate(zip(frame["path"], frame["sha256"], strict=True))
    }
    keys = zip(photo_map.frame["path"], photo_map.frame["sha256"], strict=True)
    return np.array([row_of.get(key, -1) for key in keys], dtype=int)


def agreement(photo_map: PhotoMap, manifest: Manifest) -> pd.DataFrame:
    """Whether photos that look alike have the same label. A row per attribute and value:

    `photos` asked; `same`, the share of their nearest neighbours of other subjects that have the value too; `chance`, what it
    would be if look and label had nothing to do with each other; `apart` = (same − chance) / (1 − chance), 0 where the values are
    mixed and 1 where they are apart; `mixed_with`, the value found among the neighbours most often beyond its share, and how often.

    Where the backbone has learnt labels, only photos are asked whose label it has not learnt.
    """
    rows = rows_on(photo_map, manifest)
    near_Nk, asked_N = _others(photo_map, manifest, rows), ~photo_map.frame["learnt"].to_numpy(dtype=bool) & (rows >= 0)
    codes_NA = np.where(rows[:, None] >= 0, manifest.codes()[rows], -1)
    parts = [
        _agreement_of(attribute.name, attribute.values, codes_NA[:, number], near_Nk, asked_N)
        for number, attribute in enumerate(manifest.space.attributes)
    ]
    columns = ["attribute", "value", "photos", "same", "chance", "apart", "mixed_with", "mixed_share"]
    return pd.DataFrame([row for part in parts for row in part], columns=columns)


def _others(photo_map: PhotoMap, manifest: Manifest, rows: np.ndarray) -> np.ndarray:
    """(N, NEAREST) the nearest photos of other subjects and other content; −1 where the map knows too few."""
    near_Nk = photo_map.near()
    subject_N = np.where(rows >= 0, manifest.frame["group"].to_numpy(dtype=object)[rows], "")
    content_N = photo_map.frame["sha256"].to_numpy()
    other_Nk = (subject_N[near_Nk] != subject_N[:, None]) & (content_N[near_Nk] != content_N[:, None])
    other_Nk &= rows[near_Nk] >= 0
    order_Nk = np.argsort(~other_Nk, axis=1, kind="stable")[:, :NEAREST]
    return np.where(np.take_along_axis(other_Nk, order_Nk, 1), np.take_along_axis(near_Nk, order_Nk, 1), -1)


def _agreement_of(
    name: str, values: tuple[str, ...], code_N: np.ndarray, near_Nk: np.ndarray, asked_N: np.ndarray
) -> list[tuple]:
    known_Nk = (near_Nk >= 0) & (code_N[near_Nk] >= 0)
    total = max(int((code_N >= 0).sum()), 1)
    chance_V = np.array([(code_N == value).sum() / total for value in range(len(values))])
    rows = []
    for code, value in enumerate(values):
        of_value = asked_N & (code_N == code) & known_Nk.any(axis=1)
        if of_value.sum() < FEWEST_ASKED or chance_V[code] == 1:
            continue
        seen = code_N[near_Nk[of_value]][known_Nk[of_value]]
        share_V = np.bincount(seen, minlength=len(values)) / len(seen)
        beyond_V = np.where(np.arange(len(values)) == code, -1.0, share_V / np.maximum(chance_V, 1e-9))
        other = int(np.where(share_V >= 0.05, beyond_V, -1.0).argmax())
        mixed = (
            (values[other], share_V[other])
            if beyond_V[other] > 0 and share_V[other] >= 0.05 and other != code
            else ("", 0.0)
        )
        apart = (share_V[code] - chance_V[code]) / (1 - chance_V[code])
        rows.append((name, value, int(of_value.sum()), share_V[code], chance_V[code], apart, *mixed))
    return rows


def _above(one: pd.Series, other: pd.Series) -> float:
    """How often a value of one is above a value of the other, ties half."""
    ranks = pd.concat([one, other], ignore_index=True).rank().to_numpy()[: len(one)]
    return float((ranks.sum() - len(one) * (len(one) + 1) / 2) / (len(one) * len(other)))
