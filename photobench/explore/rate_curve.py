"""The curve of a learning rate range test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from photobench.explore import canvas
from photobench.explore.canvas import BLUE, INK, ORANGE, STRONG, TEAL

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = (ORANGE, TEAL)
ABOVE = 0.35
"""How much of the fall is shown above the beginning: a loss that explodes would flatten all that matters."""


def rate_curve(
    rates_N: np.ndarray,
    losses_N: np.ndarray,
    smooth_N: np.ndarray,
    marks: Mapping[str, float | None],
    configured: float,
) -> bytes:
    """A PNG: the loss of each step as a dot, the smoothed loss as a line, on it the rates in `marks`, and the configured one."""

    def paint(figure: Figure) -> None:
        ax = canvas.axes(figure, left=52, right=14, top=48, bottom=44)
        ax.set_xscale("log")
        ax.scatter(rates_N, losses_N, s=9, color=BLUE, alpha=0.3, linewidth=0)
        ax.plot(rates_N, smooth_N, color=BLUE, linewidth=2.2, solid_capstyle="round")
        ax.set(xlim=(rates_N[0], max(rates_N[-1], configured) * 1.3), ylim=_limits(smooth_N))
        ax.axvline(configured, color=STRONG, linewidth=1, dashes=(4, 3), zorder=1, label=f"train.lr {configured:g}")
        _mark(ax, rates_N, smooth_N, {name: rate for name, rate in marks.items() if rate is not None})
        canvas.power_ticks(ax.xaxis)
        canvas.real_ticks(ax.yaxis)
        ax.set_xlabel("learning rate (logarithmic scale)")
        ax.grid(axis="y")
        figure.text(0.014, 0.955, "Loss at a rising learning rate", fontweight="bold", fontsize=13, color=INK, va="top")

    return canvas.Drawing("rates", 300, paint).png()


def _mark(ax: Axes, rates_N: np.ndarray, smooth_N: np.ndarray, marks: Mapping[str, float]) -> None:
    """A point on the curve for each, with a line up to its name."""
    for (name, rate), colour in zip(marks.items(), COLOURS, strict=False):
        loss = float(np.interp(np.log(rate), np.log(rates_N), smooth_N))
        ax.plot(
            [rate],
            [loss],
            marker="o",
            markersize=9,
            linestyle="none",
            color=colour,
            markeredgecolor="white",
            zorder=4,
            label=f"{name} {rate:g}",
        )
    ax.legend(loc="lower left", bbox_to_anchor=(-0.05, 0.99), ncols=3, fontsize=10.5, handlelength=1.2, handletextpad=0.4,
              borderpad=0, columnspacing=1.2)  # fmt: skip


def _limits(smooth_N: np.ndarray) -> tuple[float, float]:
    """From below the lowest to a little above the beginning."""
    lowest, begin = float(smooth_N.min()), float(smooth_N[: max(len(smooth_N) // 4, 1)].max())
    fall = max(begin - lowest, 0.05 * abs(begin))
    return lowest - 0.2 * fall, begin + ABOVE * fall
