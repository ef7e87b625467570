"""Counts of photos, and curves of a training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import seaborn as sns

from photobench.explore import canvas
from photobench.explore.canvas import BLUE, ORANGE, PALETTE, PAPER, PURPLE, RULE, STRONG, TEAL, Drawing, text_px
from photobench.explore.words import FEW_PHOTOS, shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SPLIT_COLOURS = {"train": BLUE, "valid": ORANGE, "test": TEAL, "predict": PURPLE, "all photos": BLUE}
LOG_FROM = 50
"""Where the largest class has this many times the photos of the smallest, dots on a logarithmic scale."""

BESIDE: dict[str, Any] = {"xytext": (8, 0), "textcoords": "offset points", "va": "center", "annotation_clip": False}

MAX_DOTS = 600
"""More different photo sizes than this are binned."""


def class_bars(counts: pd.DataFrame) -> Drawing:
    """A row each of `name`, `photos` with its number; classes with few photos stand out in orange."""
    labels = [shortened(name, 34) for name in counts["name"]]
    photos = counts["photos"].to_numpy()
    log = photos.max() > LOG_FROM * max(photos[photos > 0].min(), 1)
    frame = pd.DataFrame({"row": [str(i) for i in range(len(photos))], "photos": photos})
    frame["few"] = photos < FEW_PHOTOS
    look = {"x": "photos", "y": "row", "hue": "few", "palette": {False: BLUE, True: ORANGE}, "legend": False}

    def paint(figure: Figure) -> None:
        ax = canvas.axes(figure, left=text_px(labels) + 12, right=52, top=6, bottom=40)
        if log:
            ax.set_xscale("symlog", linthresh=1)
            ax.hlines(range(len(photos)), 0, photos, colors=RULE, linewidth=1)
            sns.scatterplot(frame, s=42, linewidth=0, ax=ax, **look)
        else:
            sns.barplot(frame, saturation=1, width=0.7, ax=ax, **look)
            canvas.whole_ticks(ax.xaxis, 4)
        ax.set_xlabel("photos (logarithmic scale)" if log else "photos")
        ax.set(ylabel="", xlim=(0, photos.max() * 1.02), ylim=(len(photos) - 0.4, -0.6))
        ax.set_yticks(range(len(photos)), labels)
        ax.grid(axis="x")
        for row, number in enumerate(photos):
            _beside(ax, f"{number:,}", (number, row), fontsize=11)

    return Drawing("classes", len(photos) * 22 + 52, paint)


def share_bars(shares: pd.DataFrame) -> Drawing:
    """A panel per attribute: bars of `share` per `value`, a colour per `split`."""
    splits = shares["split"].unique().tolist()
    panels = [one for _, one in shares.groupby("attribute", sort=False)]
    bar_px = 11 if len(splits) > 1 else 16
    heights = [26 + one["value"].nunique() * (bar_px * len(splits) + 10) for one in panels]
    above_px = 32 if len(splits) > 1 else 6
    total_px = sum(heights) + above_px + 10
    left = text_px([shortened(v, 28) for v in shares["value"]]) + 12

    def paint(figure: Figure) -> None:
        top = above_px
        for one, height in zip(panels, heights, strict=True):
            ax = canvas.axes(figure, left=left, right=52, top=top + 24, bottom=total_px - top - height)
            _share_panel(ax, one, splits)
            ax.set_xlim(0, 1.02 * shares["share"].max())
            _move_legend(figure, ax, len(splits))
            top += height

    return Drawing("attributes", total_px, paint)


def count_heatmap(counts: pd.DataFrame) -> Drawing:
    """Cells with their numbers; the more photos, the stronger the colour."""
    rows = [shortened(str(v), 30) for v in counts.index]
    columns = [shortened(str(v), 18) for v in counts.columns]
    table = counts.to_numpy()
    left = text_px(rows) + 12
    cell_px = (canvas.WIDTH_PX - left - 8) / len(columns)
    upright = text_px(columns) > cell_px - 4
    top = text_px(columns) + 12 if upright else 26
    turned = {"rotation": 90, "rotation_mode": "anchor", "ha": "left", "va": "center"}

    def paint(figure: Figure) -> None:
        ax = canvas.axes(figure, left=left, right=8, top=top, bottom=6)
        most = max(table.max(), 1)
        look = {"cbar": False, "linewidths": 1.5, "linecolor": PAPER, "vmin": 0, "vmax": most}
        sns.heatmap(table, ax=ax, cmap=canvas.heat("0a"), **look)
        ax.xaxis.tick_top()
        ax.set_xticks(np.arange(len(columns)) + 0.5, columns, **(turned if upright else {"rotation": 0}))
        ax.set_yticks(np.arange(len(rows)) + 0.5, rows, rotation=0)
        for (row, column), number in np.ndenumerate(table) if cell_px >= 26 else ():
            colour = "white" if number / most >= canvas.WHITE_TEXT_FROM else STRONG
            at = (column + 0.5, row + 0.5)
            ax.text(*at, f"{number:,}", ha="center", va="center", fontsize=11, color=colour)

    return Drawing("combinations", len(rows) * (28 if len(rows) <= 20 else 18) + top + 8, paint)


def size_scatter(sizes: pd.DataFrame) -> Drawing:
    """Width against height, larger dots for more photos; bins where dots would be too many."""
    sides = sizes[["width", "height"]].to_numpy()
    margin = max(0.08 * np.ptp(sides), 8)
    low, high = sides.min() - margin, sides.max() + margin

    def paint(figure: Figure) -> None:
        ax = canvas.axes(figure, left=56, right=12, top=32, bottom=44)
        ax.axline((low, low), slope=1, color=RULE, linewidth=1, dashes=(4, 3))
        look = {"data": sizes, "x": "width", "y": "height", "ax": ax}
        if len(sizes) <= MAX_DOTS:
            dots = {"size": "photos", "sizes": (22, 260), "color": BLUE, "alpha": 0.55, "linewidth": 0}
            sns.scatterplot(legend=False, **look, **dots)
        else:
            sns.histplot(weights="photos", bins=28, cmap=canvas.heat("30"), **look)
        ax.set(xlim=(low, high), ylim=(low, high), xlabel="width in pixels (dashed: square)", ylabel="")
        _name_above(ax, "height")
        canvas.whole_ticks(ax.xaxis)
        ax.grid(True)

    return Drawing("sizes", 350, paint)


def group_histogram(sizes: pd.DataFrame) -> Drawing:
    """How many subjects have how many photos."""
    per = sizes["photos_per_group"]
    few = np.ptp(per) <= 40
    bins = {"discrete": True, "shrink": 0.85} if few else {"bins": 30}

    def paint(figure: Figure) -> None:
        ax = canvas.axes(figure, left=56, right=12, top=32, bottom=44)
        look = {"color": BLUE, "alpha": 1, "edgecolor": PAPER}
        sns.histplot(sizes, x="photos_per_group", weights="groups", ax=ax, **bins, **look)
        ax.set(xlabel="photos of one subject", ylabel="", ylim=(0, 1.05 * ax.get_ylim()[1]))
        _name_above(ax, "subjects")
        canvas.whole_ticks(ax.xaxis)
        ax.grid(axis="y")

    return Drawing("groups", 262, paint)


def curves(key: str, frame: pd.DataFrame, mark: float | None = None, height_px: int = 260) -> Drawing:
    """Lines of `value` over `epoch`, one per `series`, named at their ends; an upright line at `mark`."""
    names = frame["series"].unique().tolist()
    colours = {name: PALETTE[i % len(PALETTE)] for i, name in enumerate(names)}
    right = text_px([shortened(n, 20) for n in names]) + 30 if len(names) > 1 else 12
    marker = "o" if frame["epoch"].nunique() <= 30 else None

    def paint(figure: Figure) -> None:
        ax = canvas.axes(figure, left=52, right=right, top=10, bottom=40)
        look = {"linewidth": 2, "marker": marker, "markersize": 5, "markeredgewidth": 0, "legend": False}
        data = {"x": "epoch", "y": "value", "hue": "series", "palette": colours, "estimator": None}
        sns.lineplot(frame, ax=ax, **data, **look)
        if mark is not None:
            ax.axvline(mark, color=RULE, linewidth=1, dashes=(4, 3))
        ax.set(xlabel="epoch", ylabel="")
        canvas.whole_ticks(ax.xaxis, 6)
        canvas.real_ticks(ax.yaxis)
        ax.grid(axis="y")
        if len(names) > 1:
            _name_ends(ax, frame, colours)

    return Drawing(key, height_px, paint)


def _share_panel(ax: Axes, one: pd.DataFrame, splits: list[str]) -> None:
    look = {"palette": SPLIT_COLOURS, "saturation": 1, "width": 0.8}
    sns.barplot(one, x="share", y="value", hue="split", hue_order=splits, ax=ax, **look)
    ax.set_title(one["attribute"].iloc[0], loc="left", x=0, fontweight="bold")
    ax.set(xlabel="", ylabel="")
    ax.set_xticks([])
    values = one["value"].unique()
    ax.set_yticks(range(len(values)), [shortened(v, 28) for v in values])
    for bars in ax.containers:
        texts = [f"{100 * bar.get_width():.0f} %" for bar in bars]
        ax.bar_label(bars, labels=texts, padding=4, fontsize=10)  # type: ignore[arg-type]


def _move_legend(figure: Figure, ax: Axes, num_splits: int) -> None:
    """One legend for the whole figure, above the first panel."""
    legend = ax.get_legend()
    if legend is None:
        return
    if num_splits > 1 and not figure.legends:
        handles = [handle for handle in legend.legend_handles if handle is not None]
        texts = [text.get_text() for text in legend.get_texts()]
        look = {"borderpad": 0, "borderaxespad": 0.2, "handlelength": 0.8, "handleheight": 0.8}
        figure.legend(handles, texts, loc="upper left", ncols=num_splits, **look)
    legend.remove()


def _name_ends(ax: Axes, frame: pd.DataFrame, colours: dict[str, str]) -> None:
    """Names beside the last points, moved apart where they would overlap."""
    ends = frame.groupby("series", sort=False).last()["value"].sort_values()
    step = 15 * np.ptp(ax.get_ylim()) / canvas.height_px(ax)
    places: list[float] = []
    for value in ends:
        places.append(max(value, places[-1] + step) if places else value)
    shift = float(np.mean(np.array(places) - ends.to_numpy()))
    side = ax.get_yaxis_transform()
    for name, place in zip(ends.index, places, strict=True):
        at = (1.03, place - shift)
        ax.plot(*at, transform=side, marker="s", markersize=7, color=colours[name], clip_on=False)
        ax.annotate(shortened(name, 20), at, xycoords=side, **BESIDE)


def _name_above(ax: Axes, text: str) -> None:
    """The meaning of the upright axis, above it instead of turned by its side."""
    ax.set_title(text, loc="left", x=-0.1)
    canvas.whole_ticks(ax.yaxis)


def _beside(ax: Axes, text: str, at: tuple[float, float], **look: Any) -> None:
    ax.annotate(text, at, **BESIDE, **look)
