"""Two or more who answer beside each other, and the photos that one of them answers rightly and another wrongly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from photobench.compare import Common, People, Slice, changed
from photobench.evaluation import Figure
from photobench.explore.words import listed, percent
from photobench.paired import Gain
from photobench.report.inputs import Thumbnail
from photobench.report.numbers import MISSING, Estimate, estimate, probability
from photobench.report.pictures import Picture, picture
from photobench.words import count

SHOWN = 48
"""Photos of each kind."""
MOST_PARTS, MOST_GROUPS = 20, 8
"""Open to the eye; of groups, those that changed most."""


@dataclass(frozen=True)
class CompareInputs:
    """All that the page shows: the first of `names`, and each of the others against it, in this order."""

    title: str
    common: Common
    names: Sequence[str]
    scores: Sequence[Figure]
    gains: Sequence[Gain]
    verdicts: Sequence[str]
    slices: Sequence[Sequence[Slice]]
    people: Sequence[People | None]
    thumbnail: Thumbnail
    confidence: float


@dataclass(frozen=True)
class Changed:
    """A photo that one answers rightly and the other wrongly: what each says of it, how sure it is, and whether that is right."""

    picture: Picture | None
    path: str
    group: str
    truth: str
    said: list[tuple[str, str, str, bool]]  # who, what, how sure, whether it is right


@dataclass(frozen=True)
class Changes:
    title: str
    words: str
    shown: list[Changed]
    num_hidden: int


@dataclass(frozen=True)
class Bar:
    """A difference as places on a scale from −`reach` to +`reach`, in per cent of its width; `low` is None where it is not known."""

    value: float
    low: float | None
    high: float | None
    role: str  # noise | better | worse

    @property
    def style(self) -> str:
        places = {"value": self.value, "low": self.low, "high": self.high}
        return ";".join(f"--{k}:{v:.1f}" for k, v in places.items() if v is not None)


def bar(gain: Gain, reach: float) -> Bar:
    def place(value: float) -> float:
        return 50 + 50 * min(max(value / reach, -1.0), 1.0)

    role = "noise" if gain.is_noise else "better" if gain.value > 0 else "worse"
    low, high = (place(end) if gain.is_known else None for end in (gain.low, gain.high))
    return Bar(place(gain.value), low, high, role)


def reach(gains: Sequence[Gain]) -> float:
    """The end of a scale that holds all of them."""
    ends = [abs(end) for gain in gains for end in (gain.value, gain.low, gain.high) if np.isfinite(end)]
    return max([*ends, 0.01])


def changes(inputs: CompareInputs, number: int) -> list[Changes]:
    """What the first answers wrongly and another, the `number`-th of all, rightly; and the other way round."""
    first, other = inputs.names[0], inputs.names[number]
    rows = changed(inputs.common, 0, number)
    found = []
    for title, chosen in (
        (f"{other} is right, {first} was wrong", rows.better),
        (f"{other} is wrong, {first} was right", rows.worse),
    ):
        shown = [_changed(inputs, (0, number), int(row)) for row in chosen[:SHOWN]]
        found.append(Changes(title, _words(inputs, chosen), shown, max(0, len(chosen) - SHOWN)))
    return found


def _words(inputs: CompareInputs, chosen: np.ndarray) -> str:
    manifest = inputs.common.manifest
    if not len(chosen):
        return "No photo."
    text = count(len(chosen), "photo")
    if manifest.has_groups:
        text += f" of {count(manifest.frame['group'].iloc[chosen].nunique(), 'group')}"
    return f"{text}, those first in which the probability of the label changed most."


def _changed(inputs: CompareInputs, numbers: tuple[int, int], row: int) -> Changed:
    common, names = inputs.common, inputs.common.manifest.space.class_names
    frame, truth = common.manifest.frame, int(common.manifest.classes()[row])
    path = str(frame["path"].iloc[row])
    said = []
    for number in numbers:
        probs_K = common.said[number].joint_NK[row]
        best = int(probs_K.argmax())
        said.append((inputs.names[number], names[best], probability(float(probs_K[best])), best == truth))
    group = str(frame["group"].iloc[row]) if common.manifest.has_groups else ""
    return Changed(picture(inputs.thumbnail, path), path, group, names[truth], said)


def sentence(inputs: CompareInputs) -> str:
    """The headline: what is beyond doubt, or that nothing is."""
    first, *others = (name.replace("-", "\u2011") for name in inputs.names)  # a name is not broken
    told = list(zip(others, inputs.gains, strict=True))
    better = [name for name, gain in told if not gain.is_noise and gain.value > 0]
    worse = [name for name, gain in told if not gain.is_noise and gain.value < 0]
    parts = [
        f"{listed(some)} {'is' if len(some) == 1 else 'are'} {word} than {first}"
        for word, some in (("better", better), ("worse", worse))
        if some
    ]
    if parts:
        return f"{'; '.join(parts)}."
    photos = count(len(inputs.common.manifest), "photo")
    return f"{first} and {listed(others)} cannot be told apart on these {photos}: what differs is noise."


@dataclass(frozen=True)
class Against:
    """One of several: its score, and its difference to the first."""

    name: str
    score: Estimate
    gain: str
    interval: str
    better: str
    bar: Bar | None


@dataclass(frozen=True)
class Part:
    one: Slice
    first: str
    other: str
    change: str
    interval: str
    bar: Bar


def summary(inputs: CompareInputs) -> dict[str, Any]:
    """What the page's first block shows."""
    scale = reach(inputs.gains)
    rows = [Against(inputs.names[0], _estimate(inputs.scores[0]), "", "", "", None)]
    for name, score, gain in zip(inputs.names[1:], inputs.scores[1:], inputs.gains, strict=True):
        better = probability(gain.probability) if gain.is_known else MISSING
        rows.append(Against(name, _estimate(score), f"{gain.value:+.3f}", _span(gain), better, bar(gain, scale)))
    return {
        "sentence": sentence(inputs),
        "verdicts": [*map(str, inputs.common.notes), *inputs.verdicts],
        "rows": rows,
        "several": len(inputs.gains) > 1,
        "interval": f"{100 * inputs.confidence:g}\u00a0% interval",
    }


def where(inputs: CompareInputs, number: int) -> dict[str, Any]:
    """Every part of the photos, and the groups that changed most."""
    parts, people = inputs.slices[number - 1], inputs.people[number - 1]
    scale = reach([one.gain for one in parts])
    rows = [
        Part(
            one,
            percent(one.first),
            percent(one.other),
            f"{100 * one.gain.value:+.1f}",
            _span(one.gain, 100),
            bar(one.gain, scale),
        )
        for one in sorted(parts, key=lambda one: (one.gain.is_noise, one.gain.value))
    ]
    told, groups = "", []
    if people is not None:
        told = f"Of {count(people.worse + people.better + people.same, 'group')}, {people.worse:,} got worse, {people.better:,} better."
        worst = people.rows[people.rows["other"] < people.rows["first"]].head(MOST_GROUPS)
        best = people.rows[people.rows["other"] > people.rows["first"]][::-1].head(MOST_GROUPS)
        groups = [table for table in (_groups("got worse", worst), _groups("got better", best)) if table[1]]
    return {"parts": rows[:MOST_PARTS], "rest": rows[MOST_PARTS:], "names": (inputs.names[0], inputs.names[number]),
            "people": told, "groups": groups}  # fmt: skip


def _groups(title: str, rows: pd.DataFrame) -> tuple[str, list[tuple[str, str, str]]]:
    return title, [(str(r.group), f"{r.first} of {r.photos}", f"{r.other} of {r.photos}") for r in rows.itertuples()]


def _estimate(figure: Figure) -> Estimate:
    return estimate("macro_f1", figure.to_json())


def _span(gain: Gain, times: float = 1) -> str:
    if not gain.is_known:
        return MISSING
    digits = 3 if times == 1 else 0
    return f"{times * gain.low:+.{digits}f} to {times * gain.high:+.{digits}f}"
