"""What validation said, and what the leaderboard says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import seaborn as sns

from photobench.explore import canvas
from photobench.explore.canvas import BLUE, INK, ORANGE, RULE, STRONG, Drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NAMED = 12
"""Of more submissions only the last so many have their numbers beside them."""


def leaderboard_scatter(points: pd.DataFrame, metric: str, bias: float) -> Drawing:
    """A dot per submission: validation with its interval across, the leaderboard upwards.

    Args:
        points: `number`, `expected`, `low`, `high`, `score`; NaN ends where an interval is not known.
        bias: the leaderboard minus validation on average, drawn as a line beside that of equals.
    """
    low, high = _limits(points, bias)

    def paint(figure: Figure) -> None:
        ax = canvas.axes(figure, left=58, right=16, top=62, bottom=46)
        ax.axline((low, low), slope=1, color=RULE, linewidth=1.2, dashes=(4, 3), label="the same")
        if len(points) > 1:
            ax.axline(
                (low, low + bias), slope=1, color=ORANGE, linewidth=1.6, label=f"{bias:+.3f}, the mean difference"
            )
        reach = np.abs(points[["low", "high"]].to_numpy() - points[["expected"]].to_numpy()).T
        ax.errorbar(
            points["expected"],
            points["score"],
            xerr=np.nan_to_num(reach),
            fmt="none",
            ecolor=BLUE,
            alpha=0.35,
            elinewidth=1.6,
        )
        sns.scatterplot(points, x="expected", y="score", s=64, color=BLUE, linewidth=0, ax=ax, zorder=3)
        _name(ax, points)
        ax.set(xlim=(low, high), ylim=(low, high), xlabel=f"validation: {metric} on photos not learned from", ylabel="")
        for axis in (ax.xaxis, ax.yaxis):
            canvas.real_ticks(axis)
        ax.grid(True)
        ax.legend(
            loc="lower left",
            bbox_to_anchor=(-0.14, 1.0),
            ncols=2,
            fontsize=10.5,
            handlelength=1.6,
            borderpad=0,
            columnspacing=1.4,
        )
        figure.text(
            0.012, 0.972, "The leaderboard against validation", fontweight="bold", fontsize=13, color=INK, va="top"
        )

    return Drawing("leaderboard", 430, paint)


def _limits(points: pd.DataFrame, bias: float) -> tuple[float, float]:
    """One range for both axes, around all dots and their intervals."""
    shown = points[["expected", "low", "high", "score"]].to_numpy()
    low, high = float(np.nanmin(shown)), float(np.nanmax(shown))
    margin = max(0.06 * (high - low), 0.01)
    return max(low - margin, -0.02), min(high + margin, 1.02)


def _name(ax: Axes, points: pd.DataFrame) -> None:
    for one in points.tail(NAMED).itertuples():
        ax.annotate(
            f"{one.number}", (one.expected, one.score), (6, 6), textcoords="offset points", fontsize=10.5, color=STRONG
        )
