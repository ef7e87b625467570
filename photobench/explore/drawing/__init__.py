"""Tables as drawings. The only package that imports seaborn."""

from photobench.explore.drawing.counts import (
    class_bars,
    count_heatmap,
    curves,
    group_histogram,
    share_bars,
    size_scatter,
)
from photobench.explore.drawing.diversity import error_heatmap
from photobench.explore.drawing.leaderboard import leaderboard_scatter
from photobench.explore.drawing.maps import agreement_bars, explained_curve, map_panels
from photobench.explore.drawing.photos import class_boxes, contact_sheet, mean_images, split_curves
from photobench.explore.drawing.trust import reliability

__all__ = [
    "agreement_bars",
    "class_bars",
    "class_boxes",
    "contact_sheet",
    "count_heatmap",
    "curves",
    "error_heatmap",
    "explained_curve",
    "group_histogram",
    "leaderboard_scatter",
    "map_panels",
    "mean_images",
    "reliability",
    "share_bars",
    "size_scatter",
    "split_curves",
]
