"""What a pile of labelled photos looks like before any training: figures of a Manifest, each with words
about this data.

    from photobench.explore import figures
    for figure in figures(manifest):
        print(figure.title, figure.words, sep="\\n")

Reading a table or its words costs nothing; seaborn is imported when the first figure is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape

import pandas as pd

from photobench.explore import tables, words
from photobench.records import Manifest

__all__ = ["Figure", "figures"]

MAX_ATTRIBUTE_VALUES = 14
"""An attribute with more values is told by the class figure; bars per split would be unreadable."""


@dataclass(frozen=True)
class Figure:
    """One finding about the data: what it is called, what it says, how it looks, and the numbers behind it.

    `svg` is a complete SVG document with a transparent background; it is empty where the words say
    everything (all photos
    have the same size, say). Its greys follow the CSS variables `--figure-ink`, `--figure-strong`,
    `--figure-rule` and `--figure-paper` of the
    page that it is put into, and are legible on light and dark without them.
    """

    key: str
    title: str
    words: str
    data: pd.DataFrame = field(repr=False)
    svg: str = field(default="", repr=False)

    def _repr_html_(self) -> str:
        return f"<h4>{escape(self.title)}</h4><p>{escape(self.words)}</p>{self.svg}"


def figures(manifest: Manifest) -> list[Figure]:
    """The figures that this manifest has data for, in reading order: classes, attributes, combinations,
    sizes, groups.
    """
    makers = (_classes, _attributes, _combinations, _sizes, _groups)
    return [figure for make in makers if (figure := make(manifest)) is not None]


def _classes(manifest: Manifest) -> Figure | None:
    counts = tables.class_counts(manifest)
    if not counts["photos"].sum():
        return None
    from photobench.explore import drawing

    shown = tables.extremes(counts)
    svg = drawing.class_bars(shown)
    return Figure("classes", "Photos per class", words.about_classes(counts, len(shown)), counts, svg)


def _attributes(manifest: Manifest) -> Figure | None:
    shares = tables.attribute_shares(manifest)
    sizes = shares.groupby("attribute", sort=False)["value"].nunique()
    shown = shares[shares["attribute"].isin(sizes[sizes <= MAX_ATTRIBUTE_VALUES].index)]
    if shares.empty or shown.empty or (shares["split"].nunique() < 2 and len(manifest.space.attributes) == 1):
        return None
    from photobench.explore import drawing

    return Figure(
        "attributes",
        "Labels in each split",
        words.about_attributes(shares),
        shares,
        drawing.share_bars(shown),
    )


def _combinations(manifest: Manifest) -> Figure | None:
    counts = tables.joint_counts(manifest)
    if counts is None or not counts.to_numpy().sum():
        return None
    from photobench.explore import drawing

    names = [a.name for a in manifest.space.attributes[: tables.MAX_JOINT]]
    svg = drawing.count_heatmap(counts) if max(counts.shape) <= 40 else ""
    return Figure("combinations", "How labels go together", words.about_combinations(counts, names), counts, svg)


def _sizes(manifest: Manifest) -> Figure | None:
    sizes = tables.photo_sizes(manifest)
    if sizes.empty:
        return None
    text = words.about_sizes(sizes)
    if len(sizes) == 1:
        return Figure("sizes", "Photo sizes", text, sizes)
    from photobench.explore import drawing

    return Figure("sizes", "Photo sizes", text, sizes, drawing.size_scatter(sizes))


def _groups(manifest: Manifest) -> Figure | None:
    sizes = tables.group_sizes(manifest)
    if sizes.empty:
        return None
    text = words.about_groups(sizes, manifest.has_groups)
    if not manifest.has_groups or len(sizes) == 1:
        return Figure("groups", "Photos per subject", text, sizes)
    from photobench.explore import drawing

    return Figure("groups", "Photos per subject", text, sizes, drawing.group_histogram(sizes))
