"""Sentences about how photos look, by label and by split: what it shows in this data, and what to do about it."""

from __future__ import annotations

import pandas as pd

from photobench.explore.settings import Settings
from photobench.explore.statistics import MEASURES
from photobench.explore.words import listed, percent, photos, quoted
from photobench.words import count

MORE = {"brightness": "brighter", "contrast": "richer in contrast", "sharpness": "sharper", "colour": "more colourful"}
LESS = {"brightness": "darker", "contrast": "flatter", "sharpness": "less sharp", "colour": "greyer"}
TOLD = {"brightness": "light", "contrast": "contrast", "sharpness": "sharpness", "colour": "colour"}
REMEDY = {
    "brightness": ("medium", "varies the light"),
    "contrast": ("medium", "varies it"),
    "sharpness": ("medium", "blurs and compresses at random"),
    "colour": ("strong", "varies it"),
}
"""Of each measure: a preset of the augmentation, and what that does."""
DARK, BRIGHT, FLAT, GREY = 0.1, 0.9, 0.05, 3.0
LABEL_GAP, SPLIT_GAP = 0.15, 0.15
"""From here on a difference is spoken of: of `above` from 0.5 between labels, and of `ks` between splits."""
EDGE_LEVELS = 6.0
"""Mean images that differ by fewer grey values are called alike."""
AT_EDGE = 1.15
"""Times the distance in the middle, from which on the edge is said to tell a class."""
LEAST_AVERAGED = 20
"""Photos, of fewer of which a mean says nothing."""


def about_light(frame: pd.DataFrame, differences: pd.DataFrame, settings: Settings) -> tuple[str, tuple[str, ...]]:
    """`frame`: the measures of each photo; `differences`: those of labels. The words, and what of it is unusual."""
    parts = [f"{measure} {frame[measure].mean():{'.2f' if measure in MEASURES[:2] else '.0f'}}" for measure in MEASURES]
    text = f"On average: {listed(parts, 6)}. A box holds the middle half of the photos, its whiskers nine tenths. "
    odd = odd_photos(frame)
    unusual = [f"{odd[:1].upper()}{odd[1:]}: look at them before a model learns from them."] if odd else []
    if differences.empty:
        return text + (f"{odd[:1].upper()}{odd[1:]}." if odd else ""), tuple(unusual)
    strong = differences[(differences["above"] - 0.5).abs() >= LABEL_GAP]
    if strong.empty:
        return (
            text + "No label goes with any of them, so a model cannot tell labels by the light or the camera.",
            tuple(unusual),
        )
    first = strong.loc[(strong["above"] - 0.5).abs().idxmax()]
    unusual.insert(0, f"{_pairs(first)} {_shortcut(first, settings)}")
    others = strong[strong["attribute"].ne(first["attribute"]) | strong["value"].ne(first["value"])]
    more = f" So it is with {count(len(others), 'other pair')} of label and measure (orange)." if len(others) else ""
    return f"{text}{_pairs(first)} {_shortcut(first, settings)}{more}", tuple(unusual)


def _pairs(row: pd.Series) -> str:
    word = (MORE if row["above"] > 0.5 else LESS)[row["measure"]]
    often = max(row["above"], 1 - row["above"])
    return (
        f"Photos with {row['attribute']} = {quoted(row['value'], 30)} are {word}: in {percent(often)} of pairs with a photo without it, "
        "where chance gives 50\u00a0%."
    )


def _shortcut(row: pd.Series, settings: Settings) -> str:
    remedy = settings.vary(*REMEDY[row["measure"]])
    return f"Unless {TOLD[row['measure']]} is what the label means, a model may tell it by that instead of by what is shown; {remedy}."


def odd_photos(frame: pd.DataFrame) -> str:
    """`"3 photos are nearly black and 12 have hardly any contrast"`; empty where there is none."""
    found = {
        "nearly black": frame["light"] < DARK,
        "nearly white": frame["brightness"] > BRIGHT,
        "almost without contrast": frame["contrast"] < FLAT,
        "without colour": frame["colour"] < GREY,
    }
    parts = []
    for what, is_so in found.items():
        number = int(is_so.sum())
        if 0 < number < 0.5 * len(frame):
            parts.append(f"{photos(number)} {'is' if number == 1 else 'are'} {what}")
    return listed(parts) if parts else ""


def about_shift(table: pd.DataFrame, told: dict[str, float]) -> tuple[str, tuple[str, ...]]:
    """`table`: split differences; `told`: how well a classifier tells each split from train."""
    unusual = []
    strong = table[(table["ks"] >= SPLIT_GAP) & (table["p"] < 0.001)]
    for split, rows in strong.groupby("split", sort=False):
        words = [(MORE if row["above"] > 0.5 else LESS)[str(row["measure"])] for _, row in rows.iterrows()]
        worst = rows.loc[rows["ks"].idxmax()]
        unusual.append(
            f"{split_name(str(split))} are {listed(words)} than training photos (the widest distance of Kolmogorov and Smirnov is "
            f"{worst['ks']:.2f}, of {worst['measure']}): {_remedy(str(split))}"
        )
    for split, auc in told.items():
        if auc >= 0.75:
            unusual.append(
                f"{split_name(split)} look different from training photos: a linear classifier tells them apart in {percent(auc)} of pairs "
                f"(chance: 50\u00a0%). They come from elsewhere: {_remedy(split)}"
            )
    text = " ".join(unusual) or _alike(table)
    if told and max(told.values()) < 0.75:
        split, auc = max(told.items(), key=lambda item: item[1])
        text += f" A linear classifier on what a backbone sees tells {split} from train in {percent(auc)} of pairs (chance: 50\u00a0%)."
    return text, tuple(unusual)


def _alike(table: pd.DataFrame) -> str:
    worst = table.loc[table["ks"].idxmax()]
    return (
        f"The splits look alike: the widest distance of Kolmogorov and Smirnov is {worst['ks']:.2f} ({worst['measure']}, "
        f"{worst['split']} against train; 0 is the same, 1 is nothing in common). A score on one should hold for the other."
    )


def split_name(split: str) -> str:
    """As a sentence begins with it."""
    return {
        "valid": "The validation photos",
        "test": "The test photos",
        "predict": "The photos to predict (the evaluation set)",
    }[split]


def _remedy(split: str) -> str:
    if split == "predict":
        return (
            "a score on validation may not hold there. Augment what differs, and trust small gains on validation less."
        )
    return "its scores speak of other photos than those that are learnt from. Another split evens it out, unless the split was given."


def about_means(table: pd.DataFrame) -> tuple[str, tuple[str, ...]]:
    """`table`: a row per class with the distances of its mean image from that of the others."""
    text = "The mean of many photos: sharp where the photos of a class agree, grey where they do not. "
    beyond = table[(table["edge"] > 3 * table["noise"]) | (table["middle"] > 3 * table["noise"])]
    beyond = beyond[beyond["averaged"] >= LEAST_AVERAGED]
    if len(table) < 2 or beyond.empty or beyond[["middle", "edge"]].to_numpy().max() < EDGE_LEVELS:
        return text + "The classes are alike on average, so no class is given away by its place or its background.", ()
    at_edge = beyond[(beyond["edge"] >= AT_EDGE * beyond["middle"]) & (beyond["edge"] >= EDGE_LEVELS)]
    if len(at_edge):
        worst = at_edge.loc[(at_edge["edge"] / at_edge["middle"]).idxmax()]
        finding = (
            f"{quoted(worst['name'])} differs from the other classes at the edge of the photo ({worst['edge']:.0f} grey values) more than in "
            f"the middle ({worst['middle']:.0f}): a model may tell it by the background or the framing. Cut to what matters (photobench crop), "
            "or add photos with other backgrounds."
        )
        return text + finding, (finding,)
    worst = beyond.loc[beyond["middle"].idxmax()]
    return (
        text
        + f"{quoted(worst['name'])} stands out most, in the middle by {worst['middle']:.0f} grey values, at the edge by "
        f"{worst['edge']:.0f}; none differs at the edge clearly more than in the middle, which is as it should be.",
        (),
    )
