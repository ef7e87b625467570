"""What is to be believed of the best of many trials, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from photobench.evaluation import Figure
from photobench.tune.luck import Luck
from photobench.tune.trials import FINISHED, GIVEN_UP, IMPOSSIBLE, RUNNING, Trial, rank_of_default
from photobench.words import columns, count
from photobench.workflow.search.finals import Final, InFolds
from photobench.workflow.search.searching import Cheaper


def about_trials(trials: Sequence[Trial], cheap: Cheaper, limit: int) -> list[str]:
    number = {status: sum(t.status == status for t in trials) for status in (FINISHED, GIVEN_UP, IMPOSSIBLE, RUNNING)}
    parts = [
        f"{count(number[FINISHED], 'trial')} of {limit} {'was' if number[FINISHED] == 1 else 'were'} trained to the end"
    ]
    parts += [f"{number[GIVEN_UP]} given up early"] if number[GIVEN_UP] else []
    parts += [f"{number[IMPOSSIBLE]} cannot be trained"] if number[IMPOSSIBLE] else []
    parts += [f"{number[RUNNING]} not over yet"] if number[RUNNING] else []
    rank = rank_of_default(trials)
    how = "" if cheap.is_whole else ", trained as cheaply as they were,"
    place = (
        f" Among those that were finished the project as it is{how} has place {rank} of {number[FINISHED]}."
        if rank
        else ""
    )
    return [f"{', '.join(parts)}.{place}"]


def verdict(
    finals: Sequence[Final], best: Final | None, table: pd.DataFrame, luck: Luck | None, num_photos: int, num_tried: int
) -> list[str]:
    """Whether the best is better, on which photos, and what choosing it was worth.

    Args:
        table: that of the finals.
        num_photos: validation photos.
        num_tried: trials, the project as it is among them, that the intervals of the finals take into account.
    """
    if best is None or len(finals) < 2:
        return ["Nothing was trained in full, so nothing is said of how much better the best trial is."]
    sentences = []
    row = _row(finals, best, table)
    if best.trial.is_default:
        sentences.append(
            f"In full, none of the best {len(finals) - 1} trials is better than the project as it is: leave it so."
        )
    else:
        gain = _gain(row, "valid")
        at_once = len(finals) - 1 + max(num_tried - 1, 0)
        wide = (
            f" The interval is as wide as the largest of {at_once} such differences is by chance, for it was chosen among them."
            if at_once > 1 and gain.is_known
            else ""
        )
        sentences.append(
            f"In full, {best.name} {_against(gain)}, on the {count(num_photos, 'validation photo')} that it was chosen on.{wide}"
        )
        if "test gain" in row:
            gain = _gain(row, "test")
            sentences.append(f"On the test photos, which no choice looked at, it {_against(gain)}.")
    return sentences + ([_of_luck(luck)] if luck else [])


def _row(finals: Sequence[Final], best: Final, table: pd.DataFrame) -> pd.Series:
    return table.iloc[[final is best for final in finals].index(True)]


def _gain(row: pd.Series, split: str) -> Figure:
    return Figure(row[f"{split} gain"], row[f"{split} gain low"], row[f"{split} gain high"])


def doubt(finals: Sequence[Final], best: Final | None, table: pd.DataFrame, in_folds: InFolds | None) -> str:
    """Why the best is no reason to change the project; empty where it is better beyond noise, or is the project itself.

    Folds are the surer answer where there are some. Test photos are not asked: whoever chooses on them has none left.
    """
    if best is None or best.trial.is_default or len(finals) < 2:
        return ""
    gain = in_folds.gain if in_folds else _gain(_row(finals, best, table), "valid")
    where = f" in {in_folds.folds} folds" if in_folds else ""
    if not gain.is_known:
        return f"How sure the gain of {best.name} is{where} cannot be said"
    if gain.low > 0:
        return ""
    return (
        f"The gain of {best.name}{where} is within noise"
        if gain.high >= 0
        else f"{best.name.capitalize()}{where} is worse than the project as it is"
    )


def leave_it(reason: str, has_folds: bool) -> str:
    """What follows from a doubt."""
    folds = "" if has_folds else ", or folds (photobench tune --folds 5),"
    return f"{reason}: leave the project as it is. More photos{folds} would tell more than more trials."


def _against(gain: Figure) -> str:
    """`is better than the project as it is by 0.031 macro-F1 (0.010 to 0.052)`, or that nobody can tell."""
    if not gain.low <= gain.high:
        return f"is {gain.value:+.3f} macro-F1 from the project as it is, and how sure that is cannot be said: too few groups, or no difference"
    if gain.low <= 0 <= gain.high:
        return f"is within noise of the project as it is: {gain.value:+.3f} macro-F1 ({gain.interval(sign='+')})"
    word = "better" if gain.low > 0 else "worse"
    return f"is {word} than the project as it is by {abs(gain.value):.3f} macro-F1 ({gain.extent()})"


def about_folds(found: InFolds) -> str:
    photos = count(found.num_photos, "labelled photo")
    return f"In {found.folds} folds it {_against(found.gain)}, on the {photos} that it was not chosen on."


def _of_luck(luck: Luck) -> str:
    unseen = luck.unseen
    if luck.seen <= 0:
        return (
            f"Of {luck.num_trials} finished trials none is ahead of the project as it is on the photos that all were held against; chosen on half of "
            f"the {luck.num_groups} groups and measured on the other half, choosing gains {unseen.value:+.3f} ({unseen.low:+.3f} to "
            f"{unseen.high:+.3f})."
        )
    return (
        f"The best of many looks better than it is. Of {luck.num_trials} finished trials the best gains {luck.seen:+.3f} on the photos that it is "
        f"chosen on; chosen on half of the {luck.num_groups} groups and measured on the other half, choosing gains {unseen.value:+.3f} "
        f"({unseen.low:+.3f} to {unseen.high:+.3f}): {luck.luck:+.3f} of it is the luck of choosing."
    )


def finals_text(table: pd.DataFrame) -> str:
    heads, rows = finals_rows(table)
    return columns(rows, heads)


def finals_rows(table: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    """The heads and the cells of the trainings in full, as they are shown."""
    splits = [split for split in ("valid", "test") if split in table]
    heads = [word for split in splits for word in (f"macro-F1 on {split}", "gain")]
    rows = [
        [row["what"], row["run"], *(cell for split in splits for cell in (f"{row[split]:.3f}", _gain_text(row, split))),
         row["options"]]
        for row in table.to_dict("records")
    ]  # fmt: skip
    return ["in full", "run", *heads, "options"], rows


def _gain_text(row: Mapping[str, Any], split: str) -> str:
    value, low, high = (row[f"{split} gain{end}"] for end in ("", " low", " high"))
    if value is None or value != value:
        return ""
    return f"{value:+.3f}" + (f" ({low:+.3f} to {high:+.3f})" if low <= high else "")
