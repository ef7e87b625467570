from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from photobench.data import packing
from photobench.data.pack import Pack, PackSpec
from photobench.data.packing import build_pack, open_pack
from photobench.errors import ImageError, PackError
from photobench.records import Attribute, Box, ClassSpace, Manifest
from tests.conftest import draw_photo

SPACE = ClassSpace((Attribute("label", ("a", "b")),))
SPEC = PackSpec(24, "crop")


def manifest_of(root: Path) -> Manifest:
    paths = sorted(p for p in root.rglob("*") if p.is_file())
    frame = pd.DataFrame(
        {"path": [p.relative_to(root).as_posix() for p in paths], "label": "a", "group": "g", "split": ""}
    )
    stats = [p.stat() for p in paths]
    frame = frame.assign(bytes=[s.st_size for s in stats], mtime_ns=[s.st_mtime_ns for s in stats])
    return Manifest(frame.assign(sha256="", width=0, height=0, reason=""), SPACE, root)


@pytest.fixture
def few(tmp_path: Path) -> Path:
    root = tmp_path / "사진 with spaces"
    for i in range(7):
        draw_photo(root / f"한글 {i}.jpg", (200, 30, 30), i)
    return root


def test_rows_are_the_photos_in_order(few: Path, tmp_path: Path) -> None:
    pack = build_pack(manifest_of(few), SPEC, tmp_path / "packs")
    assert pack.pixels.shape == (7, 24, 24, 3)
    for row, path in enumerate(sorted(few.iterdir())):
        assert np.array_equal(pack.pixels[row], SPEC.pixels(path)[0])
    assert pack.table["width"].tolist() == [48] * 7
    assert pack.table["sha256"].str.len().eq(64).all()
    pack.verify()


def test_the_second_time_nothing_is_read(few: Path, tmp_path: Path) -> None:
    manifest = manifest_of(few)
    first = build_pack(manifest, SPEC, tmp_path / "packs")
    for path in few.iterdir():
        path.unlink()
    again = build_pack(manifest, SPEC, tmp_path / "packs")
    assert again.folder == first.folder


def test_broken_photos_are_listed_and_the_rest_is_packed(few: Path, tmp_path: Path) -> None:
    (few / "empty.jpg").touch()
    (few / "page.png").write_text("<html><body>404</body></html>")
    manifest = manifest_of(few)
    annotated = build_pack(manifest, SPEC, tmp_path / "packs").annotate(manifest)
    broken = annotated.broken().set_index("path")["reason"]
    assert set(broken.index) == {"empty.jpg", "page.png"}
    assert "0 bytes" in broken["empty.jpg"]
    assert annotated.usable().sum() == 7


def test_a_new_photo_costs_one_photo(few: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build_pack(manifest_of(few), SPEC, tmp_path / "packs")
    draw_photo(few / "new.png", (10, 200, 10), 99)
    read = []
    original = PackSpec.pixels
    monkeypatch.setattr(
        PackSpec, "pixels", lambda self, path, box: read.append(Path(path).name) or original(self, path, box)
    )
    pack = build_pack(manifest_of(few), SPEC, tmp_path / "packs")
    assert read == ["new.png"]
    pack.verify()
    assert [p.name for p in (tmp_path / "packs").iterdir()] == [pack.folder.name]  # the old pack is gone


def test_a_rewritten_photo_is_read_again(few: Path, tmp_path: Path) -> None:
    path = sorted(few.iterdir())[0]
    build_pack(manifest_of(few), SPEC, tmp_path / "packs")
    Image.new("RGB", (60, 60), (1, 2, 3)).save(path, quality=100)
    pack = build_pack(manifest_of(few), SPEC, tmp_path / "packs")
    assert np.array_equal(pack.pixels[0], SPEC.pixels(path)[0])


def test_damage_is_found_when_opened(few: Path, tmp_path: Path) -> None:
    pack = build_pack(manifest_of(few), SPEC, tmp_path / "packs")
    data = bytearray((pack.folder / "pixels.u8").read_bytes())
    data[5] ^= 255
    (pack.folder / "pixels.u8").write_bytes(data)
    with pytest.raises(PackError, match="damaged at row 0"):
        Pack(pack.folder)
    (pack.folder / "pixels.u8").write_bytes(data[:-1])
    with pytest.raises(PackError, match="size is wrong"):
        Pack(pack.folder)
    (pack.folder / "rows.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(PackError, match=r"rows.parquet cannot be read"):
        Pack(pack.folder)
    (pack.folder / "pack.json").write_text("{}")
    with pytest.raises(PackError, match="not whole"):
        Pack(pack.folder)


def test_a_disk_without_room_is_refused_before_the_first_photo(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"14,000,000 photos at 2048 px needs .* GB, .* GB free\. Free some space"):
        packing._reserve(tmp_path / "pixels.u8", 14_000_000, PackSpec(2048, "crop"))
    assert not (tmp_path / "pixels.u8").exists()


def test_a_journal_cut_in_the_middle_of_a_line_is_gone_on_with(few: Path, tmp_path: Path) -> None:
    manifest = manifest_of(few)
    whole = build_pack(manifest, SPEC, tmp_path / "whole")
    partial = tmp_path / "packs" / f"{whole.folder.name}.partial"
    partial.mkdir(parents=True)
    entry = {"row": 0, **whole.table.drop(columns=packing.VERSION_COLUMNS).iloc[0].to_dict()}
    (partial / "journal.jsonl").write_text(json.dumps(entry, default=int) + '\n{"row": 1, "sha')
    (partial / "pixels.u8").write_bytes((whole.folder / "pixels.u8").read_bytes()[: 24 * 24 * 3])
    pack = build_pack(manifest, SPEC, tmp_path / "packs")
    pack.verify()
    assert np.array_equal(pack.pixels, whole.pixels)
    assert not partial.exists()


BUILD = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from photobench.data import packing
from photobench.data.pack import PackSpec
from photobench.data.packing import build_pack
from tests.data.test_pack import SPEC, manifest_of
packing.CHUNK = 4
read = PackSpec.pixels
def slow(self, path, box):
    time.sleep(0.03)
    return read(self, path, box)
PackSpec.pixels = slow
build_pack(manifest_of(Path(sys.argv[1])), SPEC, Path(sys.argv[2]), workers=2)
"""


def test_kill_9_loses_at_most_the_chunk_in_flight(tmp_path: Path) -> None:
    root = tmp_path / "photos"
    for i in range(120):
        draw_photo(root / f"{i:03d}.jpg", (30, 30, 200), i)
    packs = tmp_path / "packs"
    process = subprocess.Popen([sys.executable, "-c", BUILD, str(root), str(packs), str(Path(__file__).parents[2])])
    journal = None
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and (journal is None or len(journal.read_text().splitlines()) < 20):
        time.sleep(0.01)
        journal = next(packs.glob("*.partial/journal.jsonl"), None)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert journal is not None
    done = len(journal.read_text().splitlines())
    assert 20 <= done < 120
    assert not list(packs.glob("*/pack.json"))
    pack = build_pack(manifest_of(root), SPEC, packs)
    pack.verify()
    for row, path in enumerate(sorted(root.iterdir())):
        assert np.array_equal(pack.pixels[row], SPEC.pixels(path)[0])


def test_a_photo_without_a_label_is_read_all_the_same(few: Path, tmp_path: Path) -> None:
    """It may get its label tomorrow, and the pack knows nothing of labels."""
    manifest = manifest_of(few)
    unlabelled = manifest.with_columns(reason=["no label", *[""] * 6])
    pack = build_pack(unlabelled, SPEC, tmp_path / "packs")
    assert pack.annotate(unlabelled).broken()["reason"].tolist() == ["no label"]
    assert not len(pack.annotate(manifest).broken())
    assert np.array_equal(pack.pixels[0], SPEC.pixels(sorted(few.iterdir())[0])[0])


def test_what_could_not_be_read_for_a_while_is_tried_again(
    few: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest, denied, original = manifest_of(few), sorted(few.iterdir())[2], PackSpec.pixels

    def read(self: PackSpec, path: str | Path, box: Box):
        if Path(path) == denied:
            raise ImageError("no permission to read it")
        return original(self, path, box)

    monkeypatch.setattr(PackSpec, "pixels", read)
    assert (build_pack(manifest, SPEC, tmp_path / "packs").table["reason"] != "").sum() == 1
    monkeypatch.setattr(PackSpec, "pixels", original)
    pack = build_pack(manifest, SPEC, tmp_path / "packs")
    pack.verify()
    assert (pack.table["reason"] == "").all()


def test_whoever_opens_a_pack_that_is_gone_on_with_finds_it_whole_or_not_at_all(
    few: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest, packs, original = manifest_of(few), tmp_path / "packs", PackSpec.pixels

    def denied(self: PackSpec, path: str | Path, box: Box):
        raise ImageError("no permission to read it")

    monkeypatch.setattr(PackSpec, "pixels", denied)
    build_pack(manifest, SPEC, packs)
    monkeypatch.setattr(PackSpec, "pixels", original)
    unlink, found = Path.unlink, []

    def unlink_beside_a_reader(path: Path, missing_ok: bool = False) -> None:
        unlink(path, missing_ok)
        if path.name == "pack.json":
            found.append(open_pack(manifest, SPEC, packs))

    monkeypatch.setattr(Path, "unlink", unlink_beside_a_reader)
    build_pack(manifest, SPEC, packs).verify()
    assert found == [None]


def test_a_pack_whose_reopening_was_killed_is_made_whole(few: Path, tmp_path: Path) -> None:
    first = build_pack(manifest_of(few), SPEC, tmp_path / "packs")
    expected = np.array(first.pixels)
    first.folder.rename(first.folder.with_name(f"{first.folder.name}.partial"))
    again = build_pack(manifest_of(few), SPEC, tmp_path / "packs")
    again.verify()
    assert np.array_equal(again.pixels, expected)
    assert [path.name for path in (tmp_path / "packs").iterdir()] == [again.folder.name]


def test_a_store_that_was_given_up_is_removed(few: Path, tmp_path: Path) -> None:
    given_up = tmp_path / "packs" / "0123456789abcdef.partial"
    given_up.mkdir(parents=True)
    (given_up / "pixels.u8").write_bytes(b"x" * 1000)
    build_pack(manifest_of(few), SPEC, tmp_path / "packs")
    assert not given_up.exists()


def test_a_pack_that_lost_a_file_is_said(few: Path, tmp_path: Path) -> None:
    pack = build_pack(manifest_of(few), SPEC, tmp_path / "packs")
    (pack.folder / "pixels.u8").unlink()
    with pytest.raises(PackError, match=r"has lost pixels\.u8"):
        build_pack(manifest_of(few), SPEC, tmp_path / "packs")
