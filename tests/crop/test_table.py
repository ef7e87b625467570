"""Boxes out to a table and back."""

from __future__ import annotations

from dataclasses import astuple
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from photobench.crop.table import Changes, changed_boxes, parse_boxes, write_boxes
from photobench.errors import SourceError
from photobench.records import BOX_COLUMNS, Attribute, Box, ClassSpace, Manifest
from photobench.sources.reading import read_table
from tests.crop.blocks import draw_block

BOXES = {
    "안나/한 장, zwei.png": Box(0.1234567, 0.25, 0.75, 0.5, 0.0, "found"),
    "b.png": Box(1 / 3, 0.1, 2 / 3, 0.9, -12.3, "found"),
    "c.png": Box(0.15, 0.15, 0.85, 0.85, 0.0, "median"),
    "turned.jpg": Box(0.5, 0.5, 0.75, 0.75, 0.0, "decided"),
}


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    """Four photos of 120 × 80 px, upright."""
    root = tmp_path / "photos"
    for seed, path in enumerate(BOXES):
        draw_block(root / path, None, seed=seed, orientation=6 if path == "turned.jpg" else 1)
    boxes = pd.DataFrame(map(astuple, BOXES.values()), columns=list(BOX_COLUMNS))
    frame = pd.DataFrame({"path": list(BOXES), "label": "a", "group": "g", "split": "", "reason": ""}).join(boxes)
    return Manifest(
        frame.assign(box_score=[0.9123, 0.5, np.nan, 1.0]), ClassSpace((Attribute("label", ("a", "b")),)), root
    )


@pytest.fixture
def table(manifest: Manifest, tmp_path: Path) -> Path:
    path = tmp_path / "boxes.csv"
    path.write_bytes(write_boxes(manifest))
    return path


DECIDED = {"turned.jpg"}


def changes(manifest: Manifest, table: Path) -> Changes:
    return changed_boxes(manifest, parse_boxes(read_table(table), table, manifest), DECIDED)


def edit(table: Path, path: str, **cells: object) -> None:
    """As a person does it in a spreadsheet."""
    frame = pd.read_csv(table, dtype=str)
    for column, value in cells.items():
        frame.loc[frame["path"] == path, column] = value if value is None else str(value)
    frame.to_csv(table, index=False)


def rows(table: Path, *lines: str) -> None:
    table.write_text("path,x1,y1,x2,y2,angle\n" + "\n".join(lines) + "\n")


def test_the_table_is_in_pixels_of_the_upright_photo(table: Path) -> None:
    frame = pd.read_csv(table).set_index("path")
    columns = ["x1", "y1", "x2", "y2", "angle", "how", "score", "width", "height"]
    assert frame.columns.tolist() == columns
    assert frame.loc["turned.jpg"].tolist() == [60, 40, 90, 60, 0, "decided", 1, 120, 80]
    assert frame.loc["b.png"].tolist() == [40, 8, 80, 72, -12.3, "found", 0.5, 120, 80]
    assert frame["x1"].iloc[0] == 14.8


def test_nothing_changed_is_no_change(manifest: Manifest, table: Path) -> None:
    assert changes(manifest, table) == ({}, 0, 0)


def test_a_table_that_a_spreadsheet_has_saved_is_no_change(manifest: Manifest, table: Path) -> None:
    """Semicolons, a byte order mark, its own way to write numbers, other columns in between."""
    frame = pd.read_csv(table)
    frame.insert(1, "checked", "yes")
    frame.to_csv(table, index=False, sep=";", encoding="utf-8-sig", float_format="%.2f")
    assert changes(manifest, table) == ({}, 0, 0)


def test_only_what_was_changed_is_taken(manifest: Manifest, table: Path) -> None:
    edit(table, "b.png", x1=30)
    edit(table, "안나/한 장, zwei.png", x1=15.1)  # less than half a pixel: no more than a table rounds away
    found, clipped, _ = changes(manifest, table)
    assert list(found) == ["b.png"]
    assert found["b.png"] == Box(0.25, pytest.approx(0.1), pytest.approx(2 / 3), pytest.approx(0.9), -12.3, "decided")
    assert clipped == 0


def test_a_box_drawn_where_nothing_was_found_is_taken(manifest: Manifest, table: Path) -> None:
    edit(table, "c.png", x1=0, y1=0, x2=60, y2=40)
    assert changes(manifest, table)[0] == {"c.png": Box(0, 0, 0.5, 0.5, 0.0, "decided")}


def test_an_angle_alone_is_a_change(manifest: Manifest, table: Path) -> None:
    edit(table, "b.png", angle=0)
    (box,) = changes(manifest, table)[0].values()
    assert box is not None
    assert box.angle == 0


def test_a_table_without_angles_leaves_them_as_they_are(manifest: Manifest, table: Path) -> None:
    edit(table, "b.png", x1=30)
    pd.read_csv(table).drop(columns="angle").to_csv(table, index=False)
    found = changes(manifest, table)[0]
    assert list(found) == ["b.png"]
    assert found["b.png"] is not None
    assert found["b.png"].angle == -12.3


def test_empty_cells_take_back_what_was_decided_and_nothing_else(manifest: Manifest, table: Path) -> None:
    for path in ("turned.jpg", "b.png"):
        edit(table, path, x1=None, y1=None, x2=None, y2=None)
    assert changes(manifest, table) == ({"turned.jpg": None}, 0, 0)


def test_a_part_of_the_table_is_enough(manifest: Manifest, table: Path) -> None:
    rows(table, "c.png,0,0,60,40,")
    assert changes(manifest, table)[0] == {"c.png": Box(0, 0, 0.5, 0.5, 0.0, "decided")}


def test_a_box_across_the_edge_is_cut_there_and_counted(manifest: Manifest, table: Path) -> None:
    edit(table, "c.png", x1=-20, y2=100)
    found, clipped, _ = changes(manifest, table)
    assert found["c.png"] == Box(0, pytest.approx(0.15), pytest.approx(0.85), 1, 0.0, "decided")
    assert clipped == 1


def test_what_was_cut_and_taken_is_no_change_the_next_time(manifest: Manifest, table: Path) -> None:
    edit(table, "c.png", x1=-20, y2=100)
    box = changes(manifest, table)[0]["c.png"]
    assert box is not None
    taken = manifest.frame.set_index("path")
    taken.loc["c.png", list(BOX_COLUMNS)] = list(astuple(box))
    assert changes(manifest.with_columns(**{c: taken[c].to_numpy() for c in BOX_COLUMNS}), table) == ({}, 0, 0)


def test_boxes_beside_their_photos_are_all_named(manifest: Manifest, table: Path) -> None:
    rows(table, "c.png,130,0,160,40,0", "b.png,0,80,20,99,0", "turned.jpg,0,0,60,40,0")
    with pytest.raises(SourceError) as raised:
        changes(manifest, table)
    said = str(raised.value)
    assert "c.png of 120 × 80 px; b.png of 120 × 80 px." in said
    assert "turned" not in said
    assert "nothing was taken over" in said


def test_all_mistakes_are_named_with_their_rows(manifest: Manifest, table: Path) -> None:
    lines = [
        *("gone.png,0,0,9,9,0", "b.png,left,0,9,9,0", "c.png,9,0,3,9,0", "turned.jpg,0,0,9,9,steep"),
        *("안나/한 장.png,0,0,9,9,0", "b.png,0,0,9,9,0", "c.png,,0,9,9,0"),
    ]
    rows(table, *lines)
    with pytest.raises(SourceError) as raised:
        changes(manifest, table)
    said = str(raised.value)
    assert "2 rows with no photo of the project (row 2: gone.png 0 0 9 9; row 6: 안나/한 장.png 0 0 9 9)" in said
    assert "2 rows without four numbers (row 3: b.png left 0 9 9; row 8: c.png" in said
    assert "1 row with an empty or inverted box (row 4: c.png 9 0 3 9)" in said
    assert "1 row with an angle that is no number (row 5: turned.jpg 0 0 9 9 steep)" in said
    assert "2 rows with a photo that is named before (row 7: b.png 0 0 9 9; row 8: c.png" in said
    assert "nothing was taken over" in said


def test_many_mistakes_are_counted(manifest: Manifest, table: Path) -> None:
    rows(table, *(f"no{number}.png,0,0,9,9,0" for number in range(1200)))
    with pytest.raises(SourceError, match=r"1,200 rows with no photo .*row 6: no4\.png 0 0 9 9, and 1,195 more\)"):
        changes(manifest, table)


def test_a_table_without_the_columns_is_said(manifest: Manifest, table: Path) -> None:
    table.write_text("path,left,y1,x2\na.png,1,2,3\n")
    with pytest.raises(SourceError, match=r"boxes\.csv has no column x1, y2\. It needs path, x1, y1, x2 and y2"):
        changes(manifest, table)


def test_a_photo_that_cannot_be_read_is_left_out_of_the_table(manifest: Manifest) -> None:
    (manifest.root / "b.png").write_text("<html>")
    exported = write_boxes(manifest).decode().splitlines()
    assert len(exported) == len(BOXES)  # the heading, and three photos
    assert not any(line.startswith("b.png") for line in exported)


def test_a_row_whose_photo_cannot_be_read_is_counted(manifest: Manifest, table: Path) -> None:
    (manifest.root / "b.png").write_text("<html>")
    edit(table, "c.png", x1=0)
    assert changes(manifest, table) == ({"c.png": Box(0, 0.15, 0.85, 0.85, 0.0, "decided")}, 0, 1)
