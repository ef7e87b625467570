"""Where an answerer fails: the kinds of held-out photos of which more are wrong than chance explains."""

from __future__ import annotations

import pandas as pd

from photobench.evaluate import joint_sample, told_paths
from photobench.explore.statistics import MEASURES, photo_statistics
from photobench.slices import Slices, find_slices, photo_facts
from photobench.workflow.answers.answerer import Answerer
from photobench.workflow.answers.answering import find_answerer
from photobench.workflow.bench import Bench
from photobench.workflow.models.asking import as_it_was, way_of
from photobench.workflow.photos.measuring import statistics
from photobench.workflow.photos.preparing import Prepared


def slices(bench: Bench, name: str | None = None, folds: bool = False) -> Slices:
    """The slices in which a run, a set of folds or whoever has this name fails, the most costly first; `print` shows them.

    Raises:
        WorkspaceError: there is none of this name.
    """
    return slices_of(bench, find_answerer(bench, name, folds))


def slices_of(bench: Bench, answerer: Answerer) -> Slices:
    """On the photos that it did not learn from: never on the test photos, for what is found is acted upon."""
    options = bench.options.evaluate
    with bench.workspace.lock("photobench slices"), bench.stage("slices"):
        held = answerer.held_out()
        facts = photo_facts(
            held.manifest, _measured(bench, as_it_was(bench, held.manifest, way_of(bench, answerer.runs[0])))
        )
        asked = (held.manifest, held.predictions, held.split)
        return find_slices(*asked, joint_sample(*asked), told_paths(*asked), facts, options.confidence, options.seed)


def _measured(bench: Bench, prepared: Prepared) -> pd.DataFrame:
    """`path` and the measures, from the cache beside the pack; anew where that was made for this call only."""
    if prepared.pack.folder.exists():
        return statistics(bench, prepared)[["path", *MEASURES]]
    found = photo_statistics(prepared.pack.pixels, (prepared.pack.table["reason"] == "").to_numpy())[[*MEASURES]]
    return found.assign(path=prepared.pack.table["path"].to_numpy())
