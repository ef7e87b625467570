"""A comparison as a person reads it: a table, a sentence for each, and where the difference lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from photobench.compare import Common, People, Slice
from photobench.evaluation import Figure
from photobench.paired import Gain
from photobench.words import columns, count, duration, examples
from photobench.workflow.runs.listing import SHOWN

WORTH = 0.03
"""A difference that a person would want to see: how likely it is to be found is said."""
MOST_SLICES, MOST_PEOPLE = 12, 3
FEW_SLICES = 4
"""Parts that are shown where none changed beyond doubt."""


@dataclass(frozen=True)
class Compared:
    """Who answers, its macro-F1 on the photos of all, how much better than the first it is (None for that one), and its seconds."""

    name: str
    score: Figure
    gain: Gain | None
    seconds: float

    differs: list[str]
    """The options in which it differs from the first."""

    slices: list[Slice] = field(default_factory=list)
    """Where the difference lies, beside the first."""
    people: People | None = None


@dataclass(frozen=True)
class Comparison:
    """The first, and each of the others against it, on the same photos."""

    rows: list[Compared]
    common: Common
    confidence: float

    @property
    def first(self) -> Compared:
        return self.rows[0]

    @property
    def others(self) -> list[Compared]:
        return self.rows[1:]


def comparison_text(comparison: Comparison) -> str:
    """The table, what was left out, a sentence for each but the first, and, of two, where the difference lies."""
    parts = [_table(comparison), *map(str, comparison.common.notes), *_together(comparison)]
    parts += [verdict(row, comparison) for row in comparison.others]
    if len(comparison.others) == 1:
        parts += where(comparison.others[0], comparison)
    return "\n\n".join(part for part in parts if part)


def _table(comparison: Comparison) -> str:
    rows = []
    for row in comparison.rows:
        gain = row.gain
        against = (
            (f"{gain.value:+.3f}", gain.figure.interval(" – ", "+") or "–", chance(gain)) if gain else ("", "", "")
        )
        rows.append(
            (
                row.name,
                f"{row.score.value:.3f}",
                row.score.interval(" – ") or "–",
                *against,
                duration(row.seconds),
                examples(row.differs, SHOWN),
            )
        )
    head = ("run", "macro-F1", "interval", "against the first", "interval", "better", "time", "what differs")
    return columns(rows, head)


def chance(gain: Gain) -> str:
    """The probability that it is better, which is never said to be 0 or 100 %."""
    if not gain.is_known:
        return "–"
    percent = f"{100 * gain.probability:.0f} %"
    return {"0 %": "< 1 %", "100 %": "> 99 %"}.get(percent, percent)


def _together(comparison: Comparison) -> list[str]:
    if len(comparison.others) < 2:
        return []
    return [
        f"The largest of {len(comparison.others)} differences is large by chance too, so their intervals are widened until all of them hold at "
        f"once in {100 * comparison.confidence:g} of 100 comparisons."
    ]


def verdict(row: Compared, comparison: Comparison) -> str:
    """Whether the difference is noise, how large it may be, what these photos could have shown, and the time of both."""
    assert row.gain is not None
    first, gain = comparison.first, row.gain
    times = f"Training took {duration(row.seconds)} against {duration(first.seconds)}."
    if not gain.is_known:
        return f"{row.name} and {first.name} are {gain.value:+.3f} macro-F1 apart; {_why_unknown(comparison)} {times}"
    return " ".join([_difference(row.name, first.name, gain), power_words(gain, comparison.common), times])


def _why_unknown(comparison: Comparison) -> str:
    if comparison.common.num_groups < 5:
        return f"how sure that is cannot be said from {count(comparison.common.num_groups, 'group')}."
    return "they answer differently in one group at the most, which is noise."


def _difference(name: str, first: str, gain: Gain) -> str:
    if gain.is_noise:
        return (
            f"The difference between {name} and {first} is noise: {gain.value:+.3f} macro-F1 ({gain.figure.interval(sign='+')}), and {name} is "
            f"the better one with a probability of {chance(gain)}."
        )
    word = "better" if gain.low > 0 else "worse"
    return f"{name} is {word} than {first} by {abs(gain.value):.3f} macro-F1 ({gain.figure.extent()})."


def power_words(gain: Gain, common: Common) -> str:
    """What these photos can tell: without it, noise reads like equality."""
    who = f"{count(len(common.manifest), 'photo')} of {count(common.num_groups, 'group')}"
    power = gain.power(WORTH)
    often = "almost always" if power > 0.995 else f"{count(round(100 * power), 'time')} in 100"
    return f"On these {who} a true difference of {WORTH:g} would be found {often}; to be found 80 times in 100 it must be {gain.detectable():.3f}."


def where(row: Compared, comparison: Comparison) -> list[str]:
    """Where it got worse or better: the largest differences among the parts, and the people."""
    return [_slices(row, comparison), _people(row)]


def _slices(row: Compared, comparison: Comparison) -> str:
    sure = [one for one in row.slices if not one.gain.is_noise]
    found = largest(sure) if sure else largest(row.slices, FEW_SLICES)
    if not found:
        return "Part by part they are right equally often."
    rows = [
        (one.kind, one.name, f"{one.num_photos:,}", f"{one.num_groups:,}", f"{100 * one.first:.0f} %", f"{100 * one.other:.0f} %",
         f"{100 * one.gain.value:+.1f}", _span_percent(one.gain))
        for one in found
    ]  # fmt: skip
    heads = ("told", "part", "photos", "groups", "right", "right", "change", "interval")
    first, other = comparison.first.name, row.name
    title = f"Where it changed: {first}, then {other}, in per cent of the photos that are right"
    return f"{title}\n{columns(rows, heads)}\n{_shown_parts(len(found), len(sure), row.slices)}"


def _shown_parts(shown: int, sure: int, parts: Sequence[Slice]) -> str:
    """Which parts the table has, and of how many their intervals hold."""
    at_once = f"the intervals of all {len(parts)} hold at once"
    if not sure:
        which = "this is the one" if shown == 1 else f"these are the {shown}"
        known = f" ({at_once})" if any(one.gain.is_known for one in parts) else ""
        return f"No part of {len(parts)} changed beyond doubt{known}; {which} that changed most."
    if shown < sure:
        return f"Of {sure} parts that changed beyond doubt, the {shown} that changed most; {at_once}."
    which = "The part" if sure == 1 else f"The {sure} parts"
    return f"{which} of {len(parts)} that changed beyond doubt; {at_once}."


def largest(parts: Sequence[Slice], limit: int = MOST_SLICES) -> list[Slice]:
    """Those that are beyond doubt first, then the largest losses, then the largest gains; those without a difference are left out."""
    changed = [one for one in parts if one.gain.value]
    losses = sorted((one for one in changed if one.gain.value < 0), key=lambda one: (one.gain.is_noise, one.gain.value))
    gains = sorted((one for one in changed if one.gain.value > 0), key=lambda one: (one.gain.is_noise, -one.gain.value))
    half = limit // 2
    spare = max(0, half - len(losses)), max(0, limit - half - len(gains))
    return [*losses[: half + spare[1]], *gains[: limit - half + spare[0]]]


def _span_percent(gain: Gain) -> str:
    return f"{100 * gain.low:+.0f} – {100 * gain.high:+.0f}" if gain.is_known else "–"


def _people(row: Compared) -> str:
    people = row.people
    if people is None:
        return ""
    text = people_words(people, row.name)
    worst = people.rows[people.rows["other"] < people.rows["first"]].head(MOST_PEOPLE)
    if len(worst):
        each = [f"{r.group} ({r.first} of {r.photos} right, then {r.other})" for r in worst.itertuples()]
        text += f" The worst: {', '.join(each)}."
    return text


def people_words(people: People, name: str) -> str:
    """How many groups got worse and better, and whether chance divides them so."""
    total = people.worse + people.better + people.same
    text = f"Of {count(total, 'group')}, {name} is worse for {people.worse:,}, better for {people.better:,}, and the same for {people.same:,}"
    if people.worse + people.better == 0:
        return f"{text}."
    if people.chance > 0.05:
        return f"{text}, as chance would divide them."
    return f"{text}: chance alone divides them so unevenly in {100 * people.chance:.2g} of 100 cases."
