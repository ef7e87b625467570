"""Sentences about a table of counts: what it shows in this data, and what to do about it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from photobench.explore.settings import Settings
from photobench.words import count, listed

FEW_PHOTOS = 30
UNEVEN_SHARE = 0.05
"""Splits whose shares of a label differ by more than this many hundredths are called uneven."""


def photos(number: int) -> str:
    """`"1 photo"`, `"1,200 photos"`."""
    return count(number, "photo")


def percent(share: float, digits: int = 0) -> str:
    """`"84 %"`, with a space that does not break. `"< 1 %"` instead of a zero that is not one."""
    if 0 < share < 0.5 * 10 ** -(digits + 2):
        return f"< {10**-digits:.{digits}f}\u00a0%"
    return f"{100 * share:.{digits}f}\u00a0%"


def quoted(name: object, limit: int = 48) -> str:
    return f"“{shortened(str(name), limit)}”"


def shortened(text: str, limit: int) -> str:
    """At most `limit` characters, the middle left out: both ends of a composed class name matter."""
    if len(text) <= limit:
        return text
    head = (limit - 1) * 2 // 3
    return f"{text[:head].rstrip()}…{text[len(text) - (limit - 1 - head) :].lstrip()}"


def about_classes(counts: pd.DataFrame, num_shown: int, settings: Settings) -> str:
    """`counts`: `name`, `photos`."""
    empty = counts.loc[counts["photos"] == 0, "name"].tolist()
    filled = counts[counts["photos"] > 0]
    largest, smallest = filled.loc[filled["photos"].idxmax()], filled.loc[filled["photos"].idxmin()]
    ratio = largest["photos"] / smallest["photos"]
    text = f"{photos(int(counts['photos'].sum()))} with a label, in {count(len(filled), 'class', 'classes')}. "
    if len(filled) > 1 and ratio == 1:
        text += f"Each has {photos(int(smallest['photos']))}. "
    elif len(filled) > 1:
        text += f"{quoted(largest['name'])} has the most ({largest['photos']:,}), "
        text += f"{quoted(smallest['name'])} the fewest ({smallest['photos']:,}). "
    if len(filled) > 1:
        text += _advice_on_ratio(ratio, int(smallest["photos"]), settings)
    if empty:
        has = "has" if len(empty) == 1 else "have"
        text += f" {listed([quoted(e) for e in empty], 3)} {has} no photo: no model can learn what it never sees."
    if num_shown < len(counts):
        text += f" Drawn are the largest and the smallest {num_shown} of {len(counts)} classes."
    return text


def _advice_on_ratio(ratio: float, fewest: int, settings: Settings) -> str:
    if ratio < 3:
        return "That is even enough for accuracy to be a fair summary."
    times = f"{ratio:.1f}" if ratio < 10 else f"{ratio:,.0f}"
    text = (
        f"That is {times} times as many: judge by macro F1, in which every class counts the same, not by "
        "accuracy alone. "
    )
    if fewest < FEW_PHOTOS:
        return (
            text + f"A class with fewer than {FEW_PHOTOS} photos (orange) is learnt badly and measured worse: "
            "more photos of it help most."
        )
    if settings.favours_rare:
        return text + "Training favours rare classes already."
    return text + "A loss or a sampler that favours rare classes is worth a trial."


def about_attributes(shares: pd.DataFrame) -> str:
    """`shares`: `attribute`, `value`, `split`, `photos`, `share`."""
    splits = shares["split"].unique().tolist()
    top = shares.groupby(["attribute", "value"], sort=False)["photos"].sum()
    parts = []
    for name in shares["attribute"].unique():
        of_one = top.loc[name]
        parts.append(f"{name} is {quoted(of_one.idxmax(), 30)} in {percent(of_one.max() / of_one.sum())}")
    text = f"Most often, {listed(parts, 6)} of the photos. "
    if len(splits) < 2:
        return text + "The photos are not split yet; the split will keep these shares alike."
    wide = shares.pivot_table(index=["attribute", "value"], columns="split", values="share", sort=False)
    spread = wide.max(axis=1) - wide.min(axis=1)
    if spread.max() < 0.0005:
        return text + "Every split has the same shares."
    (attribute, value), worst = spread.idxmax(), wide.loc[spread.idxmax()]
    gap = f"{attribute} = {quoted(value, 30)}: {percent(worst.max(), 1)} in {worst.idxmax()}, "
    gap += f"{percent(worst.min(), 1)} in {worst.idxmin()}"
    if spread.max() < UNEVEN_SHARE:
        return text + f"The splits agree; the widest gap is {gap}. A score on one should hold for the other."
    return (
        text + f"The splits differ: {gap}. Scores on them are not quite comparable; more subjects or another "
        "seed evens it out."
    )


def about_combinations(counts: pd.DataFrame, names: list[str]) -> str:
    """`counts`: photos per combination, the last attribute in the columns."""
    table = counts.to_numpy(dtype=float)
    total = table.sum()
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True) / total
    lift = np.where(expected >= 5, table / np.maximum(expected, 1e-9), 1.0)
    with np.errstate(divide="ignore"):
        row, column = np.unravel_index(np.abs(np.log(np.maximum(lift, 1e-3))).argmax(), lift.shape)
    who = quoted(f"{counts.index[row]} · {counts.columns[column]}")
    numbers = f"{who} has {photos(int(table[row, column]))}, where {expected[row, column]:,.0f} would be expected if "
    numbers += f"{names[-1]} did not depend on {listed(names[:-1])}"
    text = f"{numbers}. "
    if 0.67 <= lift[row, column] <= 1.5:
        text = f"No label gives another away: the widest gap is small ({numbers}). "
    else:
        text += (
            "A model can use such a link as a shortcut; look at the scores of the rare combinations, not "
            "only at the average. "
        )
    num_empty = int((table == 0).sum())
    if num_empty:
        have = "combination has" if num_empty == 1 else "combinations have"
        text += f"{num_empty} of {table.size} {have} no photo at all."
    return text.strip()


def about_sizes(sizes: pd.DataFrame, settings: Settings) -> str:
    """`sizes`: `width`, `height`, `photos`."""
    size_px = settings.size_px
    if len(sizes) == 1:
        width, height, number = (int(v) for v in sizes.iloc[0][["width", "height", "photos"]])
        return (
            f"All {photos(number)} are {width} × {height} pixels. "
            f"{_advice_on_short_side(1.0 * (min(width, height) < size_px), size_px)}"
        )
    weight = sizes["photos"].to_numpy()
    short, ratio = (
        sizes[["width", "height"]].min(axis=1).to_numpy(),
        (sizes["width"] / sizes["height"]).to_numpy(),
    )
    common = sizes.loc[sizes["photos"].idxmax()]
    text = f"{count(len(sizes), 'different size')}; the most common is {common['width']} × {common['height']} "
    text += f"({percent(common['photos'] / weight.sum())} of the photos). "
    shapes = {"upright": ratio < 0.97, "square": np.abs(ratio - 1) <= 0.03, "wide": ratio > 1.03}
    parts = [f"{percent(weight[m].sum() / weight.sum())} {name}" for name, m in shapes.items() if m.any()]
    text += f"Shapes: {listed(parts)}. "
    if len(parts) > 1:
        text += "Padding to a square keeps faces and objects in proportion, stretching would not. "
    return text + _advice_on_short_side(float(weight[short < size_px].sum() / weight.sum()), size_px)


def _advice_on_short_side(share_small: float, size_px: int) -> str:
    if share_small == 0:
        return f"Every short side has {size_px} pixels or more, enough for model.size_px."
    who = "All photos" if share_small == 1 else percent(share_small)
    return f"{who} have a short side below {size_px} pixels, which is model.size_px: to look at a photo larger than it is only enlarges blur."


def about_groups(sizes: pd.DataFrame, has_groups: bool, settings: Settings) -> str:
    """`sizes`: `photos_per_group`, `groups`."""
    per, groups = sizes["photos_per_group"].to_numpy(), sizes["groups"].to_numpy()
    total = int((per * groups).sum())
    if not has_groups:
        text = (
            f"Nothing says which of the {photos(total)} show the same person or object, so each counts as "
            "a subject of its own. "
        )
        return (
            text + "If some do, say so with a group column: otherwise the same face is learnt and tested, and "
            "scores come out too good."
        )
    text = f"{photos(total)} of {count(int(groups.sum()), 'subject')}"
    if len(sizes) == 1:
        text += f", {per[0]} each. "
    else:
        spread = "or" if per.max() - per.min() == 1 else "to"
        text += f": {per.min()} {spread} {per.max()} each, most often {per[groups.argmax()]}. "
    text += (
        "All photos of a subject stay in one split, so the number of subjects, not of photos, says how "
        "sure a score can be."
    )
    if per.max() > 10 * _median(per, groups):
        keeps = "keeps it from ruling the training" + " already" * settings.evens_groups
        text += (
            f' One subject has {percent(per.max() / total)} of all photos; train.sampler = "group_balanced" {keeps}.'
        )
    return text


def _median(values: np.ndarray, weights: np.ndarray) -> int:
    order = np.argsort(values)
    cumulated = np.cumsum(weights[order])
    return int(values[order][np.searchsorted(cumulated, cumulated[-1] / 2)])
