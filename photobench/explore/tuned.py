"""Figures of a search for better options: how it went, what mattered, and which values go with which score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from photobench.explore import canvas
from photobench.explore.canvas import BLUE, INK, ORANGE, RULE, STRONG, WIDTH_PX, Drawing, text_px
from photobench.explore.figure import Figure
from photobench.explore.words import shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Paper

MOST_AXES = 10
LOG_FROM = 30.0
"""A range of positive numbers whose ends are so many times apart is drawn with its logarithms."""


def tuned_figures(
    trials: pd.DataFrame, importance: Mapping[str, float], metric: str, own: Mapping[str, Any]
) -> list[Figure]:
    """Those that there are enough finished trials for. `own`: the project's values."""
    finished = trials[trials["status"] == "finished"] if len(trials) else trials
    if len(finished) < 2:
        return []
    found = [_history(trials, metric)]
    if importance:
        found.append(_importance(importance))
    keys = [key for key in importance or own if key in finished and len(finished[key].unique()) > 1][:MOST_AXES]
    return [*found, _parallel(finished, keys, metric)] if keys else found


def _history(trials: pd.DataFrame, metric: str) -> Figure:
    finished = trials[trials["status"] == "finished"]
    early = trials[(trials["status"] == "given up") & trials["score"].notna()]
    default = finished[finished["trial"] == 0]
    best = finished["score"].cummax()
    words = f"Each dot is a trial, {len(finished)} trained to the end"
    words += f" and {len(early)} given up early, at the score that they had then" if len(early) else ""
    words += ". The line is the best so far; the dashes are the project as it is."

    def paint(paper: Paper) -> None:
        ax = canvas.axes(paper, left=52, right=14, top=26, bottom=44)
        if len(default):
            ax.axhline(default["score"].iloc[0], color=STRONG, linewidth=1, dashes=(4, 3), zorder=1)
        ax.step(finished["trial"], best, where="post", color=BLUE, linewidth=2)
        ax.scatter(finished["trial"], finished["score"], s=26, color=BLUE, linewidth=0, alpha=0.75, zorder=3)
        ax.scatter(early["trial"], early["score"], s=26, color=ORANGE, linewidth=0, alpha=0.75, marker="X", zorder=2)
        ax.set(xlabel="trial", ylabel="")
        title = f"{metric}: finished (dots), given up (crosses)" if len(early) else f"{metric} on the validation photos"
        ax.set_title(title, loc="left", x=0)
        canvas.whole_ticks(ax.xaxis, 8)
        canvas.real_ticks(ax.yaxis)
        ax.grid(axis="y")

    data = trials[["trial", "status", "score"]].assign(best=best.reindex(trials.index).ffill())
    return Figure("history", "How the search went", words, data, Drawing("tune-history", 260, paint))


def _importance(importance: Mapping[str, float]) -> Figure:
    names, shares = list(importance), np.array(list(importance.values()))
    words = (
        f"Of what made finished trials differ, {names[0]} explains about {shares[0]:.0%} (functional ANOVA). "
        "With few trials this is a rough answer, and an option that matters little in this range may matter outside of it."
    )

    def paint(paper: Paper) -> None:
        ax = canvas.axes(paper, left=text_px(names) + 12, right=48, top=6, bottom=8)
        ax.barh(range(len(names)), shares, color=BLUE, height=0.7)
        ax.set_yticks(range(len(names)), names)
        ax.set(ylim=(len(names) - 0.4, -0.6), xlim=(0, shares.max() * 1.02))
        ax.set_xticks([])
        for row, share in enumerate(shares):
            ax.annotate(f"{share:.0%}", (share, row), xytext=(6, 0), textcoords="offset points", va="center", color=INK,
                        fontsize=11, annotation_clip=False)  # fmt: skip

    data = pd.DataFrame({"option": names, "importance": shares})
    return Figure("importance", "What mattered", words, data, Drawing("tune-importance", len(names) * 22 + 16, paint))


def _parallel(finished: pd.DataFrame, keys: Sequence[str], metric: str) -> Figure:
    """A line per trial through its values; the better, the darker."""
    ordered = finished.sort_values("score")
    places = {key: _place(ordered[key]) for key in keys}
    low, high = ordered["score"].min(), ordered["score"].max()
    scores = (ordered["score"] - low) / max(high - low, 1e-12)
    width = max(WIDTH_PX, 96 * (len(keys) + 1))
    words = (
        "A line per finished trial, through its value of each option to its score; the better, the darker, and the best is orange. "
        "Where dark lines meet is what good trials have in common."
    )

    def paint(paper: Paper) -> None:
        ax = canvas.axes(paper, left=70, right=56, top=44, bottom=14)
        across = np.arange(len(keys) + 1)
        for row, score in enumerate(scores):
            heights = [*(places[key][0][row] for key in keys), score]
            is_best = row == len(scores) - 1
            ax.plot(across, heights, color=ORANGE if is_best else BLUE, alpha=1 if is_best else 0.18 + 0.5 * score**2,
                    linewidth=2.4 if is_best else 1.4, zorder=3 if is_best else 2)  # fmt: skip
        for number, key in enumerate(keys):
            _axis(ax, number, key, places[key][1])
        _axis(ax, len(keys), metric, {0.0: f"{low:.3f}", 1.0: f"{high:.3f}"})
        ax.set(xlim=(-0.05, len(keys) + 0.05), ylim=(-0.04, 1.04))
        ax.set_xticks([])
        ax.set_yticks([])

    data = finished[["trial", *keys, "score"]]
    return Figure(
        "parallel", "Which values go with which score", words, data, Drawing("tune-parallel", 320, paint, width)
    )


def _axis(ax: Axes, number: int, key: str, marks: Mapping[float, str]) -> None:
    """An upright line with its name above and a few values beside it."""
    ax.axvline(number, color=RULE, linewidth=1, zorder=1)
    section, _, name = key.rpartition(".")
    title = f"{section}\n{shortened(name, 15)}" if section else f"\n{shortened(name, 15)}"
    ax.annotate(title, (number, 1.0), xytext=(0, 10), textcoords="offset points", ha="center", va="bottom", fontsize=10.5,
                color=INK, annotation_clip=False)  # fmt: skip
    for height, text in marks.items():
        ax.annotate(shortened(text, 12), (number, height), xytext=(5, 0), textcoords="offset points", va="center",
                    fontsize=10, color=STRONG, zorder=4, annotation_clip=False,
                    bbox={"boxstyle": "round,pad=0.1", "facecolor": "#fefefd", "edgecolor": "none", "alpha": 0.8})  # fmt: skip


def _place(values: pd.Series) -> tuple[np.ndarray, dict[float, str]]:
    """Where each value stands on its axis, from 0 to 1, and what is written beside it."""
    if not pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values) or values.nunique() <= 4:
        try:
            known = sorted(values.unique())
        except TypeError:  # numbers and texts
            known = sorted(values.unique(), key=str)
        of = {value: number / max(len(known) - 1, 1) for number, value in enumerate(known)}
        return np.array([of[value] for value in values]), {place: _text(value) for value, place in of.items()}
    numbers = values.to_numpy(dtype=float)
    log = numbers.min() > 0 and numbers.max() / numbers.min() > LOG_FROM
    scaled = np.log(numbers) if log else numbers
    low, high = scaled.min(), scaled.max()
    middle = (low + high) / 2
    back = np.exp if log else float
    marks = {0.0: f"{numbers.min():.3g}", 0.5: f"{back(middle):.2g}", 1.0: f"{numbers.max():.3g}"}
    return (scaled - low) / (high - low), marks


def _text(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float | np.floating) else str(value)
