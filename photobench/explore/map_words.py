"""Sentences about maps of photos: what lies together, what overlaps, and what that means for training."""

from __future__ import annotations

import numpy as np
import pandas as pd

from photobench.explore.comparisons import NEAREST
from photobench.explore.photo_words import TOLD
from photobench.explore.projection import METHODS
from photobench.explore.settings import Settings
from photobench.explore.statistics import MEASURES
from photobench.explore.words import listed, percent, quoted
from photobench.records import Said

OVERLAP, APART = 0.25, 0.6
"""Below the one, values are called mixed; above the other, apart. Of `apart` in the table of agreement."""


def about_overlap(table: pd.DataFrame, origin: Said, settings: Settings, has_room: bool) -> tuple[str, tuple[str, ...]]:
    """`table`: agreement, a row per attribute and value. `has_room`: photos are larger than what the model sees of them."""
    text = f"Each photo is held against the {NEAREST} photos of other subjects that look most like it to {origin}. "
    unusual, clear = [], []
    for name, rows in table.groupby("attribute", sort=False):
        mean = float(np.average(rows["apart"], weights=rows["photos"]))
        if mean >= OVERLAP:
            clear.append(f"{name} ({'apart' if mean >= APART else 'partly apart'})")
        else:
            unusual.append(_overlaps(str(name), rows) + _remedy(settings, has_room))
        unusual += [_mixed(str(name), row) for _, row in rows.iterrows() if mean >= OVERLAP and row["apart"] < OVERLAP]
    if clear:
        text += f"Photos with the same label look alike for {listed(clear, 6)}: even a simple head on a frozen backbone learns it. "
    return text + " ".join(unusual), tuple(unusual)


def _overlaps(name: str, rows: pd.DataFrame) -> str:
    same, chance = (float(np.average(rows[column], weights=rows["photos"])) for column in ("same", "chance"))
    text = (
        f"{name} overlaps here: {percent(same)} of the most alike photos have the same {name}, where chance gives {percent(chance)}. "
        "Expect confusion until the backbone itself has learnt"
    )
    worst = rows[rows["mixed_with"] != ""]
    if len(rows) > 2 and len(worst):
        pair = worst.loc[worst["apart"].idxmin()]
        text += f", most of all of {quoted(pair['value'], 30)} with {quoted(pair['mixed_with'], 30)}"
    return text


def _remedy(settings: Settings, has_room: bool) -> str:
    """What of it is not set yet, as the end of a sentence."""
    todo = ['model.mode = "finetune"'] if settings.is_frozen else []
    todo += [f"a model.size_px above {settings.size_px}"] if has_room else []
    return f": {', '.join(todo)}." if todo else "."


def _mixed(name: str, row: pd.Series) -> str:
    other = f" They lie among {quoted(row['mixed_with'], 30)}." if row["mixed_with"] else ""
    return (
        f"{name} = {quoted(row['value'], 30)} is mixed with the rest: {percent(row['same'])} of the photos most alike to its own have it too, "
        f"where chance gives {percent(row['chance'])}.{other} Expect confusion there."
    )


def about_pca(explained: list[float], links: pd.DataFrame) -> tuple[str, tuple[str, ...]]:
    """`links`: a row per component and measure with its rank `correlation`."""
    together = np.cumsum(explained)
    text = f"The first two main components hold {percent(together[min(1, len(together) - 1)])} of what differs between photos, the first "
    text += f"{len(explained)} hold {percent(together[-1])}: "
    flat = together[min(1, len(together) - 1)] < 0.3
    text += (
        "no flat picture can show it all, so trust the neighbours in the map more than its outline. "
        if flat
        else "a flat picture keeps much of it. "
    )
    strong = links[links["correlation"].abs() >= 0.5]
    if strong.empty:
        return (
            text + "No main component goes with light, contrast, sharpness or colour: photos differ by what they show.",
            (),
        )
    first = strong.loc[strong["correlation"].abs().idxmax()]
    finding = (
        f"Main component {first['component']} ({percent(explained[int(first['component']) - 1])} of the variance) goes with {TOLD[first['measure']]} "
        f"(rank correlation {abs(first['correlation']):.2f}): so much of what differs between photos is how they were taken."
    )
    return text + finding, (finding,) if int(first["component"]) <= 2 and abs(first["correlation"]) >= 0.65 else ()


def component_links(components_NC: np.ndarray, statistics: pd.DataFrame) -> pd.DataFrame:
    """The rank correlation (Spearman) of the first main components with each measure, rows aligned."""
    known = statistics[list(MEASURES)].notna().all(axis=1).to_numpy()
    rows = []
    for c in range(min(5, components_NC.shape[1])):
        component = pd.Series(components_NC[known, c])
        for measure in MEASURES if known.sum() >= 20 else ():
            values = statistics.loc[known, measure].reset_index(drop=True)
            rows.append((c + 1, measure, float(np.nan_to_num(component.corr(values, method="spearman")))))
    return pd.DataFrame(rows, columns=["component", "measure", "correlation"])


def about_map(method: str, num_photos: int, num_all: int, table: pd.DataFrame) -> str:
    """What a map shows, and what not."""
    drawn = (
        f"All {num_photos:,} photos" if num_photos >= num_all else f"{num_photos:,} of {num_all:,} photos, drawn by lot"
    )
    text = f"{drawn}: those that look alike lie together. Only neighbourhood counts in {METHODS[method]}: "
    text += "how large an island is and how far from another says nothing. "
    if table.empty:
        return text
    order = table.groupby("attribute", sort=False)[["apart", "photos"]].apply(
        lambda rows: float(np.average(rows["apart"], weights=rows["photos"]))
    )
    if len(order) > 1:
        text += f"Islands follow {order.idxmax()} the most and {order.idxmin()} the least. "
    elif len(table) > 1:
        values = table.sort_values("apart")["value"].tolist()
        text += f"{quoted(values[-1], 30)} is the most by itself, {quoted(values[0], 30)} the most mixed with others. "
    return text + "A dot of one colour inside an island of another is worth a look: its label may be wrong."
