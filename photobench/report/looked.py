"""Where the model looked: photos with maps over them, and what many maps say together in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from photobench.evaluation import Figure
from photobench.explain.record import Habit, Habits, Hiding, Look, PhotoLooks
from photobench.explain.where import area, enlarged
from photobench.explore.words import percent, photos
from photobench.report.numbers import probability
from photobench.report.pictures import Picture, picture
from photobench.words import count, listed
from photobench.words import percent as plain_percent

DARK = 0.55
"""How far a photo is darkened where nothing speaks for the answer."""
REGIONS, MIXED_REGION = {"box": "the box", "centre": "the middle quarter"}, "the box or the middle quarter"
NOT_MUCH = 0.75
"""A region that gets less of the weight than this part of its area is hardly looked at."""


@dataclass(frozen=True)
class ExplainInputs:
    """All that the page shows. `photos` are the worst mistakes of a run, or those that were named."""

    title: str
    run: str
    split: str
    confidence: float
    photos: Sequence[PhotoLooks]
    are_mistakes: bool
    habits: Habits | None


@dataclass(frozen=True)
class Tile:
    """A photo with a map over it, or without; `box`: where the region is, as CSS."""

    picture: Picture
    label: str
    value: str
    text: str
    role: str  # photo | said | wrong | truth
    box: str = ""


@dataclass(frozen=True)
class LookView:
    path: str
    tiles: list[Tile]
    words: list[str]


@dataclass(frozen=True)
class LooksView:
    heading: str
    lead: str
    shown: list[LookView]
    habits: list[str]
    by_value: list[tuple[str, list[tuple[str, str, str]]]]
    believable: str
    is_doubtful: bool


def view(inputs: ExplainInputs) -> LooksView:
    """The whole page."""
    habits = inputs.habits
    return LooksView(
        heading=_heading(inputs),
        lead=f"Bright is what speaks for the value named below it; the rest is dark. The maps are of {_runs(inputs.photos)}.",
        shown=[one_photo(one) for one in inputs.photos],
        habits=[_habit_words(habit, habits) for habit in habits.attributes] if habits else [],
        by_value=[_by_value(habit) for habit in habits.attributes if len(habit.by_value) > 1] if habits else [],
        believable=_believable(habits.hiding) if habits and habits.hiding else "",
        is_doubtful=bool(habits and habits.hiding and not habits.hiding.is_believable),
    )


def explained_words(inputs: ExplainInputs) -> list[str]:
    """What was looked at, how, and how much lies outside the region: the page in two or three sentences."""
    if not inputs.photos:
        return [f"{_heading(inputs)}."]
    number = len(inputs.photos)
    worst = "the worst mistake" if number == 1 else f"the {number} worst mistakes"
    what = (
        f"{worst} of {inputs.run} among its held-out photos"
        if inputs.are_mistakes
        else f"{photos(number)} asked of {inputs.run}"
    )
    ways = listed(sorted({one.way for one in inputs.photos}))
    habits = inputs.habits
    return [f"{what}; maps by {ways}.", *(_outside_words(habits) if habits else [])]


def one_photo(one: PhotoLooks) -> LookView:
    """The photo, then per attribute the map of what was said and, where that is wrong, of what is true: the wrong ones first."""
    looks = sorted(one.looks, key=lambda look: not look.is_wrong)
    tiles = [Tile(_picture(one.image_HWC), "", "", "what it sees", "photo", _css(one))]
    for look in looks:
        tiles += _tiles(one, look)
    told = [look for look in looks if look.is_wrong] or looks
    words = [_words(one, look) for look in told]
    learned = ["Every model behind this answer has learned from this photo: what it says of it proves little."]
    return LookView(one.path, tiles, words + learned * one.was_learned)


def _heading(inputs: ExplainInputs) -> str:
    if not inputs.photos:
        return f"{inputs.run} makes no mistake among its held-out photos"
    if not inputs.are_mistakes:
        return f"Where {inputs.run} looks in {photos(len(inputs.photos))}"
    return f"Where {inputs.run} looks when it is wrong"


def _runs(shown: Sequence[PhotoLooks]) -> str:
    names = sorted({one.run for one in shown})
    of = names[0] if len(names) == 1 else f"{len(names)} runs, for each photo of one"
    return (
        of
        if any(one.was_learned for one in shown)
        else f"{of}, which did not learn from {'it' if len(names) > 1 else 'these photos'}"
    )


# --- pictures ------------------------------------------------------------------------------------------------------------


def _tiles(one: PhotoLooks, look: Look) -> list[Tile]:
    name = "" if look.attribute == "label" else look.attribute
    role = "wrong" if look.is_wrong else "said"
    tiles = [_tile(one, look.said_hw, name, look.said, f"said, {probability(look.probabilities[look.said])}", role)]
    if look.truth_hw is not None:
        text = f"the label, {probability(look.probabilities[look.truth])}"
        tiles.append(_tile(one, look.truth_hw, name, look.truth, text, "truth"))
    return tiles


def _tile(one: PhotoLooks, map_hw: np.ndarray, name: str, value: str, text: str, role: str) -> Tile:
    return Tile(_picture(overlay(one.image_HWC, map_hw)), name, value, text, role)


def _picture(pixels: np.ndarray) -> Picture:
    found = picture(lambda _: pixels, "")
    assert found is not None  # pixels in memory can always be read
    return found


def overlay(image_HWC: np.ndarray, map_hw: np.ndarray) -> np.ndarray:
    """The photo lit by a map: as it is where the map is strongest, warm at its heart, dark and grey where nothing speaks."""
    side = image_HWC.shape[0]
    light_HW = enlarged(map_hw, side)
    light_HW = (light_HW - light_HW.min()) / max(float(np.ptp(light_HW)), 1e-12)
    light = light_HW[..., None]
    grey = cv2.cvtColor(np.ascontiguousarray(image_HWC), cv2.COLOR_RGB2GRAY)[..., None].astype(np.float32)
    dark = grey * (1 - DARK)
    lit = dark * (1 - np.sqrt(light)) + image_HWC * np.sqrt(light)
    warm = np.array([255, 140, 30], dtype=np.float32)
    glow = 0.3 * np.square(light)
    return np.clip(lit * (1 - glow) + warm * glow, 0, 255).astype(np.uint8)


def _css(one: PhotoLooks) -> str:
    if one.region_name != "box":
        return ""
    left, top, right, bottom = (100 * edge for edge in one.region)
    return f"left:{left:.1f}%;top:{top:.1f}%;width:{right - left:.1f}%;height:{bottom - top:.1f}%"


# --- words ---------------------------------------------------------------------------------------------------------------


def _words(one: PhotoLooks, look: Look) -> str:
    about = f"For “{look.said}”"
    if math.isnan(look.inside):
        return f"{about}, no part of the photo speaks: it is what was left over."
    where = "the box" if one.region_name == "box" else "the middle quarter"
    fills = f"which fills {percent(area(one.region))} of the picture"
    if look.inside >= NOT_MUCH * area(one.region):
        return f"{about}, {percent(look.inside)} of the weight lies in {where}, {fills}."
    away = f"{about}, {percent(1 - look.inside)} of the weight lies outside {where}, {fills}"
    if one.region_name == "box":
        return f"{away}: what is around may be what it goes by."
    return f"{away}. If the thing is in the middle, what is around may be what it goes by."


def _habit_words(habit: Habit, habits: Habits) -> str:
    where = REGIONS.get(habits.region_name, MIXED_REGION)
    inside = "inside" if habits.region_name == "box" else "in"
    parts = [
        f"{_share(figure)} of the weight lies {inside} {where} where it is {word} ({photos(number)})"
        for figure, number, word in ((habit.right, habit.num_right, "right"), (habit.wrong, habit.num_wrong, "wrong"))
        if number
    ]
    even = f"an even spread would give {percent(habits.area)}"
    return f"{habit.attribute}: {', '.join(parts)}; {even}. {_verdict(habit)}"


def _outside_words(habits: Habits) -> list[str]:
    """A line per attribute, for the terminal."""
    where = REGIONS.get(habits.region_name, MIXED_REGION)
    even = f"an even spread would leave {plain_percent(1 - habits.area)} there"
    known = [habit for habit in habits.attributes if habit.num_right + habit.num_wrong]
    return [f"{habit.attribute}: of what speaks for the answer {_outside(habit, where)}; {even}." for habit in known]


def _outside(habit: Habit, where: str) -> str:
    """`"24 % lies outside the box where it is right (94 photos), and 34 % where it is wrong (24 photos)"`."""
    sides = ((habit.right, habit.num_right, "right"), (habit.wrong, habit.num_wrong, "wrong"))
    parts = [
        (plain_percent(1 - figure.value), f"where it is {word} ({photos(num)})") for figure, num, word in sides if num
    ]
    (share, on), *others = parts
    return ", and ".join([f"{share} lies outside {where} {on}", *(f"{share} {on}" for share, on in others)])


def _verdict(habit: Habit) -> str:
    low, high, value = habit.difference.low, habit.difference.high, habit.difference.value
    if math.isnan(low):
        return "There are too few of one kind to compare them."
    if low > 0:
        return f"Mistakes look elsewhere: {_count(value)} less inside ({100 * low:.0f} to {100 * high:.0f})."
    if high < 0:
        return f"Mistakes look more at it than hits do, by {_count(-value)} ({-100 * high:.0f} to {-100 * low:.0f})."
    return f"Mistakes look where hits do, as far as can be told (a difference of {_count(value)}, {100 * low:.0f} to {100 * high:.0f})."


def _by_value(habit: Habit) -> tuple[str, list[tuple[str, str, str]]]:
    return habit.attribute, [(value, f"{number:,}", percent(share)) for value, number, share in habit.by_value]


def _believable(hiding: Hiding) -> str:
    part = percent(hiding.share)
    text = (
        f"Whether the maps may be believed was tried on {count(hiding.num_photos, 'photo')}: covering the {part} of the photo that they mark "
        f"takes {_points(hiding.marked)} from the probability of the answer, as large a part elsewhere {_points(hiding.elsewhere)}."
    )
    if hiding.is_believable:
        return f"{text} So they mark what the answers hang on."
    return f"{text} That is no more beyond doubt: for this model, do not rely on them."


def _share(figure: Figure) -> str:
    return percent(figure.value) + (
        "" if math.isnan(figure.low) else f" ({100 * figure.low:.0f} to {100 * figure.high:.0f})"
    )


def _points(figure: Figure) -> str:
    span = "" if math.isnan(figure.low) else f" ({100 * figure.low:.0f} to {100 * figure.high:.0f})"
    return f"{_count(figure.value)}{span}"


def _count(share: float) -> str:
    return f"{100 * share:.0f} point{'' if round(100 * share) == 1 else 's'}"
