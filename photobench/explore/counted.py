"""Figures of what the manifest says: classes, attributes, combinations, sizes, groups."""

from __future__ import annotations

import pandas as pd

from photobench.explore import comparisons, size_words, tables, unusual, words
from photobench.explore.by_label import rows_by_label
from photobench.explore.figure import Figure
from photobench.explore.settings import Settings
from photobench.records import Manifest

MAX_ATTRIBUTE_VALUES = 14
"""An attribute with more values is told by the class figure; bars per split would be unreadable."""


def counted(manifest: Manifest, settings: Settings) -> list[Figure]:
    """Those that this manifest has data for, in reading order."""
    makers = (_classes, _attributes, _combinations, _sizes, _sizes_by_label, _groups)
    return [figure for make in makers if (figure := make(manifest, settings)) is not None]


def _classes(manifest: Manifest, settings: Settings) -> Figure | None:
    counts = tables.class_counts(manifest)
    if not counts["photos"].sum():
        return None
    from photobench.explore import drawing

    shown = tables.extremes(counts)
    text = words.about_classes(counts, len(shown), settings)
    return Figure(
        "classes", "Photos per class", text, counts, drawing.class_bars(shown), unusual.in_classes(counts, settings)
    )


def _attributes(manifest: Manifest, settings: Settings) -> Figure | None:
    shares = tables.attribute_shares(manifest)
    sizes = shares.groupby("attribute", sort=False)["value"].nunique()
    shown = shares[shares["attribute"].isin(sizes[sizes <= MAX_ATTRIBUTE_VALUES].index)]
    if shares.empty or shown.empty or (shares["split"].nunique() < 2 and len(manifest.space.attributes) == 1):
        return None
    from photobench.explore import drawing

    drawn = drawing.share_bars(shown)
    return Figure(
        "attributes",
        "Labels in each split",
        words.about_attributes(shares),
        shares,
        drawn,
        unusual.in_attributes(shares, settings),
    )


def _combinations(manifest: Manifest, settings: Settings) -> Figure | None:
    counts = tables.joint_counts(manifest)
    if counts is None or not counts.to_numpy().sum():
        return None
    from photobench.explore import drawing

    names = [a.name for a in manifest.space.attributes[: tables.MAX_JOINT]]
    drawn = drawing.count_heatmap(counts) if max(counts.shape) <= 40 else None
    text = words.about_combinations(counts, names)
    return Figure("combinations", "How labels go together", text, counts, drawn, unusual.in_combinations(counts, names))


def _sizes(manifest: Manifest, settings: Settings) -> Figure | None:
    sizes = tables.photo_sizes(manifest)
    if sizes.empty:
        return None
    text, odd = words.about_sizes(sizes, settings), unusual.in_sizes(sizes, settings)
    if len(sizes) == 1:
        return Figure("sizes", "Photo sizes", text, sizes, None, odd)
    from photobench.explore import drawing

    return Figure("sizes", "Photo sizes", text, sizes, drawing.size_scatter(sizes), odd)


def _sizes_by_label(manifest: Manifest, settings: Settings) -> Figure | None:
    frame = comparisons.sized(manifest)
    if len(frame[list(comparisons.SIZES)].drop_duplicates()) < 2:
        return None
    labels = comparisons.label_differences(frame, [a.name for a in manifest.space.attributes], comparisons.SIZES)
    splits = comparisons.split_differences(frame, comparisons.SIZES)
    if labels.empty and splits.empty:
        return None
    text, odd = size_words.about_sizes_by_label(labels, splits)
    drawn = None
    if odd:
        from photobench.explore import drawing

        rows, strong = rows_by_label(manifest, frame, labels, comparisons.SIZES)
        drawn = drawing.class_boxes("size_by_label", rows, comparisons.SIZES, strong)
    return Figure("size_by_label", "Size and shape by label", text, pd.concat([labels, splits]), drawn, odd)


def _groups(manifest: Manifest, settings: Settings) -> Figure | None:
    sizes = tables.group_sizes(manifest)
    if sizes.empty:
        return None
    has_groups = manifest.has_groups
    text, odd = words.about_groups(sizes, has_groups, settings), unusual.in_groups(sizes, has_groups, settings)
    if not has_groups or len(sizes) == 1:
        return Figure("groups", "Photos per subject", text, sizes, None, odd)
    from photobench.explore import drawing

    return Figure("groups", "Photos per subject", text, sizes, drawing.group_histogram(sizes), odd)
