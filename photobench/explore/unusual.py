"""What is unusual in tables of counts: sentences for the top of a page, none where there is nothing to say."""

from __future__ import annotations

import numpy as np
import pandas as pd

from photobench.explore.settings import Settings
from photobench.explore.words import FEW_PHOTOS, UNEVEN_SHARE, listed, percent, photos, quoted
from photobench.records import Manifest
from photobench.words import count

RARE_SHARE, RATIO = 0.15, 10
LINKED = 3.0
"""Combinations this many times as frequent, or as rare, as labels alone would make them are called linked."""
FEW_IN_ALL = 1_000


def in_classes(counts: pd.DataFrame, settings: Settings) -> tuple[str, ...]:
    """`counts`: `name`, `photos`."""
    total, filled = counts["photos"].sum(), counts[counts["photos"] > 0]
    found = []
    if len(filled) > 1 and filled["photos"].max() >= RATIO * filled["photos"].min():
        rare, largest = filled.loc[filled["photos"].idxmin()], filled.loc[filled["photos"].idxmax()]
        found.append(
            f"{quoted(rare['name'])} is {percent(rare['photos'] / total, 1)} of the photos ({rare['photos']:,}), {quoted(largest['name'])} "
            f"{percent(largest['photos'] / total)}: {settings.balance()}."
        )
    few = filled.loc[filled["photos"] < FEW_PHOTOS, "name"].tolist()
    if few:
        found.append(
            f"{listed([quoted(name) for name in few], 3)}: fewer than {FEW_PHOTOS} photos each. More photos of them help most."
        )
    empty = counts.loc[counts["photos"] == 0, "name"].tolist()
    if empty:
        found.append(f"{listed([quoted(name) for name in empty], 3)}: no photo at all, so a model cannot learn it.")
    if 0 < total < FEW_IN_ALL:
        found.append(
            f"{photos(int(total))} with a label are few: "
            + (
                "more of them help most."
                if settings.for_few
                else "--recipe small-data, or --recipe probe for a first score in a minute."
            )
        )
    return tuple(found)


def in_attributes(shares: pd.DataFrame, settings: Settings) -> tuple[str, ...]:
    """`shares`: `attribute`, `value`, `split`, `photos`, `share`."""
    found = []
    counts = shares.groupby(["attribute", "value"], sort=False)["photos"].sum()
    for name in shares["attribute"].unique():
        share = counts.loc[name] / counts.loc[name].sum()
        rare = share[(share > 0) & (share < RARE_SHARE) & (share < 0.5 / len(share))]
        if len(rare) and len(counts.index.unique(level=0)) > 1:
            found.append(
                f"{name} = {quoted(rare.idxmin(), 30)} is {percent(rare.min(), 1)} of the photos: {settings.balance()}."
            )
    wide = shares.pivot_table(index=["attribute", "value"], columns="split", values="share", sort=False)
    spread = wide.max(axis=1) - wide.min(axis=1)
    if wide.shape[1] > 1 and spread.max() >= UNEVEN_SHARE:
        (name, value), worst = spread.idxmax(), wide.loc[spread.idxmax()]
        found.append(
            f"{name} = {quoted(value, 30)} is {percent(worst.max(), 1)} of {worst.idxmax()} and {percent(worst.min(), 1)} of {worst.idxmin()}: "
            "scores on them are not quite comparable."
        )
    return tuple(found)


def in_combinations(counts: pd.DataFrame, names: list[str]) -> tuple[str, ...]:
    """`counts`: photos per combination, the last attribute in the columns."""
    table = counts.to_numpy(dtype=float)
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True) / table.sum()
    lift = np.where(expected >= 10, np.maximum(table, 0.5) / np.maximum(expected, 1e-9), 1.0)
    row, column = np.unravel_index(np.abs(np.log(lift)).argmax(), lift.shape)
    if 1 / LINKED < lift[row, column] < LINKED:
        return ()
    who = quoted(f"{counts.index[row]} · {counts.columns[column]}")
    return (
        f"{who} has {photos(int(table[row, column]))} where {expected[row, column]:,.0f} would be expected if {listed(names, 4)} were independent: "
        "a model can use the link as a shortcut.",
    )


def in_sizes(sizes: pd.DataFrame, settings: Settings) -> tuple[str, ...]:
    """`sizes`: `width`, `height`, `photos`."""
    weight, short = sizes["photos"].to_numpy(), sizes[["width", "height"]].min(axis=1).to_numpy()
    ratio = np.maximum(sizes["width"], sizes["height"]).to_numpy() / np.maximum(short, 1)
    found = []
    small = weight[short < settings.size_px].sum() / weight.sum()
    if small >= 0.05:
        who = "All photos" if small == 1 else f"{percent(small)} of the photos"
        found.append(
            f"{who} have a short side below {settings.size_px} pixels, which is model.size_px: more than a photo's own only enlarges blur."
        )
    if short.min() * 8 < np.sort(short)[-1]:
        found.append(
            f"Short sides reach from {short.min():,} to {short.max():,} pixels: if size goes with the label, a model may learn sharpness."
        )
    if weight[ratio > 2].sum() and settings.fit != "pad":
        does = {"crop": "cuts much off", "squash": "distorts them"}[settings.fit]
        found.append(
            f'{photos(int(weight[ratio > 2].sum()))} more than twice as long as wide: pack.fit = "{settings.fit}" {does}, "pad" keeps them whole.'
        )
    return tuple(found)


def in_groups(sizes: pd.DataFrame, has_groups: bool, settings: Settings) -> tuple[str, ...]:
    """`sizes`: `photos_per_group`, `groups`."""
    per, groups = sizes["photos_per_group"].to_numpy(), sizes["groups"].to_numpy()
    if not has_groups:
        return (
            "Nothing says which photos show the same person or object. If several do, scores come out too good: set source.group_column or source.group_pattern.",
        )
    order = np.argsort(per)
    middle = per[order][np.searchsorted(np.cumsum(groups[order]), groups.sum() / 2)]
    if per.max() <= 10 * middle or settings.evens_groups:
        return ()
    return (
        f'One subject has {photos(int(per.max()))}, the usual one {middle}: train.sampler = "group_balanced" keeps it from ruling the training.',
    )


def _how_copies_differ(manifest: Manifest, content: pd.Series) -> str:
    """Which of them harm: those with other labels, and those on another side of the split."""
    names = [attribute.name for attribute in manifest.space.attributes]
    rows = manifest.frame.loc[content.index]
    differ = sum(len(some[names].dropna().drop_duplicates()) > 1 for _, some in rows.groupby(content))
    cross = sum(len(set(sides)) > 1 for _, sides in rows["split"].groupby(content))
    parts = [f"{count(differ, 'picture')} with different labels"] if differ else []
    parts += [f"{count(cross, 'picture')} on several sides of the split, where a score is memory"] if cross else []
    return f", {' and '.join(parts)} (photobench audit --check duplicates --check leakage)" if parts else ""


def in_files(manifest: Manifest) -> tuple[str, ...]:
    """Photos that cannot be read, and copies of each other."""
    found = []
    broken = len(manifest.broken())
    if broken:
        found.append(f"{count(broken, 'photo')} cannot be used: photobench list problems")
    content = manifest.contents()
    copies = int(content.duplicated().sum())
    if copies:
        found.append(
            f"{photos(copies)} {'is' if copies == 1 else 'are'} a copy of another one, byte for byte{_how_copies_differ(manifest, content)}."
        )
    return tuple(found)
