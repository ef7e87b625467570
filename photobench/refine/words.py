"""A refinement in words: a table of what was tried, and sentences on what is kept."""

from __future__ import annotations

import numpy as np

from photobench.evaluation import Figure
from photobench.refine.options import METRIC_WORDS
from photobench.refine.outcome import TEMPERATURES, VIEWS, Refinement, Tried
from photobench.words import columns


def told(found: Refinement, name: str) -> str:
    """For a terminal. `name`: under which it is asked."""
    return "\n".join([_heading(found), _table(found), "", *sentences(found, name)])


def sentences(found: Refinement, name: str) -> list[str]:
    lines = [f"note: {note}" for note in found.notes]
    if found.chosen.changes_answers:
        lines.append(
            f"All together: {found.gain.text(sign='+')} {METRIC_WORDS[found.metric]} on photos that nothing was chosen on."
        )
    else:
        lines.append(
            "No view and no decision rule is worth it beyond doubt: the answers stay those of the most probable class."
        )
    lines.append(_honesty(found))
    if not found.chosen.changes_answers and found.chosen.temperatures is None:
        return [*lines, f"Nothing is kept: {name} answers as {found.base} does, in the same time."]
    return [*lines, *_cost(found), f"Ask it by its name: photobench predict --run {name}"]


def origin(found: Refinement) -> str:
    """What is on top of the base, and why what it says of held-out photos is honest."""
    chosen, kept = found.chosen, []
    if len(chosen.views) > 1:
        kept.append(f"the mean of {len(chosen.views)} views ({', '.join(chosen.views)})")
    if chosen.temperatures:
        kept.append("temperatures")
    if not chosen.decision.is_plain:
        kept.append(f"the decision rule {chosen.decision.rule}")
    if not kept:
        return f"Nothing was worth putting on top of {found.base}: it answers as that does."
    return f"On top of {found.base}: {' and '.join(kept)}. What a held-out photo is told was chosen on other groups."


def _heading(found: Refinement) -> str:
    who = f"{found.num_photos:,} held-out photos in {found.num_groups:,} groups"
    return f"{found.base}: {who}; what is fitted to some of the groups is measured on the others"


def _table(found: Refinement) -> str:
    looks, rows = dict(found.looks), []
    for number, one in enumerate(found.tried):
        first = number == 0 or found.tried[number - 1].part != one.part
        cost = f"{1 + looks[one.name]} ×" if one.part == VIEWS and one.name in looks else ""
        rows.append((one.part if first else "", one.name, *_worth(one, found), cost, one.why))
    return columns(rows, ("", "tried", "worth", "interval", "time", "used"))


def _worth(one: Tried, found: Refinement) -> tuple[str, str]:
    unit = "log-loss" if one.part == TEMPERATURES else METRIC_WORDS[found.metric].split(",")[0]
    gain = _turned(one.gain) if one.part == TEMPERATURES else one.gain
    return f"{gain.value:+.3f} {unit}", gain.interval(sign="+") or "–"


def _turned(gain: Figure) -> Figure:
    """What was taken off, as a change."""
    return Figure(-gain.value, -gain.high, -gain.low)


def _honesty(found: Refinement) -> str:
    before, after = found.before.ece, found.after.ece
    if found.chosen.temperatures is None:
        return f"No temperature makes the probabilities more honest; the calibration error is {after.text()}."
    sure = found.chosen.temperatures.values
    was = (
        "too sure"
        if min(sure) > 1
        else "not sure enough"
        if max(sure) < 1
        else "too sure of some labels, not sure enough of others"
    )
    loss, error = f"{found.loss_before:.3f} to {found.loss_after:.3f}", f"{before.text()} to {after.text()}"
    if after.value > before.value:
        return f"The probabilities seem {was}: with temperatures the log-loss goes from {loss}. The calibration error, from {error}, does not get smaller."
    return f"The probabilities were {was}: with temperatures the calibration error goes from {error}, and the log-loss from {loss}."


def _cost(found: Refinement) -> list[str]:
    if not np.isfinite(found.ms_per_look):
        return []
    once, now = found.ms_per_look, found.ms_per_look * found.times
    if found.times == 1:
        return [f"It takes the time that {found.base} takes: {once:.1f} ms a photo in the model."]
    return [f"It takes {found.times} times as long: {now:.1f} ms a photo in the model in place of {once:.1f}."]
