"""What validation said, and what the leaderboard says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import seaborn as sns

from photobench.evaluation import Figure as Estimate
from photobench.explore import canvas
from photobench.explore.canvas import BLUE, INK, ORANGE, PURPLE, RULE, STRONG, TEAL, Drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = (BLUE, TEAL, PURPLE, STRONG)
NAMED = 12
"""Of more submissions only the last so many have their numbers beside them."""


CLEAR = 10.5
"""Points between a number and what else is there."""
PLACES = ((11, 9), (11, -10), (-11, 9), (-11, -10), (0, 14), (0, -14))
"""Where a number may stand beside its dot, in points: the first that no other dot or number is near, else the emptiest."""


TITLES_PX, LINE_PX = 100, 18
"""Above the axes, and how much more with the line about the correlation."""


def leaderboard_scatter(points: pd.DataFrame, metric: str, bias: float, correlation: Estimate) -> Drawing:
    """A dot per submission: validation with its interval across, the leaderboard upwards; a colour per kind of who answers.

    Args:
        points: `number`, `kind`, `expected`, `low`, `high`, `score`; NaN ends where an interval is not known.
        bias: the leaderboard minus validation on average, drawn as a line beside that of equals.
        correlation: of validation and leaderboard; told beneath the title where it has an interval.
    """
    more_px = LINE_PX if correlation.is_known else 0
    height_px = 456 + more_px
    low, high = _limits(points)
    colours = dict(zip(points["kind"].unique(), COLOURS, strict=False))
    shown = points.assign(colour=points["kind"].map(colours).fillna(COLOURS[-1]))

    def paint(figure: Figure) -> None:
        ax = canvas.axes(figure, left=58, right=16, top=TITLES_PX + more_px, bottom=46)
        ax.axline((low, low), slope=1, color=RULE, linewidth=1.2, dashes=(4, 3), label="the same as validation")
        if len(points) > 1:
            label = f"{abs(bias):.3f} {'above' if bias > 0 else 'below'}, the mean"
            ax.axline((low, low + bias), slope=1, color=ORANGE, linewidth=1.6, label=label)
        reach = np.nan_to_num(np.abs(points[["low", "high"]].to_numpy() - points[["expected"]].to_numpy())).T
        look: dict[str, Any] = {"fmt": "none", "ecolor": shown["colour"], "alpha": 0.4, "elinewidth": 1.6}
        ax.errorbar(points["expected"], points["score"], xerr=reach, **look)
        names: dict[str, Any] = {"hue": "kind", "palette": colours, "legend": len(colours) > 1}
        sns.scatterplot(points, x="expected", y="score", s=64, linewidth=0, ax=ax, zorder=3, **names)
        ax.set(xlim=(low, high), ylim=(low, high), xlabel=f"validation: {metric} on photos not learned from", ylabel="")
        ax.set_title("leaderboard", loc="left", x=-0.115, pad=10)
        _name(ax, points)
        for axis in (ax.xaxis, ax.yaxis):
            canvas.real_ticks(axis)
        ax.grid(True)
        ax.legend(loc="lower left", bbox_to_anchor=(-0.13, 1.065), ncols=2 if len(colours) < 3 else 3, fontsize=10.5, handlelength=1.4, handletextpad=0.5,
                  borderpad=0, columnspacing=1.2)  # fmt: skip
        figure.text(
            0.012, 0.975, "The leaderboard against validation", fontweight="bold", fontsize=13, color=INK, va="top"
        )
        if correlation.is_known:
            told = correlation_words(correlation, len(points))
            figure.text(0.012, 1 - 33 / height_px, told, fontsize=11.5, color=INK, va="top")

    return Drawing("leaderboard", height_px, paint)


def correlation_words(one: Estimate, num: int) -> str:
    """`"correlation +0.84 (95 % interval +0.31 to +0.97), from 6 scores"`."""
    return f"correlation {one.value:+.2f} (95 % interval {one.low:+.2f} to {one.high:+.2f}), from {num} scores"


def _limits(points: pd.DataFrame) -> tuple[float, float]:
    """One range for both axes, around all dots and their intervals."""
    shown = points[["expected", "low", "high", "score"]].to_numpy()
    low, high = float(np.nanmin(shown)), float(np.nanmax(shown))
    margin = max(0.06 * (high - low), 0.01)
    return max(low - margin, -0.02), min(high + margin, 1.02)


def _name(ax: Axes, points: pd.DataFrame) -> None:
    """The numbers of the last submissions beside their dots."""
    dots_N2 = ax.transData.transform(points[["expected", "score"]].to_numpy()) / ax.get_figure(root=True).dpi * 72  # type: ignore[union-attr]
    taken_M2 = dots_N2
    for row in range(max(len(points) - NAMED, 0), len(points)):
        apart = {place: np.abs(taken_M2 - dots_N2[row] - place).max(axis=1).min() for place in PLACES}
        place = next((place for place, px in apart.items() if px >= CLEAR), max(apart, key=lambda place: apart[place]))
        taken_M2 = np.vstack([taken_M2, dots_N2[row] + place])
        look: dict[str, Any] = {
            "textcoords": "offset points",
            "ha": "center",
            "va": "center",
            "fontsize": 10.5,
            "color": STRONG,
        }
        one = points.iloc[row]
        ax.annotate(f"{one['number']}", (one["expected"], one["score"]), place, **look)
