"""Whether probabilities mean what they say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd
import seaborn as sns

from photobench.evaluation import Reliability
from photobench.explore import canvas
from photobench.explore.canvas import BLUE, ORANGE, RULE, WIDTH_PX, Drawing
from photobench.explore.words import shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = (BLUE, ORANGE)
GAP_PX, LEFT_PX, BELOW_PX, ABOVE_PX = 24, 50, 48, 30


def reliability(key: str, panels: Mapping[str, Mapping[str, Reliability]]) -> Drawing:
    """A panel per title: the share of answers that are right over their confidence, a line per series, with the interval of each bin.

    On the dashed diagonal a confidence is what it says; below it the answers are too sure.
    """
    columns = min(len(panels), 2)
    side_px = WIDTH_PX - LEFT_PX - GAP_PX if columns == 1 else (WIDTH_PX - LEFT_PX - GAP_PX - LEFT_PX - 8) / 2
    side_px = min(side_px, 300)
    series = list(dict.fromkeys(name for lines in panels.values() for name in lines))
    colours = dict(zip(series, COLOURS, strict=False))
    legend_px = 24 if len(series) > 1 else 0
    row_px = ABOVE_PX + side_px + BELOW_PX

    def paint(figure: Figure) -> None:
        for number, (title, lines) in enumerate(panels.items()):
            row, column = divmod(number, columns)
            left = LEFT_PX + column * (side_px + LEFT_PX + 8)
            ax = canvas.panel(figure, left, legend_px + row * row_px + ABOVE_PX, side_px, side_px)
            for name, one in lines.items():
                _line(ax, one, colours[name])
            _frame(ax, title, last=number + columns >= len(panels))
        if len(series) > 1:
            canvas.line_legend(figure, colours)

    width_px = WIDTH_PX if columns > 1 else LEFT_PX + side_px + GAP_PX
    return Drawing(key, legend_px + row_px * -(-len(panels) // columns), paint, width_px)


def _line(ax: Axes, one: Reliability, colour: str) -> None:
    frame = pd.DataFrame([vars(each) for each in one.bins])
    ax.vlines(frame["promised"], frame["low"], frame["high"], color=colour, linewidth=1.2, alpha=0.55)
    dots = {"marker": "o", "markersize": 5, "markeredgewidth": 0, "clip_on": False}
    sns.lineplot(frame, x="promised", y="right", color=colour, linewidth=1.6, estimator=None, ax=ax, **dots)


def _frame(ax: Axes, title: str, last: bool) -> None:
    ax.axline((0, 0), slope=1, color=RULE, linewidth=1, dashes=(4, 3))
    ax.set(xlim=(0, 1), ylim=(0, 1), xlabel="confidence" if last else "", ylabel="")
    ax.set_title(f"{shortened(title, 24)}: right" if title else "right", loc="left")
    for axis in (ax.xaxis, ax.yaxis):
        canvas.share_ticks(axis)
    ax.tick_params(axis="x", pad=9)
    ax.grid(True)
