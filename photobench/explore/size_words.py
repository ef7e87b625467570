"""Sentences about sizes and shapes of photos, by label and by split."""

from __future__ import annotations

import pandas as pd

from photobench.explore.photo_words import LABEL_GAP, SPLIT_GAP, split_name
from photobench.explore.words import listed, percent, quoted

MORE = {"short side": "larger", "width by height": "wider for their height"}
LESS = {"short side": "smaller", "width by height": "narrower for their height"}
SEEN = {
    "short side": "a small photo is enlarged and thereby blurred",
    "width by height": 'a shape shows as a stretch (pack.fit = "squash") or as borders ("pad"); "crop" hides it',
}


def about_sizes_by_label(labels: pd.DataFrame, splits: pd.DataFrame) -> tuple[str, tuple[str, ...]]:
    """The words, and what of them is unusual.

    Args:
        labels: differences between labels in `comparisons.SIZES`.
        splits: those between splits.
    """
    found = []
    strong = labels[(labels["above"] - 0.5).abs() >= LABEL_GAP]
    for measure in SEEN:
        of_it = strong[strong["measure"] == measure]
        if len(of_it):
            found.append(_of_label(of_it.loc[(of_it["above"] - 0.5).abs().idxmax()]))
    apart = splits[(splits["ks"] >= SPLIT_GAP) & (splits["p"] < 0.001)]
    found += [_of_split(str(split), rows) for split, rows in apart.groupby("split", sort=False)]
    if found:
        return " ".join([*found, "A box holds the middle half of the photos, its whiskers nine tenths."]), tuple(found)
    return "No label and no split can be told by the size or the shape of the photos.", ()


def _of_label(row: pd.Series) -> str:
    word = (MORE if row["above"] > 0.5 else LESS)[row["measure"]]
    return (
        f"Photos with {row['attribute']} = {quoted(row['value'], 30)} are {word}: in {percent(max(row['above'], 1 - row['above']))} of pairs "
        f"with a photo without it, where chance gives 50\u00a0%. A model may tell the label by that, for {SEEN[row['measure']]}."
    )


def _of_split(split: str, rows: pd.DataFrame) -> str:
    words = [(MORE if row["above"] > 0.5 else LESS)[str(row["measure"])] for _, row in rows.iterrows()]
    return (
        f"{split_name(split)} are {listed(words)} than training photos (the widest distance of Kolmogorov and Smirnov is {rows['ks'].max():.2f}): "
        "they may come from elsewhere."
    )
