"""The trials of a search on the terminal: a line each, with what is best so far and the time left."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from photobench import config
from photobench.progress import say
from photobench.tune.trials import FINISHED, IMPOSSIBLE, RUNNING, Trial, ranking
from photobench.words import duration

if TYPE_CHECKING:
    from photobench.tune.study import Turn

SHOWN = 90
"""Characters of what a trial changes."""


def then_in_full(finalists: int, num_trials: int) -> str:
    """What follows the trials, one of which is the project as it is; what is given up on the way is not trained in full."""
    others = num_trials - 1
    if not finalists:
        return ""
    if others > finalists:
        best = "best one" if finalists == 1 else f"best {finalists}"
        return f"; the {best} and the project as it is are then trained in full"
    rest = "other one, if it is" if others == 1 else f"other {others}, if they are"
    return f"; the project as it is and the {rest} not given up, are then trained in full"


class TrialLines:
    """Says a line when a trial ends. `default`: the project's own values, which need not be said again."""

    def __init__(self, limit: int, default: Mapping[str, Any]):
        self._limit, self._default = limit, default
        self._started, self._ended, self._is_first = time.monotonic(), 0, True

    def begin(self, turn: Turn) -> None:
        """Before the first one, the heads of the columns."""
        if self._is_first:
            say(f"  {'ended':>7}  {'trial':>5}  {'score':>7}  {'time':>11}  {'left':>11}  what it changes")
        self._is_first = False
        if turn.is_resumed:
            say(f"  going on with trial {turn.trial.number}")

    def end(self, trials: Sequence[Trial], number: int, deadline: float) -> None:
        """A line of what came of it."""
        self._ended += 1
        trial = next(t for t in trials if t.number == number)
        ended, ranked = sum(t.status != RUNNING for t in trials), ranking(trials)
        star = " ★ best so far" if ranked and ranked[0].number == number and len(ranked) > 1 else ""
        say(
            f"  {f'{ended}/{self._limit}':>7}  {number:>5}  {_score(trial):>7}  {duration(trial.seconds):>11}  "
            f"{self._left(trials, deadline):>11}  {_outcome(trial)}{changes(trial, self._default)}{star}"
        )

    def _left(self, trials: Sequence[Trial], deadline: float) -> str:
        """By the rate of this call, at the most until its time is up; others may help."""
        others = sum(t.status == RUNNING for t in trials)
        ended = sum(t.status != RUNNING for t in trials)
        each_s = (time.monotonic() - self._started) / self._ended
        seconds = max(self._limit - ended, 0) * each_s / (1 + others)
        return duration(min(seconds, max(deadline - time.monotonic(), 0)))


def _score(trial: Trial) -> str:
    return "–" if trial.score is None else f"{trial.score:.4f}"


def _outcome(trial: Trial) -> str:
    if trial.status == IMPOSSIBLE:
        return f"cannot be trained ({trial.why[:SHOWN]}): "
    return "" if trial.status == FINISHED else f"given up after epoch {trial.epochs}: "


def changes(trial: Trial, default: Mapping[str, Any], limit: int = SHOWN) -> str:
    """`lr 0.0003, mix "cutmix"`: what is not as in the project, by the options' own names."""
    if trial.is_default:
        return "nothing: the project as it is"
    changed = {key: value for key, value in trial.values.items() if value != default.get(key)}
    text = ", ".join(f"{key.partition('.')[2]} {config.shown(value)}" for key, value in changed.items())
    return (text if len(text) <= limit else f"{text[: limit - 1]}…") or "nothing"
