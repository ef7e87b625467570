"""The surface that figures are drawn on, and their look. The only module that imports matplotlib.

Everything is drawn on a `matplotlib.figure.Figure` of its own, never through pyplot, and settings hold only
while one figure is drawn: a notebook's own style and open figures stay as they are. One unit of the SVG is
one
CSS pixel. Text stays text (`svg.fonttype` "none"), so that the reader's own fonts show any script.
"""

from __future__ import annotations

import io
import re
import threading
import unicodedata
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib.style
import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullLocator

WIDTH_PX = 460
INK, STRONG, RULE, PAPER = "#5f6b79", "#5f6b78", "#a9b1ba", "#fefefd"
"""Stand-ins, replaced in the SVG by CSS variables, so that the page decides."""

BLUE, ORANGE, TEAL, PURPLE, PINK, OLIVE = "#3f7ac2", "#cf7f22", "#2b9481", "#9a70c0", "#c2608f", "#84892f"
PALETTE = (BLUE, ORANGE, TEAL, PURPLE, PINK, OLIVE)
"""seaborn's "colorblind", brought to a contrast of 3 or more on white and on near-black."""

HEAT = "#2b5f9e"
WHITE_TEXT_FROM = 0.7
"""Share of the darkest cell from which its text is white; the opacity jumps there, so that both texts are legible."""

_LOCK = threading.Lock()
_SIDES = ("left", "top", "right", "bottom")
_STYLE: dict[str, Any] = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.size": 12,
    "axes.labelsize": 12,
    "axes.titlesize": 12,
    "xtick.labelsize": 11,
    "ytick.labelsize": 12,
    "legend.fontsize": 12,
    "legend.frameon": False,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": RULE,
    "axes.axisbelow": True,
    "grid.color": RULE,
    "grid.linewidth": 0.5,
    "grid.alpha": 0.6,
    **{f"axes.spines.{side}": False for side in _SIDES},
    **{f"{axis}tick.color": INK for axis in "xy"},
    **{f"{axis}tick.{kind}.size": 0 for axis in "xy" for kind in ("major", "minor")},
    **{f"{what}.facecolor": "none" for what in ("axes", "figure", "savefig")},
}
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_EAST_ASIAN = (
    "Noto Sans CJK KR",
    "NanumGothic",
    "Malgun Gothic",
    "Apple SD Gothic Neo",
    "Noto Sans CJK JP",
    "Arial Unicode MS",
)
_NO_METADATA = {"Creator": None, "Date": None, "Format": None, "Type": None}


@dataclass(frozen=True)
class Drawing:
    """Something to be drawn: `paint` puts it on an empty figure. What is drawn twice is the same, byte for byte."""

    key: str
    height_px: float
    paint: Callable[[Figure], None]
    width_px: float = WIDTH_PX

    def svg(self) -> str:
        """An SVG document for inline use. Its ids start with `fig-{key}`."""
        with _settings(self.key):
            figure = Figure(figsize=(self.width_px / 72, self.height_px / 72), dpi=72)
            self.paint(figure)
            sink = io.StringIO()
            FigureCanvasSVG(figure).print_svg(sink, metadata=_NO_METADATA)
        return _tidy(sink.getvalue(), f"fig-{self.key}")

    def png(self) -> bytes:
        """The same on white paper, for a file that is opened by itself: three of its pixels for one of the page."""
        with _settings(self.key, {"font.family": _families()}):
            figure = Figure(figsize=(self.width_px / 72, self.height_px / 72), dpi=3 * 72, facecolor="white")
            self.paint(figure)
            sink = io.BytesIO()
            figure.savefig(sink, format="png", dpi="figure", facecolor="white", metadata={"Software": None})
        return sink.getvalue()


def axes(figure: Figure, left: float, right: float, top: float, bottom: float) -> Axes:
    """Axes with margins in pixels; a very long left label is cut rather than the plot squeezed out."""
    width, height = figure.get_figwidth() * 72, figure.get_figheight() * 72
    left = min(left, width * 0.6)
    inner = (max(width - left - right, 40), max(height - top - bottom, 10))
    return figure.add_axes((left / width, bottom / height, inner[0] / width, inner[1] / height))


def panel(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Axes at a place in pixels from the upper left corner, for figures of several parts."""
    across, down = figure.get_figwidth() * 72, figure.get_figheight() * 72
    return figure.add_axes((left / across, 1 - (top + height) / down, width / across, height / down))


def line_legend(figure: Figure, colours: Mapping[str, str]) -> None:
    """What each line is, above the whole figure."""
    handles = [Line2D([], [], color=colour, linewidth=3) for colour in colours.values()]
    look: dict[str, Any] = {
        "loc": "upper left",
        "ncols": len(colours),
        "borderpad": 0,
        "borderaxespad": 0.2,
        "handlelength": 1.2,
    }
    figure.legend(handles, list(colours), **look)


def height_px(ax: Axes) -> float:
    """The height of the axes."""
    return ax.get_position().height * ax.get_figure(root=True).get_figheight() * 72  # type: ignore[union-attr]


def text_px(labels: Sequence[str]) -> float:
    """A safe width of the longest label at 12 px in any system font: East Asian glyphs take a full em."""
    widths = [sum(12.2 if unicodedata.east_asian_width(c) in "WF" else 6.7 for c in text) for text in labels]
    return max(widths, default=0.0)


def heat(weakest: str) -> LinearSegmentedColormap:
    """From almost nothing (two hex digits of opacity) to the full colour; the page shows through."""
    jump = (WHITE_TEXT_FROM - 1e-4, f"{HEAT}a0"), (WHITE_TEXT_FROM, f"{HEAT}dc")
    return LinearSegmentedColormap.from_list("heat", [(0.0, f"{HEAT}{weakest}"), *jump, (1.0, f"{HEAT}ff")], N=1024)


def whole_ticks(axis: Any, number: int = 5) -> None:
    """A few round whole numbers, with commas."""
    axis.set_major_locator(MaxNLocator(number, integer=True, min_n_ticks=1))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))


def real_ticks(axis: Any, number: int = 5) -> None:
    """A few round numbers, without zeros at their end."""
    axis.set_major_locator(MaxNLocator(number, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.4g}"))


def share_ticks(axis: Any) -> None:
    """Of a share between 0 and 1, in percent."""
    axis.set_major_locator(FixedLocator((0, 0.25, 0.5, 0.75, 1)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.0f} %"))


def doubled_ticks(axis: Any, number: int = 5) -> None:
    """A few powers of two of a logarithmic axis, with commas."""
    axis.set_major_locator(LogLocator(base=2, numticks=number + 1))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.4g}"))
    axis.set_minor_locator(NullLocator())


def power_ticks(axis: Any) -> None:
    """The powers of ten of a logarithmic axis: 10⁻⁴."""
    axis.set_major_locator(LogLocator(numticks=12))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"10{f'{np.log10(value):.0f}'.translate(_RAISED)}"))
    axis.set_minor_locator(NullLocator())


@contextmanager
def _settings(key: str, more: Mapping[str, Any] | None = None) -> Iterator[None]:
    """matplotlib's settings are global: ours hold inside a lock and are put back."""
    style = matplotlib.style.context(["default", {**_STYLE, "svg.hashsalt": key, **(more or {})}])
    with _LOCK, warnings.catch_warnings(), style:
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield


def _families() -> list[str]:
    """The first font of matplotlib's, and after it those installed here that have East Asian letters."""
    here = set(font_manager.get_font_names())
    return ["DejaVu Sans", *(name for name in _EAST_ASIAN if name in here)]


def _tidy(svg: str, key: str) -> str:
    """A document for inline use: no prolog, no metadata, ids of its own, the page's fonts and greys."""
    svg = svg[svg.index("<svg") :].strip()
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", svg, flags=re.S)
    svg = svg.replace("xlink:href", "href")
    head = f'<svg xmlns="http://www.w3.org/2000/svg" id="{key}" '
    size = r'width="\1" height="\2" viewBox="0 0 \1 \2">'
    svg = re.sub(r'<svg [^>]*?viewBox="0 0 ([\d.]+) ([\d.]+)"[^>]*>', head + size, svg, count=1)
    svg = re.sub(r' id="(?!fig-)([^"]+)"', rf' id="{key}-\1"', svg)
    svg = re.sub(r'(url\(|href=")#', rf"\g<1>#{key}-", svg)
    svg = re.sub(r"font: ([^;\"]*?)([\d.]+px) [^;\"]+", _font, svg)
    svg = svg.replace(STRONG, "var(--figure-strong, currentColor)").replace(PAPER, "var(--figure-paper, none)")
    svg = svg.replace(INK, f"var(--figure-ink, {INK})").replace(RULE, f"var(--figure-rule, {RULE})")
    return re.sub(r"\n\s*", "\n", svg)


def _font(match: re.Match[str]) -> str:
    weight = match[1].strip()
    bold = f"; font-weight: {weight}" if weight else ""
    return f"font-size: {match[2]}{bold}; font-family: var(--figure-font, system-ui, sans-serif)"
