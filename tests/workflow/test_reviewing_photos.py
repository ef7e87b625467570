"""The photos of a review, by what is typed."""

from __future__ import annotations

from pathlib import Path

from photobench.data.pack import PackSpec
from photobench.data.packing import build_pack
from photobench.workflow.reviewing.photos import ReviewPhotos
from tests.report.made import make_manifest


def test_a_search_finds_all_that_hold_the_text(tmp_path: Path) -> None:
    manifest = make_manifest(num_groups=1500)
    photos = ReviewPhotos(manifest, build_pack(manifest, PackSpec(1, "squash"), tmp_path, workers=1))
    assert photos.search("PHOTOS/") == list(range(6000))
    assert photos.search("g1499") == [5996, 5997, 5998, 5999], "of a group"
    assert photos.search("photos/00017.jpg") == [17]
    assert photos.search("nothing like it") == []
