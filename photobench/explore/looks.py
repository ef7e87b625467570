"""Figures of what photos look like: measures by label and split, mean images, maps of embeddings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from photobench.explore import comparisons, map_words, photo_words
from photobench.explore.averages import ClassMeans
from photobench.explore.by_label import rows_by_label
from photobench.explore.figure import Figure
from photobench.explore.projection import METHODS, PhotoMap
from photobench.explore.settings import Settings
from photobench.explore.statistics import MEASURES
from photobench.records import SPLITS, Manifest

MAX_PANELS = 4


@dataclass(frozen=True)
class Seen:
    """What was measured of photos.

    Attributes:
        statistics: `path` and the measures, a row per photo.
        average: makes the mean image of each class, where they are asked for; None where no photo has a label.
        map: where photos lie; None where there is no backbone to ask.
    """

    statistics: pd.DataFrame
    average: Callable[[], ClassMeans | None] = lambda: None
    map: PhotoMap | None = None

    @cached_property
    def means(self) -> ClassMeans | None:
        return self.average()


def looks(manifest: Manifest, seen: Seen, settings: Settings) -> list[Figure]:
    """Those that there is data for, in reading order."""
    frame = comparisons.labelled_statistics(manifest, seen.statistics)
    found = [
        _light(manifest, frame, settings),
        _means(seen.means),
        _shift(manifest, frame, seen.map),
        *_maps(manifest, seen, settings),
    ]
    return [figure for figure in found if figure is not None]


def _light(manifest: Manifest, frame: pd.DataFrame, settings: Settings) -> Figure | None:
    if frame.empty:
        return None
    from photobench.explore import drawing

    names = [a.name for a in manifest.space.attributes]
    differences = comparisons.label_differences(frame, names)
    text, unusual = photo_words.about_light(frame, differences, settings)
    rows, strong = rows_by_label(manifest, frame, differences, MEASURES)
    drawn = drawing.class_boxes("light", rows, MEASURES, strong)
    return Figure("light", "Light, contrast, sharpness, colour", text, frame, drawn, unusual)


def _means(means: ClassMeans | None) -> Figure | None:
    if means is None:
        return None
    from photobench.explore import drawing

    text, unusual = photo_words.about_means(means.table)
    drawn = drawing.mean_images(means.names, means.images_KSSC)
    return Figure("means", "The mean image of each class", text, means.table, drawn, unusual)


def _shift(manifest: Manifest, frame: pd.DataFrame, photo_map: PhotoMap | None) -> Figure | None:
    table = comparisons.split_differences(frame)
    if table.empty:
        return None
    from photobench.explore import drawing

    told = comparisons.told_apart(photo_map, manifest) if photo_map else {}
    text, unusual = photo_words.about_shift(table, told)
    more = pd.DataFrame({"split": list(told), "measure": "what a backbone sees", "above": list(told.values())})
    shown = [split for split in SPLITS if (frame["split"] == split).sum() >= comparisons.FEWEST]
    data = pd.concat([table, more], ignore_index=True) if told else table
    return Figure(
        "shift", "Training photos against the others", text, data, drawing.split_curves(frame, shown), unusual
    )


def _maps(manifest: Manifest, seen: Seen, settings: Settings) -> list[Figure]:
    photo_map = seen.map
    if photo_map is None or len(photo_map.frame) < comparisons.FEWEST:
        return []
    from photobench.explore import drawing

    table = comparisons.agreement(photo_map, manifest)
    figures = []
    if len(table):
        has_room = comparisons.usual_cut_px(manifest) > settings.size_px
        text, unusual = map_words.about_overlap(table, photo_map.origin, settings, has_room)
        figures.append(
            Figure(
                "overlap",
                "Do photos that look alike have the same label",
                text,
                table,
                drawing.agreement_bars(table),
                unusual,
            )
        )
    labels = placed(manifest, photo_map)
    names = [a.name for a in manifest.space.attributes if labels[a.name].notna().any()][:MAX_PANELS] or ["split"]
    for method in (name for name in METHODS if name in photo_map.methods and name != "pca"):
        places = photo_map.places(method)
        data = labels.assign(x=places[:, 0], y=places[:, 1])
        text = map_words.about_map(method, len(data), int(manifest.usable().sum()), table)
        figures.append(
            Figure(method, f"The map by {METHODS[method]}", text, data, drawing.map_panels(method, data, names))
        )
    return [*figures, _components(photo_map, seen.statistics)]


def placed(manifest: Manifest, photo_map: PhotoMap) -> pd.DataFrame:
    """The photos of a map with what is known of them today: `path`, the attributes, `split`."""
    frame = manifest.frame[["path", *(a.name for a in manifest.space.attributes), "split"]]
    return photo_map.frame[["path"]].merge(frame, on="path", how="left")


def _components(photo_map: PhotoMap, statistics: pd.DataFrame) -> Figure:
    from photobench.explore import drawing

    measured = photo_map.frame[["path"]].merge(statistics, on="path", how="left")
    links = map_words.component_links(photo_map.components(), measured)
    text, unusual = map_words.about_pca(photo_map.explained_C, links)
    shares = pd.Series(photo_map.explained_C)
    data = pd.DataFrame({"component": range(1, len(shares) + 1), "share": shares, "together": shares.cumsum()})
    wide = (
        links.pivot_table(index="component", columns="measure", values="correlation") if len(links) else pd.DataFrame()
    )
    data = data.merge(wide, left_on="component", right_index=True, how="left") if len(wide) else data
    return Figure("pca", "Main components (PCA)", text, data, drawing.explained_curve(photo_map.explained_C), unusual)
