"""Maps of photos, and what they are worth: explained variance, agreement of neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import seaborn as sns

from photobench.explore import canvas
from photobench.explore.canvas import BLUE, ORANGE, PALETTE, RULE, STRONG, WIDTH_PX, Drawing, text_px
from photobench.explore.words import shortened

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MAX_COLOURS = len(PALETTE)
OTHERS = "others"
APART_ENOUGH = 0.25
"""Values that are less apart than this are drawn as overlapping."""


def explained_curve(explained: Sequence[float]) -> Drawing:
    """The share of the variance that the first components hold together, and a bar for each alone."""
    frame = pd.DataFrame({"component": range(1, len(explained) + 1), "share": explained})
    frame["together"] = frame["share"].cumsum()

    def paint(figure: Figure) -> None:
        ax = canvas.axes(figure, left=48, right=12, top=26, bottom=44)
        ax.bar(frame["component"], frame["share"], color=BLUE, width=0.8)
        sns.lineplot(frame, x="component", y="together", color=ORANGE, linewidth=2.2, ax=ax)
        ax.set(xlabel="main component", ylabel="", ylim=(0, 1.02), xlim=(0.3, len(explained) + 0.7))
        ax.set_title("share of the variance: each (blue), together (orange)", loc="left")
        canvas.whole_ticks(ax.xaxis, 6)
        ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
        ax.grid(axis="y")

    return Drawing("pca", 250, paint)


def map_panels(key: str, frame: pd.DataFrame, attributes: Sequence[str]) -> Drawing:
    """A panel per attribute, a dot per photo. `frame`: `x`, `y`, and the attributes; photos without a label are grey."""
    columns = 1 if len(attributes) == 1 else 2
    width_px = WIDTH_PX * columns
    side_px, rows = WIDTH_PX - 12, -(-len(attributes) // columns)
    panel_px = side_px * 0.86 + 56

    def paint(figure: Figure) -> None:
        for number, name in enumerate(attributes):
            x, top = number % columns * (side_px + 12), number // columns * panel_px + 48
            height = panel_px - 56
            ax = canvas.panel(figure, x, top, side_px, height)
            values, colours = _colours(frame[name])
            shown = frame.assign(value=values).sort_values(
                "value", key=lambda v: v == OTHERS, ascending=False, kind="stable"
            )
            look = {
                "s": 9 if len(frame) > 1_500 else 16,
                "linewidth": 0,
                "alpha": 0.75,
                "rasterized": len(frame) > 1_000,
            }
            sns.scatterplot(shown, x="x", y="y", hue="value", palette=colours, hue_order=list(colours), ax=ax, **look)
            ax.set(xlabel="", ylabel="", xticks=[], yticks=[])
            ax.set_title(name, loc="left", fontweight="bold", pad=26)
            ax.legend(
                *ax.get_legend_handles_labels(), loc="lower left", bbox_to_anchor=(-0.02, 0.99), ncols=4, title=None, markerscale=1.6,
                borderpad=0, columnspacing=1.0, handletextpad=0.1, fontsize=10,
            )  # fmt: skip

    return Drawing(key, rows * panel_px, paint, width_px)


def _colours(labels: pd.Series) -> tuple[pd.Series, dict[str, str]]:
    """Labels to draw, and their colours: the most frequent ones where there are many."""
    counts = labels.dropna().astype(str).value_counts()
    kept = counts.index[: MAX_COLOURS if len(counts) <= MAX_COLOURS else MAX_COLOURS - 1]
    colours = {shortened(name, 16): PALETTE[number] for number, name in enumerate(sorted(kept))}
    values = labels.astype(object).where(labels.isin(kept), OTHERS).map(lambda value: shortened(str(value), 16))
    return values, colours | ({OTHERS: RULE} if (values == OTHERS).any() else {})


def agreement_bars(table: pd.DataFrame) -> Drawing:
    """A bar per value: the share of its photos' neighbours that have it too, with a line where chance would be."""
    panels = [one for _, one in table.groupby("attribute", sort=False)]
    heights = [28 + 24 * len(one) for one in panels]
    left = text_px([shortened(value, 28) for value in table["value"]]) + 12
    total_px = sum(heights) + 44

    def paint(figure: Figure) -> None:
        top = 0
        for one, height in zip(panels, heights, strict=True):
            ax = canvas.axes(figure, left=left, right=52, top=top + 24, bottom=total_px - top - height)
            colours = [ORANGE if apart < APART_ENOUGH else BLUE for apart in one["apart"]]
            ax.barh(range(len(one)), one["same"], color=colours, height=0.7)
            ax.vlines(one["chance"], np.arange(len(one)) - 0.45, np.arange(len(one)) + 0.45, color=STRONG, linewidth=2)
            ax.set(xlim=(0, 1.0), ylim=(len(one) - 0.4, -0.6), xticks=[])
            ax.set_yticks(range(len(one)), [shortened(value, 28) for value in one["value"]])
            ax.set_title(one["attribute"].iloc[0], loc="left", x=0, fontweight="bold")
            for row, share in enumerate(one["same"]):
                ax.annotate(
                    f"{100 * share:.0f} %", (share, row), (6, 0), textcoords="offset points", va="center", fontsize=10
                )
            top += height
        figure.text(left / WIDTH_PX, 14 / total_px, "upright line: what chance would give", fontsize=11)

    return Drawing("overlap", total_px, paint)
