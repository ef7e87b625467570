"""The map of photos as a page shows it: points, their colours, and all photos in one picture.

Shape legend: N points, T side of a tile in pixels.
"""

from __future__ import annotations

import base64
import io
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup
from PIL import Image

from photobench.errors import PhotobenchError
from photobench.explore.comparisons import rows_on
from photobench.explore.looks import placed
from photobench.explore.projection import METHODS, PhotoMap
from photobench.report.inputs import ReportInputs, Thumbnail

MAX_POINTS = 3_000
SMALLEST_PX, LARGEST_PX, SHEET_PIXELS = 48, 96, 7_000_000
"""A tile is as large as all of them leave room for: the sheet stays below a few megabytes."""
QUALITY = 70
MAX_VALUES = 12
"""Colours that can be told apart; where there are more values, the least frequent ones are one."""
OTHERS = "others"


@dataclass(frozen=True)
class MapView:
    """What the template shows: the data of the script as JSON, the sheet of photos, and a sentence."""

    data: Markup
    sheet: str  # a data: URI
    words: str
    num_points: int
    methods: list[str]
    colours: list[str]


def view(inputs: ReportInputs) -> MapView | None:
    """None where there is no map, or none of its photos is there any more."""
    photo_map = inputs.seen.map if inputs.seen else None
    if photo_map is None or inputs.thumbnail is None:
        return None
    rows = _shown(inputs, photo_map)
    if len(rows) < 2:
        return None
    labels = _labels(inputs, photo_map).iloc[rows].reset_index(drop=True)
    tile_px = int(np.clip(np.sqrt(SHEET_PIXELS / len(rows)), SMALLEST_PX, LARGEST_PX))
    columns = int(np.ceil(np.sqrt(len(rows))))
    colours = [_coded(name, labels[name]) for name in labels if name != "path" and labels[name].notna().any()]
    data = {
        "tile": tile_px,
        "columns": columns,
        "paths": labels["path"].tolist(),
        "methods": [
            {"name": METHODS[key], **_unit(photo_map.places(key)[rows], turn=key != "pca")} for key in photo_map.methods
        ],
        "colours": colours,
    }
    total = int(inputs.manifest.usable().sum())
    words = f"{len(rows):,} photos" if len(rows) >= total else f"{len(rows):,} of {total:,} photos, drawn by lot"
    sheet = _sheet(inputs.thumbnail, labels["path"].tolist(), tile_px, columns)
    return MapView(
        _json(data), sheet, f"{words}, placed by what they look like to {photo_map.origin}.", len(rows),
        [METHODS[key] for key in photo_map.methods], [colour["name"] for colour in colours],
    )  # fmt: skip


def _shown(inputs: ReportInputs, photo_map: PhotoMap) -> np.ndarray:
    """Rows of the map that are still among the photos; where there are too many, those with a finding or a mistake first."""
    here = np.flatnonzero(rows_on(photo_map, inputs.manifest) >= 0)
    path_N = photo_map.frame["path"].to_numpy()[here]
    wrong = {path for path, said in _judged(inputs).items() if said == "mistake"}
    telling = np.array([path in wrong or path in inputs.findings for path in path_N], dtype=bool)
    order = np.random.default_rng(0).permutation(len(here))
    order = order[np.argsort(~telling[order], kind="stable")]
    return np.sort(here[order[:MAX_POINTS]])


def _labels(inputs: ReportInputs, photo_map: PhotoMap) -> pd.DataFrame:
    """Everything that points can be coloured by, a column each; missing where nothing is known."""
    labels = placed(inputs.manifest, photo_map)
    judged = _judged(inputs)
    labels["split"] = labels["split"].replace("", np.nan)
    labels["answer"] = labels["path"].map(judged)
    labels["finding"] = labels["path"].map(dict(inputs.findings))
    return labels


def _judged(inputs: ReportInputs) -> dict[str, str]:
    """Of photos with a known label that a run was asked about: right, or a mistake."""
    frame = inputs.manifest.frame
    truth = dict(zip(frame["path"], inputs.manifest.classes(), strict=True))
    judged: dict[str, str] = {}
    for predictions in inputs.predictions.values():
        for path, said in zip(predictions.paths, predictions.classes(), strict=True):
            if said >= 0 and truth.get(path, -1) >= 0:
                judged[path] = "right" if said == truth[path] else "mistake"
    return judged


def _coded(name: str, column: pd.Series) -> dict[str, Any]:
    """Names and codes of a column; −1 where nothing is known."""
    counts = column.dropna().astype(str).value_counts()
    kept = sorted(counts.index[: MAX_VALUES if len(counts) <= MAX_VALUES else MAX_VALUES - 1])
    values = [*kept, OTHERS] if len(counts) > MAX_VALUES else kept
    code_of = {value: code for code, value in enumerate(values)}
    rest = len(values) - 1 if len(counts) > MAX_VALUES else -1
    codes = [-1 if pd.isna(value) else code_of.get(str(value), rest) for value in column]
    return {"name": name, "values": values, "codes": codes, "others": len(counts) > MAX_VALUES}


def _unit(places_N2: np.ndarray, turn: bool) -> dict[str, list[float]]:
    """The longer side from 0 to 1, proportions kept. A map that has no axes is turned so that the longer side lies flat."""
    centred_N2 = places_N2 - places_N2.mean(axis=0)
    if turn:
        axes_22 = np.linalg.eigh(centred_N2.T @ centred_N2)[1][:, ::-1]
        centred_N2 = centred_N2 @ (axes_22 * np.sign(axes_22.sum(axis=0)))
    low, high = centred_N2.min(axis=0), centred_N2.max(axis=0)
    unit_N2 = 0.5 + (centred_N2 - (low + high) / 2) / max(float((high - low).max()), 1e-9)
    return {"x": unit_N2[:, 0].round(4).tolist(), "y": unit_N2[:, 1].round(4).tolist()}


def _sheet(thumbnail: Thumbnail, paths: list[str], tile_px: int, columns: int) -> str:
    """All photos in rows of tiles, in their order."""
    sheet = Image.new("RGB", (columns * tile_px, -(-len(paths) // columns) * tile_px), (128, 128, 128))
    for number, path in enumerate(paths):
        try:
            tile = Image.fromarray(np.ascontiguousarray(thumbnail(path)))
        except (PhotobenchError, OSError):
            continue
        tile = tile.resize(
            (tile_px, tile_px), Image.Resampling.BOX if tile.width >= 2 * tile_px else Image.Resampling.BICUBIC
        )
        sheet.paste(tile, (number % columns * tile_px, number // columns * tile_px))
    sink = io.BytesIO()
    sheet.save(sink, "WEBP", quality=QUALITY, method=2)
    return f"data:image/webp;base64,{base64.b64encode(sink.getvalue()).decode()}"


def _json(data: dict[str, Any]) -> Markup:
    """JSON that stands in a page: nothing in it can end the element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"))
