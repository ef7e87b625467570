"""What is said first of a set's files."""

from __future__ import annotations

from dataclasses import replace

from photobench.explore.unusual import in_files
from tests.report.made import make_manifest


def test_copies_that_harm_are_told_apart() -> None:
    manifest = make_manifest()
    frame = manifest.frame.copy()
    train, test = (frame.index[frame["split"] == split] for split in ("train", "test"))
    frame.loc[[train[0], test[0]], ["sha256", "mask", "age"]] = ["a" * 64, "worn", "old"]
    frame.loc[train[1:3], "sha256"] = "b" * 64
    frame.loc[train[1:3], "mask"] = ["worn", "not worn"]
    (said,) = in_files(replace(manifest, frame=frame))
    assert said.startswith(
        "2 photos are a copy of another one, byte for byte, 1 picture with different labels and 1 picture on several sides"
    )
