"""A map of the photos of a workspace, without a backbone having to look at them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from photobench import workflow
from photobench.data.embedded import about_text, photo_keys
from photobench.workflow.models.embedding import BY_PRETRAINED


def draw_map(bench: Path) -> None:
    """Photos of a colour lie together, and the others far away. Once; what is there stays."""
    folder = bench / "embeddings" / "drawn"
    if folder.exists():
        return
    prepared = workflow.prepare(workflow.open_bench(bench))
    keys = photo_keys(prepared.pack, np.arange(len(prepared.manifest)))
    far_VD = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    code_N = prepared.manifest.codes()[:, 0]
    values_ND = far_VD[code_N] + np.random.default_rng(0).normal(0, 0.02, (len(keys), 3))
    folder.mkdir(parents=True)
    np.savez(folder / "all.npz", keys=np.array(keys), values=values_ND.astype(np.float32))
    (folder / "about.json").write_text(about_text(BY_PRETRAINED(backbone="a drawn backbone")))
