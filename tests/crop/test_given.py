"""Boxes of the label table, from a CSV file through the manifest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from photobench.crop.options import CropOptions
from photobench.crop.stage import Boxed, find_boxes
from photobench.errors import SourceError
from photobench.records import Box
from photobench.sources.manifest import build_manifest
from photobench.sources.options import AttributeOptions, SourceOptions
from tests.crop.blocks import draw_block

COLUMNS = ("left", "top", "right", "bottom")
LABEL = (AttributeOptions(name="label", values=("a", "b")),)
SIZE = (120, 80)


def boxed(root: Path, rows: list[str], **options: Any) -> Boxed:
    """The boxes of a table with these four cells for 0.png, 1.png, …; photos are 120 × 80 px."""
    for number in range(len(rows)):
        if not (root / "photos" / f"{number}.png").exists():
            draw_block(root / "photos" / f"{number}.png", None, SIZE, number)
    lines = [f"{number}.png,{'ab'[number % 2]},{row}" for number, row in enumerate(rows)]
    header = "path,label," + ",".join(COLUMNS)
    (root / "labels.csv").write_text("\n".join([header, *lines]) + "\n")
    crop = CropOptions(**{"method": "box", "box_columns": COLUMNS, **options})
    source = SourceOptions(kind="table", photos="photos", table="labels.csv")
    manifest = build_manifest(source, LABEL, root, crop.box_columns)
    return find_boxes(manifest, crop, {}, root, root / "looks", 1)


def boxes_of(boxed: Boxed) -> list[Box]:
    return boxed.manifest.boxes()


QUARTER = (0.25, 0.25, 0.75, 0.5)


@pytest.mark.parametrize(
    ("form", "unit", "row"),
    [
        ("x1 y1 x2 y2", "px", "30,20,90,40"),
        ("x y w h", "px", "30,20,60,20"),
        ("x1 y1 x2 y2", "fraction", "0.25,0.25,0.75,0.5"),
        ("x y w h", "fraction", "0.25,0.25,0.5,0.25"),
    ],
)
def test_every_form_and_unit(tmp_path: Path, form: str, unit: str, row: str) -> None:
    found = boxed(tmp_path, [row, row], box_form=form, box_unit=unit)
    assert [box.how for box in boxes_of(found)] == ["given"] * 2
    assert boxes_of(found)[0].corners == pytest.approx(QUARTER)
    assert found.notes == ()


def test_pixels_are_those_of_the_upright_photo(tmp_path: Path) -> None:
    draw_block(tmp_path / "photos" / "0.png", None, SIZE, orientation=6)
    assert boxes_of(boxed(tmp_path, ["30,20,90,40", "30,20,90,40"]))[0].corners == pytest.approx(QUARTER)


def test_a_given_box_is_sure_and_one(tmp_path: Path) -> None:
    row = boxed(tmp_path, ["30,20,90,40", "1,1,9,9"]).manifest.frame.iloc[0]
    assert (row["box_score"], row["box_found"], row["box_detector"]) == (1.0, 1, "box")


def test_the_tables_cells_are_not_kept_beside_the_boxes(tmp_path: Path) -> None:
    columns = boxed(tmp_path, ["30,20,90,40", "1,1,9,9"]).manifest.frame.columns
    assert not [name for name in columns if name.startswith("given_") or name == "table_row"]


def test_blank_cells_are_nothing_found_and_counted(tmp_path: Path) -> None:
    found = boxed(tmp_path, ["30,20,90,40", ",,,", ",,,"])
    assert [box.how for box in boxes_of(found)] == ["given", "median", "median"]
    assert boxes_of(found)[1].corners == pytest.approx(QUARTER)
    assert found.notes == ("2 photos without a box in the table, for example 1.png.",)


def test_a_box_across_the_edge_is_cut_there_and_counted(tmp_path: Path) -> None:
    found = boxed(tmp_path, ["-30,20,90,99", "30,20,90,40"])
    assert boxes_of(found)[0].corners == pytest.approx((0, 0.25, 0.75, 1))
    assert found.notes == ("1 box of the table across the photo's edge, cut there, for example 0.png.",)


def test_a_box_beside_the_photo_is_nothing_found_and_counted(tmp_path: Path) -> None:
    found = boxed(tmp_path, ["130,20,190,40", "30,20,90,40"])
    assert [box.how for box in boxes_of(found)] == ["median", "given"]
    assert found.notes == ("1 box of the table beside the photo, treated as nothing found, for example 0.png.",)


def test_empty_and_inverted_boxes_are_named_with_their_rows(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as raised:
        boxed(tmp_path, ["30,20,90,40", "90,20,30,40", "30,20,30,40", "9,9,1,1", "5,5,5,5"])
    said = str(raised.value)
    assert "in 4 rows" in said
    assert "row 3, 1.png: 90 20 30 40" in said
    assert "row 4, 2.png: 30 20 30 40" in said
    assert "and 1 more" in said
    assert "empty or inverted boxes (x1 y1 x2 y2 is expected)" in said


def test_a_width_of_nothing_is_empty_too(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"row 2, 0\.png: 30 20 0 40\), empty or inverted boxes \(x y w h"):
        boxed(tmp_path, ["30,20,0,40", "30,20,60,40"], box_form="x y w h")


def test_cells_that_are_no_numbers_are_named_beside_the_other_mistakes(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as raised:
        boxed(tmp_path, ["30,20,left,40", "30,,90,40", "90,20,30,40"])
    said = str(raised.value)
    assert "in 2 rows (row 2, 0.png: 30 20 left 40; row 3, 1.png: 30 — 90 40), not four numbers" in said
    assert "row 4, 2.png: 90 20 30 40), empty or inverted" in said
    assert "leave all four empty where there is no box" in said


def test_a_column_that_is_not_there_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r'no column "lefft" \(crop\.box_columns\)\. Did you mean "left"\?'):
        boxed(tmp_path, ["30,20,90,40", "1,1,9,9"], box_columns=("lefft", "top", "right", "bottom"))


def test_a_photo_that_cannot_be_read_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "0.png").write_bytes(b"no photo")
    found = boxed(tmp_path, ["30,20,90,40", "30,20,90,40"])
    assert [box.how for box in boxes_of(found)] == ["median", "given"]


@pytest.mark.parametrize("columns", [(), ("a", "b", "c"), ("a", "a", "b", "c")])
def test_the_four_columns_must_be_named(columns: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"box_columns|four different columns"):
        CropOptions(method="box", box_columns=columns)
