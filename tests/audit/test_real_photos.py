"""What is known to be odd in real photos is found without being told."""

from __future__ import annotations

from pathlib import Path

import photobench as pb
from photobench import workflow
from photobench.audit import duplicates, leakage
from photobench.audit.evidence import Evidence
from photobench.data.split import clusters_of
from tests.conftest import SHARED_DATA, needs_shared


@needs_shared("flowers5")
def test_flowers_that_are_there_twice_with_two_names_and_on_two_sides(tmp_path: Path) -> None:
    pb.init(SHARED_DATA / "flowers5", tmp_path / "w")
    prepared = workflow.prepare(workflow.open_bench(tmp_path / "w", [{"model": {"size_px": 96}}]))
    evidence = Evidence(prepared.manifest, clusters_of(prepared.manifest), prepared.pack.pixels)
    doubted = [finding for finding in duplicates.look(evidence) if finding.kind == "copies with two labels"]
    assert len({finding.cluster for finding in doubted}) == 3
    across = [finding for finding in leakage.look(evidence) if finding.kind == "in train and in the test set"]
    assert [(finding.path, finding.score) for finding in across] == [("train/tulip/17104364030_ee31ee279b_n.jpg", 1.0)]
