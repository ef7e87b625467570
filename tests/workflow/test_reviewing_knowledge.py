"""What the review knows of photos beside their labels."""

from __future__ import annotations

from pathlib import Path

from photobench import workflow
from photobench.workflow.reviewing.knowledge import NUM_NEIGHBOURS, Knowledge
from photobench.workflow.reviewing.photos import ReviewPhotos
from tests.web.mapped import draw_map
from tests.web.suspects import make_suspects


def test_a_map_that_is_made_beside_the_page_is_seen(tmp_path: Path) -> None:
    root = make_suspects(tmp_path)
    bench = workflow.open_bench(root)
    prepared = workflow.prepare(bench)
    known = Knowledge(bench, ReviewPhotos(prepared.manifest, prepared.pack))
    assert not known.has_map and known.neighbours(0) == []
    draw_map(root)
    assert len(known.neighbours(0)) == NUM_NEIGHBOURS
    assert known.has_map and len(known.places()["photo"]) == len(prepared.manifest)
