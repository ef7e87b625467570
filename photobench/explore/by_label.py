"""The rows of a figure that holds the values of labels against each other."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from photobench.explore.photo_words import LABEL_GAP
from photobench.records import Manifest

MAX_ROWS = 20
"""Rows of such a figure; where there are more values, the most frequent are shown."""


def rows_by_label(
    manifest: Manifest, frame: pd.DataFrame, differences: pd.DataFrame, measures: Sequence[str]
) -> tuple[pd.DataFrame, set[tuple[str, str]]]:
    """A row per photo and attribute: `row`, which names the value, and the measures; and which pairs of both go with each other.

    Args:
        differences: those of labels, as `comparisons.label_differences` tells them.
    """
    several = len(manifest.space.attributes) > 1
    parts = []
    for attribute in manifest.space.attributes:
        lead = f"{attribute.name}: " if several else ""
        counts = frame[attribute.name].value_counts()
        kept = set(counts.index[: max(2, MAX_ROWS // len(manifest.space.attributes))])
        for value in attribute.values if kept else ():
            if value in kept:
                parts.append(frame.loc[frame[attribute.name] == value, list(measures)].assign(row=f"{lead}{value}"))
    strong = differences[(differences["above"] - 0.5).abs() >= LABEL_GAP]
    named = {
        (f"{a}: {v}" if several else v, m)
        for a, v, m in strong[["attribute", "value", "measure"]].itertuples(index=False)
    }
    return pd.concat(parts) if parts else frame.assign(row="all photos"), named
