"""What runs leave for the audit: features of photos by models that did not learn them, and how the photos were learned."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np

from photobench.audit.evidence import View
from photobench.records import DYNAMICS_FILE, JOINT, Dynamics, Manifest, RunRecord
from photobench.workflow.bench import Bench
from photobench.workflow.models.asking import run_manifest, way_of
from photobench.workflow.photos.preparing import prepare


def held_out_views(bench: Bench, records: Sequence[RunRecord]) -> list[View]:
    """What the backbone of each run makes of all photos of today's manifest, and of which it is asked: those that it did not learn.

    A copy, byte for byte, of a photo that it learned is learned too. Features are kept in `embeddings/`.
    """
    return [_view(bench, record) for record in records]


def _view(bench: Bench, record: RunRecord) -> View:
    from photobench.predict import load_model  # brings torch: only where a model is asked
    from photobench.train.embeddings import backbone_key, embed

    prepared = prepare(bench, way_of(bench, record))
    model = load_model(bench.workspace.root / record.folder, bench.options.train.device)
    usable_N = prepared.manifest.usable()
    seen = embed(model, prepared.pack, np.flatnonzero(usable_N), bench.workspace.embeddings / backbone_key(model))
    embeddings_ND = np.full((len(usable_N), seen.shape[1]), np.nan, np.float32)
    embeddings_ND[usable_N] = seen
    return View(embeddings_ND, usable_N & ~_learned(prepared.manifest, run_manifest(bench, record)))


def _learned(today: Manifest, then: Manifest) -> np.ndarray:
    """(N,) the photos of today that were learned then, by their name or their content."""
    learned = then.frame.iloc[then.rows("train")]
    frame = today.frame
    return (
        frame["path"].isin(learned["path"]) | (frame["sha256"].isin(learned["sha256"]) & (frame["sha256"] != ""))
    ).to_numpy()


def read_margins(bench: Bench, records: Sequence[RunRecord], manifest: Manifest) -> np.ndarray:
    """(N, A): the area under the margin of each photo's label of each attribute, the mean over the runs that recorded it.

    NaN where none did, and where a label is another one than it was then. Of several attributes, a model that tells the joint class at once
    knows none: one margin for all of them does harm (docs/log.md).
    """
    found = [_margins(bench, record, manifest) for record in records]
    if not found:
        return np.full((len(manifest), len(manifest.space.attributes)), np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of photos that no run has learned
        return np.nanmean(found, axis=0)


def _margins(bench: Bench, record: RunRecord, manifest: Manifest) -> np.ndarray:
    names = [attribute.name for attribute in manifest.space.attributes]
    margins_NA = np.full((len(manifest), len(names)), np.nan)
    path = bench.workspace.root / record.folder / DYNAMICS_FILE
    if not path.exists():
        return margins_NA
    dynamics = Dynamics.read(path)
    then = run_manifest(bench, record).frame.set_index("path")
    today = manifest.frame.set_index("path")
    both = [(row, name) for row, name in enumerate(dynamics.paths) if name in today.index]
    rows, paths = [row for row, _ in both], [name for _, name in both]
    places = today.index.get_indexer(paths)
    for column, name in enumerate(names):
        head = JOINT if dynamics.heads == (JOINT,) and len(names) == 1 else name
        if head in dynamics.heads and name in then:
            same = (then.loc[paths, name].astype(str) == today.loc[paths, name].astype(str)).to_numpy()
            margins = dynamics.margins_NH[rows, dynamics.heads.index(head)]
            margins_NA[places, column] = np.where(same, margins, np.nan)
    return margins_NA
