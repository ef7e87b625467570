"""Where an answerer fails: the kinds of held-out photos of which more are wrong than chance explains."""

from __future__ import annotations

from photobench.evaluate import joint_sample, told_paths
from photobench.explore.statistics import MEASURES
from photobench.slices import Slices, find_slices, photo_facts
from photobench.workflow.answers.answerer import Answerer
from photobench.workflow.answers.answering import find_answerer
from photobench.workflow.bench import Bench
from photobench.workflow.models.asking import as_it_was, way_of
from photobench.workflow.photos.measuring import statistics


def slices(bench: Bench, name: str | None = None, folds: bool = False) -> Slices:
    """The slices in which a run, a set of folds or whoever has this name fails, the most costly first; `print` shows them.

    Raises:
        WorkspaceError: there is none of this name.
    """
    return slices_of(bench, find_answerer(bench, name, folds))


def slices_of(bench: Bench, answerer: Answerer) -> Slices:
    """On the photos that it did not learn from: never on the test photos, for what is found is acted upon."""
    options = bench.options.evaluate
    with bench.stage("slices"):
        held = answerer.held_out()
        prepared = as_it_was(bench, held.manifest, way_of(bench, answerer.runs[0]))
        facts = photo_facts(held.manifest, statistics(bench, prepared)[["path", *MEASURES]])
        asked = (held.manifest, held.predictions, held.split)
        return find_slices(*asked, joint_sample(*asked), told_paths(*asked), facts, options.confidence, options.seed)
