"""The boxes of the project's photos: found, shown, taken out as a table, and taken back in as people's decisions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np

from photobench.crop.table import Changes, changed_boxes, parse_boxes, write_boxes
from photobench.crop.words import box_counts
from photobench.errors import PhotobenchError, SourceError, did_you_mean
from photobench.images import read_photo
from photobench.progress import say
from photobench.records import BOX, Box, Manifest
from photobench.report import ReportInputs, build_crop_sheet
from photobench.sources.reading import read_table
from photobench.workflow.bench import Bench
from photobench.workflow.photos.preparing import boxes, project_way
from photobench.workflow.signing import sign
from photobench.workspace import disk_errors, write_atomic


def crop(bench: Bench) -> Manifest:
    """The photos with their boxes. Photos are looked at only where that was not done before."""
    manifest = boxes(bench, project_way(bench)).manifest
    say(f"crop: {box_counts(manifest)}")
    return manifest


def crop_sheet(bench: Bench, manifest: Manifest) -> Path:
    """crop.html: photos with their boxes, the misses and the doubtful ones first."""
    if bench.options.crop.method == "none":
        raise PhotobenchError('Nothing is cropped: crop.method is "none". Choose one: photobench list detectors')
    inputs = ReportInputs(
        title=bench.workspace.root.name, manifest=manifest, overview=overview(manifest), crop=bench.options.crop
    )
    bench.workspace.write(bench.workspace.crop_sheet, build_crop_sheet(inputs))
    return bench.workspace.crop_sheet


def overview(manifest: Manifest) -> Callable[[str], np.ndarray]:
    """Whole photos by their path, upright, small."""
    return lambda path: read_photo(manifest.root / path, min_side_px=128).pixels


def export_boxes(manifest: Manifest, out: Path) -> int:
    """Every photo that can be read with its box in pixels, as a CSV file. Returns how many."""
    data = write_boxes(manifest)
    with disk_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(out, data)
    return data.count(b"\n") - 1


def import_boxes(bench: Bench, table: Path) -> str:
    """Take over the boxes of a table that differ from those that stand; says how many. They are decisions: they win, and stay.

    Raises:
        SourceError: the table has mistakes (all are named); nothing is taken over.
    """
    if not table.is_file():
        siblings = [path.name for path in table.parent.glob("*.csv")] if table.parent.is_dir() else []
        raise SourceError(f"There is no table of boxes {table}.{did_you_mean(table.name, siblings)}")
    manifest = boxes(bench, project_way(bench)).manifest
    decided = bench.workspace.decided(BOX)
    rows = parse_boxes(read_table(table), table, manifest)
    changes = changed_boxes(manifest, rows, set(decided))
    old = dict(zip(manifest.frame["path"], manifest.boxes(), strict=True))
    bench.workspace.add_decisions(
        sign(path, BOX, _plain(old[path]), _plain(new) if new else None, f"from {table.name}")
        for path, new in changes.boxes.items()
    )
    return _told(changes)


def _told(changes: Changes) -> str:
    """What was taken over, in words."""
    set_now = sum(1 for new in changes.boxes.values() if new)
    taken_back = len(changes.boxes) - set_now
    parts = [f"{set_now:,} {'box' if set_now == 1 else 'boxes'} set"]
    if taken_back:
        parts.append(f"{taken_back:,} taken back")
    if changes.num_clipped:
        parts[-1] += f" ({changes.num_clipped:,} of them across the photo's edge, cut there)"
    if changes.num_unread:
        whose = (
            "1 row passed over, whose photo"
            if changes.num_unread == 1
            else f"{changes.num_unread:,} rows passed over, whose photos"
        )
        parts.append(f"{whose} cannot be read: photobench list problems")
    return ", ".join(parts)


def _plain(box: Box) -> dict[str, float]:
    return {name: value for name, value in asdict(box).items() if name != "how"}
