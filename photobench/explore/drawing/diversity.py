"""How far the mistakes of several models go together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import seaborn as sns

from photobench.explore import canvas
from photobench.explore.canvas import PAPER, STRONG, WIDTH_PX, Drawing, text_px
from photobench.explore.words import shortened

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CELL_PX = 34


def error_heatmap(names: Sequence[str], errors_MM: np.ndarray) -> Drawing:
    """A cell per pair of members with the correlation of their mistakes: the weaker the colour, the more there is to gain."""
    rows = [f"{number}  {shortened(name, 34)}" for number, name in enumerate(names, 1)]
    columns = [str(number) for number in range(1, len(names) + 1)]
    left = text_px(rows) + 12
    table = np.where(np.triu(np.ones_like(errors_MM, dtype=bool)), np.nan, errors_MM)

    def paint(figure: Figure) -> None:
        ax = canvas.axes(figure, left=left, right=max(8, WIDTH_PX - left - 64 * len(names)), top=26, bottom=32)
        look = {"cbar": False, "linewidths": 1.5, "linecolor": PAPER, "vmin": 0, "vmax": 1}
        sns.heatmap(table, ax=ax, cmap=canvas.heat("0a"), **look)
        ax.xaxis.tick_top()
        ax.set_xticks(np.arange(len(names)) + 0.5, columns, rotation=0)
        ax.set_yticks(np.arange(len(names)) + 0.5, rows, rotation=0)
        for (row, column), value in np.ndenumerate(table):
            if np.isfinite(value):
                colour = "white" if value >= canvas.WHITE_TEXT_FROM else STRONG
                ax.text(column + 0.5, row + 0.5, f"{value:.2f}", ha="center", va="center", fontsize=11, color=colour)
        note = "correlation of mistakes: 1 wrong about the same photos, 0 as if by chance"
        figure.text(12 / WIDTH_PX, 10 / (len(names) * CELL_PX + 58), note, fontsize=11)

    return Drawing("diversity", len(names) * CELL_PX + 58, paint)
