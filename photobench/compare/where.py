"""Where one is better than another: label by label, in the parts of the photos that have something in common, and person by person.

Shape legend: N photos, G groups, S parts, B resamplings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import bdtr

from photobench import bootstrap, paired
from photobench.bootstrap import JACKKNIFE_GROUPS, MIN_GROUPS
from photobench.compare.common import Common
from photobench.evaluate import EvaluateOptions
from photobench.paired import Gain
from photobench.records import Said

FEWEST = 5
"""Photos of a part that is looked at."""
MOST_JOINT = 60
"""Joint classes that are looked at one by one, those with the most photos."""
TOGETHER = "all together"


class Part(NamedTuple):
    """Photos that have something in common: what is counted as right in them, their name, which they are, and, where the program
    and not the user named them, the name in any language."""

    kind: str
    name: str
    inside_N: np.ndarray
    said: Said = Said()


@dataclass(frozen=True)
class Slice:
    """Photos that have something in common: which part of them the first answers rightly, which part the other, and how much more that is.

    `kind` is what is counted as right: an attribute's name, or "all together". `said`: the name in any language, where the program gave it.
    """

    kind: str
    name: str
    num_photos: int
    num_groups: int
    first: float
    other: float
    gain: Gain
    said: Said = field(default_factory=Said)


@dataclass(frozen=True)
class People:
    """Groups in which the other answers more photos wrongly than the first, fewer, and as many; and each group's counts.

    `rows`: group, photos, first and other (photos that are right), the worst for the other first. `chance`: how often so uneven a
    division would come of chance alone (the sign test).
    """

    worse: int
    better: int
    same: int
    rows: pd.DataFrame
    chance: float


def slices(
    common: Common, first: int, other: int, options: EvaluateOptions, looks: Sequence[tuple[Said, np.ndarray]] = ()
) -> list[Slice]:
    """Every value of every attribute and every joint class with enough photos, told by itself; and whole photos by how their box is known
    and by what they look like.

    All intervals hold at once, so that the largest of many differences, which chance makes, does not stand out.

    Args:
        looks: a name, and which of the common photos (N,) it is of.
    """
    parts = [*_parts(common), *(Part(TOGETHER, said.text, inside_N, said) for said, inside_N in looks)]
    if not parts:
        return []
    groups_N, num_groups = _groups(common)
    right = [_right(common, number) for number in (first, other)]
    inside_SN = np.stack([part.inside_N for part in parts])
    kinds = [part.kind for part in parts]
    first_SN, other_SN = (np.stack([one[kind] for kind in kinds]) & inside_SN for one in right)
    gains = _gains(first_SN, other_SN, inside_SN, groups_N, num_groups, options)
    return [
        Slice(
            part.kind,
            part.name,
            int(part.inside_N.sum()),
            len(np.unique(groups_N[part.inside_N])),
            float(first_SN[s].sum() / part.inside_N.sum()),
            float(other_SN[s].sum() / part.inside_N.sum()),
            gains[s],
            part.said,
        )
        for s, part in enumerate(parts)
    ]


def _parts(common: Common) -> Iterator[Part]:
    """By labels and boxes."""
    manifest, space = common.manifest, common.manifest.space
    codes_NA, classes_N = manifest.codes(), manifest.classes()
    for number, attribute in enumerate(space.attributes):
        for code, value in enumerate(attribute.values):
            inside_N = codes_NA[:, number] == code
            if inside_N.sum() >= FEWEST:
                yield Part(attribute.name, value, inside_N)
    if len(space.attributes) > 1:
        counts_K = np.bincount(classes_N, minlength=space.num_classes)
        for k in np.argsort(-counts_K, kind="stable")[:MOST_JOINT]:
            if counts_K[k] >= FEWEST:
                yield Part(TOGETHER, space.class_names[k], classes_N == k)
    hows = sorted(manifest.frame["box_how"].unique()) if "box_how" in manifest.frame else []
    for how in hows if len(hows) > 1 else []:
        inside_N = (manifest.frame["box_how"] == how).to_numpy()
        if inside_N.sum() >= FEWEST:
            yield Part(TOGETHER, f"box: {how}", inside_N)


def _right(common: Common, number: int) -> dict[str, np.ndarray]:
    """(N,) bool: which photos it answers rightly, in each attribute and all together."""
    space = common.manifest.space
    right_NA = space.decompose(common.said[number].classes()) == common.manifest.codes()
    by_name = {attribute.name: right_NA[:, a] for a, attribute in enumerate(space.attributes)}
    return {**by_name, TOGETHER: right_NA.all(axis=1)}


def _groups(common: Common) -> tuple[np.ndarray, int]:
    frame = common.manifest.frame
    groups_N, names = pd.factorize(frame["group"] if common.manifest.has_groups else frame["path"])
    return groups_N, len(names)


def _gains(
    first_SN: np.ndarray,
    other_SN: np.ndarray,
    inside_SN: np.ndarray,
    groups_N: np.ndarray,
    num_groups: int,
    options: EvaluateOptions,
) -> list[Gain]:
    """How much larger the other's part of right answers is."""
    num_differ_S = np.array([len(np.unique(groups_N[row])) for row in first_SN != other_SN])
    more_SG = _sums(other_SN.astype(float) - first_SN, groups_N, num_groups)
    count_SG = _sums(inside_SN.astype(float), groups_N, num_groups)
    value_S = more_SG.sum(axis=1) / count_SG.sum(axis=1)
    if num_groups < MIN_GROUPS or not options.bootstraps:
        return paired.unknown(value_S, options.confidence).gains()
    weights = bootstrap.multiplicities(num_groups, options.bootstraps, options.seed)
    with np.errstate(invalid="ignore"):  # a resampling may lack a part
        drawn_BS = np.concatenate([((more_SG @ w) / (count_SG @ w)).T for w in weights])
        left_out_GS = None
        if num_groups <= JACKKNIFE_GROUPS:
            left_out_GS = (
                (more_SG.sum(axis=1, keepdims=True) - more_SG) / (count_SG.sum(axis=1, keepdims=True) - count_SG)
            ).T
    return paired.spread(value_S, drawn_BS, left_out_GS, num_differ_S, options.confidence).gains()


def _sums(values_SN: np.ndarray, groups_N: np.ndarray, num_groups: int) -> np.ndarray:
    return np.stack([np.bincount(groups_N, row, num_groups) for row in values_SN])


def people(common: Common, first: int, other: int) -> People | None:
    """Which groups got worse and which better, by photos that are right in everything; None where groups are not known."""
    if not common.manifest.has_groups:
        return None
    right = [_right(common, number)[TOGETHER] for number in (first, other)]
    table = pd.DataFrame({"group": common.manifest.frame["group"], "photos": 1, "first": right[0], "other": right[1]})
    rows = table.groupby("group", sort=False).sum().reset_index()
    change_G = rows["other"].astype(int) - rows["first"].astype(int)
    rows = rows.iloc[np.lexsort((rows["group"].astype(str), change_G))].reset_index(drop=True)
    worse, better = int((change_G < 0).sum()), int((change_G > 0).sum())
    chance = min(1.0, 2 * float(bdtr(min(worse, better), worse + better, 0.5))) if worse + better else 1.0
    return People(worse, better, int((change_G == 0).sum()), rows, chance)
