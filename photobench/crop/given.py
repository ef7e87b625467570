"""Boxes that the label table gives."""

from __future__ import annotations

import numpy as np
import pandas as pd

from photobench.crop.choose import Chosen
from photobench.crop.options import CropOptions
from photobench.errors import SourceError
from photobench.images import image_header
from photobench.records import GIVEN_COLUMNS, Box, Manifest


def given_boxes(manifest: Manifest, options: CropOptions) -> tuple[list[Chosen | None], list[str]]:
    """The box of each photo; None where its cells are empty. A box across the photo's edge is cut there, and counted.

    Raises:
        SourceError: cells that are no numbers, and empty or inverted boxes, each named with its row.
    """
    cells = manifest.frame[list(GIVEN_COLUMNS)]
    numbers_N4 = cells.apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    blank = (cells.isna() | (cells == "")).all(axis=1).to_numpy()
    corners_N4 = _corners(numbers_N4, options)
    _check(manifest, cells, corners_N4, blank, options)
    if options.box_unit == "px":
        corners_N4 = corners_N4 / np.tile(_sizes(manifest, ~blank), 2)
    inside_N4 = corners_N4.clip(0, 1)
    outside = ~blank & ((inside_N4[:, 2:] - inside_N4[:, :2]).min(axis=1) <= 0)
    crossing = ~blank & ~outside & (np.abs(inside_N4 - corners_N4).max(axis=1) > 1e-6)
    known = ~blank & ~outside & ~np.isnan(inside_N4).any(axis=1)
    chosen = [_chosen(corners) if is_known else None for corners, is_known in zip(inside_N4, known, strict=True)]
    return chosen, _notes(manifest, crossing, outside, blank)


def _chosen(corners_4: np.ndarray) -> Chosen:
    return Chosen(Box.of(corners_4, "given"), 1.0, 1)


def _corners(numbers_N4: np.ndarray, options: CropOptions) -> np.ndarray:
    """As x1 y1 x2 y2, in the unit of the table."""
    if options.box_form == "x1 y1 x2 y2":
        return numbers_N4
    return np.hstack([numbers_N4[:, :2], numbers_N4[:, :2] + numbers_N4[:, 2:]])


def _sizes(manifest: Manifest, wanted: np.ndarray) -> np.ndarray:
    """(N, 2) width and height of the upright photos, from their headers; NaN where not wanted or unreadable."""
    sizes_N2 = np.full((len(manifest), 2), np.nan)
    paths = manifest.frame["path"].tolist()
    for row in np.flatnonzero(wanted):
        sizes_N2[row] = image_header(manifest.root / paths[row]) or (np.nan, np.nan)
    return sizes_N2


def _check(
    manifest: Manifest, cells: pd.DataFrame, corners_N4: np.ndarray, blank: np.ndarray, options: CropOptions
) -> None:
    no_number = ~blank & np.isnan(corners_N4).any(axis=1)
    empty = ~blank & ~no_number & ((corners_N4[:, 2:] - corners_N4[:, :2]).min(axis=1) <= 0)
    problems = []
    if no_number.any():
        problems.append(f"{_rows(manifest, cells, no_number)} not four numbers")
    if empty.any():
        problems.append(f"{_rows(manifest, cells, empty)} empty or inverted boxes ({options.box_form} is expected)")
    if problems:
        raise SourceError(
            f"The box columns {', '.join(options.box_columns)} hold, {'; and '.join(problems)}. "
            "Correct them, leave all four empty where there is no box, or set crop.box_form."
        )


def _rows(manifest: Manifest, cells: pd.DataFrame, which: np.ndarray) -> str:
    rows = np.flatnonzero(which)
    named = []
    for row in rows[:3]:
        frame = manifest.frame.iloc[row]
        line = f"row {int(frame['table_row'])}, " if "table_row" in frame and frame["table_row"] >= 0 else ""
        named.append(f"{line}{frame['path']}: {' '.join(cells.iloc[row].fillna('—').astype(str))}")
    more = f", and {len(rows) - 3:,} more" if len(rows) > 3 else ""
    return f"in {len(rows):,} row{'s' if len(rows) > 1 else ''} ({'; '.join(named)}{more}),"


def _notes(manifest: Manifest, crossing: np.ndarray, outside: np.ndarray, blank: np.ndarray) -> list[str]:
    def about(which: np.ndarray, one: str, several: str, what: str) -> list[str]:
        if not which.any():
            return []
        first, num = manifest.frame["path"].iloc[int(which.argmax())], int(which.sum())
        return [f"{num:,} {one if num == 1 else several} {what}, for example {first}."]

    labelled = (manifest.frame["split"] != "predict").to_numpy()
    return [
        *about(crossing, "box", "boxes", "of the table across the photo's edge, cut there"),
        *about(outside, "box", "boxes", "of the table beside the photo, treated as nothing found"),
        *about(blank & labelled, "photo", "photos", "without a box in the table"),
    ]
