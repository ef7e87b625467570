"""The maps of the photos that are kept: one for each way in which photos are cut, and each backbone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from photobench import __version__
from photobench.errors import PhotobenchError
from photobench.explore import PhotoMap
from photobench.explore.projection import photo_map, sample
from photobench.progress import say
from photobench.records import fingerprint
from photobench.workflow.bench import Bench
from photobench.workflow.models.embedding import embeddings_of
from photobench.workflow.photos.preparing import Prepared, Way
from photobench.workspace import disk_errors

FEWEST_ON_MAP = 4
OLD_MAP = "map.parquet"
"""What an earlier version kept: one map, whatever it was made of. Nothing reads it."""
NO_MAP = (
    'There is no map of the photos yet: it needs a backbone that has seen photos before. Set model.weights to "pretrained" or to a '
    "file of weights, or train first, then: photobench explore"
)


def make_map(bench: Bench, prepared: Prepared) -> PhotoMap | None:
    """Where photos lie, made anew where they or the backbone are others than last time. None where nothing can be asked."""
    rows = sample(np.flatnonzero(prepared.manifest.usable()))
    if len(rows) < FEWEST_ON_MAP:
        return None
    embedded = embeddings_of(bench, prepared, rows)
    if embedded is None:
        return None
    path = _folder(bench) / f"map-{_cut(prepared.way)}-{_backbone(bench.options.model.model_dump(mode='json'))}.parquet"
    photos = prepared.manifest.frame.iloc[rows][["path", "sha256"]].assign(learnt=embedded.learnt_N)
    key = fingerprint(__version__, embedded.values_ND.tobytes(), photos["path"].tolist(), embedded.learnt_N.tolist())

    def made() -> bytes:
        say(f"map: {len(rows):,} photos")
        return photo_map(photos, embedded.values_ND, embedded.origin).to_bytes()

    kept = bench.workspace.derived(path, key, made)
    with disk_errors(path):
        (_folder(bench) / OLD_MAP).unlink(missing_ok=True)
    return PhotoMap.read(kept)


def kept_map(bench: Bench, way: Way | None = None, model: Mapping[str, Any] | None = None) -> PhotoMap | None:
    """A map that `photobench explore` has made: the latest by this backbone, else the latest. None where there is none.

    Args:
        way: only of photos that are cut as here, at whatever resolution; None takes any.
        model: options of a model, whose backbone is preferred.
    """
    wanted = f"map-{_cut(way)}-" if way else "map-"
    own = f"-{_backbone(model)}" if model else "-"
    found = [path for path in _folder(bench).glob("map-*.parquet") if path.name.startswith(wanted)]
    for path in sorted(found, key=lambda path: (own in path.name, path.stat().st_mtime_ns), reverse=True):
        try:
            return PhotoMap.read(path)
        except PhotobenchError:  # damaged: it is made again
            path.unlink(missing_ok=True)
    return None


def _folder(bench: Bench) -> Path:
    return bench.workspace.embeddings


def _cut(way: Way) -> str:
    """Names which part of a photo is seen; how large it is stored does not matter."""
    return fingerprint(way.crop.model_dump(mode="json"), way.pack.fit, way.pack.margin, way.pack.aspect)


def _backbone(model: Mapping[str, Any]) -> str:
    return fingerprint(*(model.get(name) for name in ("backbone", "weights", "args")))
