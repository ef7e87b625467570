"""What every source must keep. A new one joins by an entry in SAMPLES."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from photobench.errors import SourceError
from photobench.records import SPLITS
from photobench.sources.manifest import build_manifest
from photobench.sources.options import AttributeOptions, SourceOptions
from photobench.sources.table_of_sources import SOURCES

Sample = tuple[SourceOptions, tuple[AttributeOptions, ...], Path | None]


def photo(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (4, 3)).save(path, "PNG")


def folder_sample(root: Path) -> Sample:
    for path in ("고양이/사진 1.png", "고양이/b.PNG", "big dog/사진 1.png", "big dog/깊은 곳/2.png"):
        photo(root / path)
    attributes = (AttributeOptions(name="label", values=("고양이", "big dog")),)
    return SourceOptions(kind="folder", photos=str(root)), attributes, None


def table_sample(root: Path) -> Sample:
    for path in ("사진 폴더/나 1.png", "사진 폴더/b.PNG", "c.png", "새 사진/9.png"):
        photo(root / path)
    table = root / "라벨.csv"
    table.write_bytes("path,종류\n나 1,고양이\nb.PNG,개\nc.png,개\n".encode("cp949"))
    attributes = (AttributeOptions(name="종류", values=("고양이", "개")),)
    options = SourceOptions(kind="table", photos=str(root), table=str(table), predict="새 사진")
    return options, attributes, table


def aistages_sample(root: Path) -> Sample:
    for person in ("김 1", "b", "a"):
        for stem in ("mask1", "incorrect_mask", "normal"):
            photo(root / f"train/images/{person}/{stem}.png")
    photo(root / "eval/images/z.png")
    photo(root / "eval/images/새 1.png")
    (root / "train/train.csv").write_text(
        "id,gender,race,age,path\n1,male,Asian,20,김 1\n2,female,Asian,40,b\n3,male,Asian,70,a\n", "utf-8"
    )
    (root / "eval/info.csv").write_text("ImageID,ans\nz.png,0\n새 1.png,0\n", "utf-8")
    attributes = (
        AttributeOptions(name="mask", values=("worn", "incorrect", "not worn")),
        AttributeOptions(name="gender", values=("male", "female")),
    )
    return SourceOptions(kind="aistages", photos=str(root)), attributes, None


SAMPLES: dict[str, Callable[[Path], Sample]] = {
    "folder": folder_sample,
    "table": table_sample,
    "aistages": aistages_sample,
}


@pytest.fixture(params=SOURCES.names())
def sample(request, tmp_path) -> tuple[str, Path, Sample]:
    root = tmp_path / "내 사진들"
    root.mkdir()
    assert request.param in SAMPLES, "a source without a sample here"
    return request.param, root, SAMPLES[request.param](root)


def scan(sample) -> pd.DataFrame:
    kind, root, (options, _, table) = sample
    return SOURCES.get(kind).build(root, options, table)


def everything(root: Path) -> dict[str, tuple[int, int]]:
    found = {}
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files, "."):
            info = (Path(folder) / name).stat()
            found[f"{folder}/{name}"] = (info.st_size, info.st_mtime_ns)
    return found


def test_paths_are_posix_relative_unique_sorted_and_there(sample):
    paths = scan(sample)["path"].tolist()
    assert paths
    assert paths == sorted(set(paths))
    for path in paths:
        assert not path.startswith(("/", "."))
        assert "\\" not in path
        assert (sample[1] / path).is_file()


def test_splits_are_known_and_there_is_a_label_column(sample):
    frame = scan(sample)
    if "split" in frame:
        assert set(frame["split"].fillna("")) <= {"", *SPLITS}
    columns = {a.column or a.name for a in sample[2][1]}
    assert columns <= set(frame.columns)
    assert frame[list(columns)].notna().any().all()


def test_nothing_is_written_or_touched(sample):
    before = everything(sample[1])
    scan(sample)
    assert everything(sample[1]) == before


def test_the_same_folder_gives_the_same_rows(sample):
    pd.testing.assert_frame_equal(scan(sample), scan(sample))


def test_notes_and_conflicts_are_handed_on(sample):
    attrs = scan(sample).attrs
    assert all(isinstance(note, str) and note.endswith(".") for note in attrs["notes"])
    assert isinstance(attrs["conflicts"], dict)


def test_files_that_are_no_photos_change_nothing(sample):
    before = scan(sample)["path"].tolist()
    for path in before[:1]:
        folder = (sample[1] / path).parent
        (folder / "._hidden.png").write_bytes(b"left by macOS")
        (folder / "Thumbs.db").write_bytes(b"left by Windows")
    assert scan(sample)["path"].tolist() == before


def test_it_becomes_a_manifest_that_can_be_stored(sample):
    options, attributes, _ = sample[2]
    manifest = build_manifest(options, attributes, sample[1])
    assert manifest.usable().all()
    assert manifest.to_bytes()
    assert (manifest.classes()[manifest.frame["split"] != "predict"] >= 0).all()
    assert (manifest.classes()[manifest.frame["split"] == "predict"] == -1).all()


def test_a_missing_folder_is_a_sentence(sample, tmp_path):
    kind, _, (options, _, table) = sample
    with pytest.raises(SourceError, match=r"does not exist.*source\.photos"):
        SOURCES.get(kind).build(tmp_path / "gone", options, table)
