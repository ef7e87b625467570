"""Boxes as a table for people: CSV, in pixels of the upright photo."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from photobench.errors import SourceError
from photobench.images import image_header
from photobench.records import Box, Manifest
from photobench.words import examples

CORNERS = ["x1", "y1", "x2", "y2"]
HALF_A_PIXEL, HALF_THE_LAST_DIGIT = 0.5, 0.05
MAX_NAMED = 5


def write_boxes(manifest: Manifest) -> bytes:
    """Columns: path, x1, y1, x2, y2, angle, how, score, width, height. A photo that cannot be read is left out."""
    rows = []
    for path, box, score, size in zip(
        manifest.frame["path"], manifest.boxes(), manifest.frame["box_score"], _sizes(manifest), strict=True
    ):
        if size is not None:
            corners = [round(value * side, 1) for value, side in zip(box.corners, 2 * size, strict=True)]
            rows.append((path, *corners, box.angle, box.how, score, *size))
    columns = ["path", *CORNERS, "angle", "how", "score", "width", "height"]
    return pd.DataFrame(rows, columns=columns).to_csv(index=False, float_format="%g").encode("utf-8")


def parse_boxes(raw: pd.DataFrame, table: Path, manifest: Manifest) -> pd.DataFrame:
    """The rows of a table as boxes: columns path, x1, y1, x2, y2, angle, as numbers; NaN where a cell is empty.

    All four corners are, or none. An angle that is empty, or has no column, stays as it stands.

    Raises:
        SourceError: it is no such table, or has rows that are no boxes or name no photo (all are named).
    """
    missing = [name for name in ("path", *CORNERS) if name not in raw.columns]
    if missing:
        raise SourceError(
            f"{table} has no column {', '.join(missing)}. It needs path, x1, y1, x2 and y2, as photobench crop --export writes it."
        )
    frame = pd.DataFrame({"path": raw["path"].astype(str)}, index=raw.index)
    for name in CORNERS:
        frame[name] = _numbers(raw[name])
    frame["angle"] = _numbers(raw["angle"]) if "angle" in raw else np.nan
    blank = raw[CORNERS].isna().all(axis=1)
    _check(table, raw, frame, blank, set(manifest.frame["path"]))
    return frame


def _numbers(column: pd.Series) -> np.ndarray:
    """NaN where a cell is empty or no number."""
    return pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)


def _check(table: Path, raw: pd.DataFrame, frame: pd.DataFrame, blank: pd.Series, known: set[str]) -> None:
    no_number = ~blank & frame[CORNERS].isna().any(axis=1)
    no_angle = raw["angle"].notna() & frame["angle"].isna() if "angle" in raw else pd.Series(False, index=raw.index)
    inverted = ~blank & ~no_number & ((frame["x2"] <= frame["x1"]) | (frame["y2"] <= frame["y1"]))
    problems = [
        *_rows(raw, ~frame["path"].isin(known), "with no photo of the project"),
        *_rows(raw, no_number, "without four numbers"),
        *_rows(raw, inverted, "with an empty or inverted box"),
        *_rows(raw, no_angle, "with an angle that is no number", "angle"),
        *_rows(raw, frame["path"].duplicated(), "with a photo that is named before"),
    ]
    if problems:
        raise SourceError(f"{table}: " + "; ".join(problems) + ". Correct them; nothing was taken over.")


def _rows(raw: pd.DataFrame, which: pd.Series, what: str, *more_columns: str) -> list[str]:
    if not which.any():
        return []
    named = [
        f"row {row}: {' '.join(str(raw.loc[row, c]) for c in ('path', *CORNERS, *more_columns))}"
        for row in raw.index[which][:MAX_NAMED]
    ]
    more = f", and {int(which.sum()) - MAX_NAMED:,} more" if which.sum() > MAX_NAMED else ""
    return [f"{int(which.sum()):,} row{'s' if which.sum() > 1 else ''} {what} ({'; '.join(named)}{more})"]


class Changes(NamedTuple):
    """What of a table differs from the boxes that stand."""

    boxes: dict[str, Box | None]  # by path; None takes back what was decided
    num_clipped: int  # of them reached beyond their photo
    num_unread: int  # rows whose photo cannot be read: it keeps the box that it has


def changed_boxes(manifest: Manifest, table: pd.DataFrame, decided: set[str]) -> Changes:
    """Compare a table with the boxes that stand. Empty cells take back what was decided.

    Raises:
        SourceError: boxes lie beside their photos (they are named).
    """
    sizes = dict(zip(manifest.frame["path"], _sizes(manifest), strict=True))
    boxes = dict(zip(manifest.frame["path"], manifest.boxes(), strict=True))
    changes: dict[str, Box | None] = {}
    clipped, unread, beside = 0, 0, []
    for row in table.itertuples(index=False):
        size, old = sizes[row.path], boxes[row.path]
        if np.isnan(row.x1):
            changes |= {row.path: None} if row.path in decided else {}
        elif size is None:
            unread += 1
        else:
            corners = np.array([row.x1, row.y1, row.x2, row.y2]) / np.array(2 * size)
            new = Box.of(corners.clip(0, 1), "decided", old.angle if np.isnan(row.angle) else row.angle)
            if new.x2 <= new.x1 or new.y2 <= new.y1:
                beside.append(f"{row.path} of {size[0]} × {size[1]} px")
            elif _differs(new, old, size):
                clipped += int(np.abs(np.array(new.corners) - corners).max() > 0)
                changes[row.path] = new
    if beside:
        named = examples(beside, MAX_NAMED, "; ")
        raise SourceError(f"These boxes lie beside their photos: {named}. Correct them; nothing was taken over.")
    return Changes(changes, clipped, unread)


def _differs(new: Box, old: Box, size: tuple[int, int]) -> bool:
    """By more than what is lost in a table."""
    moved = np.abs((np.array(new.corners) - old.corners) * np.array(2 * size)).max() > HALF_A_PIXEL
    return bool(moved or abs(new.angle - old.angle) > HALF_THE_LAST_DIGIT)


def _sizes(manifest: Manifest) -> list[tuple[int, int] | None]:
    return [image_header(manifest.root / path) for path in manifest.frame["path"]]
