"""What photos are like: measures by class and split, mean images, sheets of examples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import seaborn as sns

from photobench.explore import canvas
from photobench.explore.canvas import BLUE, INK, ORANGE, STRONG, WIDTH_PX, Drawing, text_px
from photobench.explore.comparisons import SIZES
from photobench.explore.drawing.counts import SPLIT_COLOURS
from photobench.explore.statistics import MEASURES
from photobench.explore.words import shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GAP_PX = 18


def class_boxes(key: str, frame: pd.DataFrame, measures: Sequence[str], strong: set[tuple[str, str]]) -> Drawing:
    """A panel per measure, two beside each other, a box per row. `frame`: `row` and the measures; pairs in `strong` are orange.

    A box holds the middle half of the photos, its whiskers nine tenths. What reaches over several sizes has a logarithmic axis.
    """
    rows = list(dict.fromkeys(frame["row"]))
    left = text_px([shortened(row, 22) for row in rows]) + 12
    panel_px = len(rows) * 20 + 52
    wide_px = (WIDTH_PX - left - GAP_PX - 14) / 2  # the last tick may lie at the edge

    def paint(figure: Figure) -> None:
        for number, measure in enumerate(measures):
            column, row = number % 2, number // 2
            x, top = left + column * (wide_px + GAP_PX), 26 + row * panel_px
            ax = canvas.panel(figure, x, top, wide_px, panel_px - 52)
            _boxes(ax, frame, measure, {name: ORANGE if (name, measure) in strong else BLUE for name in rows})
            ax.set_yticks(range(len(rows)), [shortened(name, 22) for name in rows] if column == 0 else [""] * len(rows))

    return Drawing(key, -(-len(measures) // 2) * panel_px, paint)


def _boxes(ax: Axes, frame: pd.DataFrame, measure: str, colours: dict[str, str]) -> None:
    look = {"whis": (5, 95), "showfliers": False, "width": 0.6, "linewidth": 1, "linecolor": INK, "saturation": 1}
    order = {"order": list(colours), "hue_order": list(colours), "palette": colours, "legend": False}
    few, many = frame[measure].quantile([0.05, 0.95])
    wide = bool(measure in SIZES and many > 4 * few)
    sns.boxplot(frame, x=measure, y="row", hue="row", log_scale=wide, ax=ax, **order, **look)
    ax.set(xlabel="", ylabel="", ylim=(len(colours) - 0.4, -0.6))
    ax.set_title(measure, loc="left", fontweight="bold")
    (canvas.doubled_ticks if wide else canvas.real_ticks)(ax.xaxis, 3)
    ax.grid(axis="x")


def split_curves(frame: pd.DataFrame, splits: Sequence[str]) -> Drawing:
    """A panel per measure, a smoothed curve per split: how many photos have how much of it."""
    panel_px, wide_px = 128, (WIDTH_PX - GAP_PX) / 2

    def paint(figure: Figure) -> None:
        for number, measure in enumerate(MEASURES):
            x, top = number % 2 * (wide_px + GAP_PX), 54 + number // 2 * panel_px
            ax = canvas.panel(figure, x + 2, top, wide_px - 4, panel_px - 46)
            for split in splits:
                values = frame.loc[frame["split"] == split, measure].to_numpy()
                if np.ptp(values) > 0:
                    sns.kdeplot(values, ax=ax, color=SPLIT_COLOURS[split], linewidth=2, cut=0)
            ax.set(xlabel="", ylabel="", yticks=[])
            ax.set_title(measure, loc="left", fontweight="bold")
            canvas.real_ticks(ax.xaxis, 4)
            ax.grid(axis="x")
        canvas.line_legend(figure, {split: SPLIT_COLOURS[split] for split in splits})

    return Drawing("shift", 54 + 2 * panel_px, paint)


def mean_images(names: Sequence[str], images_KSSC: np.ndarray) -> Drawing:
    """One picture per class with its name below."""
    columns = min(len(names), next((n for n in (5, 4, 3) if len(names) % n == 0), 4))
    side_px = min((WIDTH_PX - (columns - 1) * 10) / columns, 150)
    rows = -(-len(names) // columns)
    cell_px = side_px + 30

    def paint(figure: Figure) -> None:
        for number, (name, image_SSC) in enumerate(zip(names, images_KSSC, strict=True)):
            x, top = number % columns * (side_px + 10), number // columns * cell_px
            ax = canvas.panel(figure, x, top, side_px, side_px)
            _picture(ax, np.clip(np.round(image_SSC), 0, 255).astype(np.uint8))
            ax.set_xlabel(shortened(name, int(side_px / 6)), fontsize=11, color=STRONG, labelpad=4, loc="left")

    return Drawing("means", rows * cell_px, paint)


def contact_sheet(names: Sequence[str], pictures: Sequence[Sequence[np.ndarray]]) -> Drawing:
    """A row of photos per class, its name above them."""
    most = max(len(row) for row in pictures)
    side_px = (2 * WIDTH_PX - (most - 1) * 4) / most
    side_px = min(side_px, 112)
    row_px = side_px + 28

    def paint(figure: Figure) -> None:
        for number, (name, row) in enumerate(zip(names, pictures, strict=True)):
            top = number * row_px + 20
            figure.text(
                0,
                1 - (top - 5) / (len(names) * row_px),
                name,
                fontsize=12,
                fontweight="bold",
                color=STRONG,
                va="bottom",
            )
            for column, picture in enumerate(row):
                x = column * (side_px + 4)
                _picture(
                    canvas.panel(figure, x, top, side_px, side_px),
                    picture,
                )

    return Drawing("examples", len(names) * row_px, paint, 2 * WIDTH_PX)


def _picture(ax: Axes, pixels_SSC: np.ndarray) -> None:
    ax.imshow(pixels_SSC, interpolation="none")
    ax.set(xticks=[], yticks=[])
