"""Runs, or whoever answers, beside each other: how good each is, how far it is from the first, where, and what it cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from photobench import paired
from photobench.compare import Candidate, Common, common, people, slices
from photobench.compare.table import unlike
from photobench.errors import PhotobenchError
from photobench.records import Said, Sentence
from photobench.report import CompareInputs, build_compare_page
from photobench.slices import looks, photo_facts
from photobench.workflow.answers.answerer import Answerer
from photobench.workflow.answers.answering import find_answerer
from photobench.workflow.answers.single_run import SingleRun
from photobench.workflow.bench import Bench
from photobench.workflow.models.asking import way_of
from photobench.workflow.models.training import train
from photobench.workflow.photos.cropping import overview
from photobench.workflow.photos.measuring import known_measures
from photobench.workflow.runs.comparing_words import Compared, Comparison, verdict
from photobench.workspace import check_can_write, disk_errors, write_atomic

METRIC = "macro_f1"

TWICE = Sentence("named twice", "{name} is named twice, and nothing is better than itself. Name another run.")


def compare(bench: Bench, names: Sequence[str] = (), modes: Sequence[str] = ()) -> Comparison:
    """Runs, sets of folds and others by their names, and a training in each of these modes (model.mode), against the first of all.

    Each is asked about photos that it did not learn from; where these differ, compared is what all of them held out. With several
    others the intervals hold all at once.

    Raises:
        PhotobenchError: fewer than two, the same twice, other classes, or too few photos in common.
        ConfigError: there is no such mode.
    """
    if not bench.options.evaluate.bootstraps:
        raise PhotobenchError(
            "evaluate.bootstraps = 0 asks for no intervals, and without them no difference can be told from noise: leave it at 1000."
        )
    benches = [replace(bench, project=bench.project.changed({"model": {"mode": mode}}, "--modes")) for mode in modes]
    if len(names) + len(modes) < 2:
        raise PhotobenchError(
            "compare wants two or more: runs by name (photobench runs), or modes, such as --modes frozen,finetune."
        )
    answerers = [find_answerer(bench, name) for name in names]
    answerers += [SingleRun(changed, train(changed)) for changed in benches]
    _check_apart(answerers)
    return _compared(bench, answerers)


def _check_apart(answerers: Sequence[Answerer]) -> None:
    known = [answerer.name for answerer in answerers]
    twice = [name for name in dict.fromkeys(known) if known.count(name) > 1]
    if twice:
        raise PhotobenchError(TWICE(name=twice[0]))


def _compared(bench: Bench, answerers: Sequence[Answerer]) -> Comparison:
    options = bench.options.evaluate
    found = common([_candidate(answerer) for answerer in answerers])
    kinds = _looks(bench, answerers, found)
    samples = found.samples()
    drawn = [paired.drawn(sample, options.bootstraps, options.seed) for sample in samples]
    num_differ = [paired.groups_that_differ(s.predicted_N != samples[0].predicted_N, s) for s in samples[1:]]
    gains = paired.against(drawn[0], drawn[1:], METRIC, num_differ, options.confidence)
    rows = []
    for number, answerer in enumerate(answerers):
        first = number == 0
        rows.append(
            Compared(
                answerer.name,
                drawn[number].figure(METRIC, options.confidence),
                None if first else gains[number - 1],
                sum(record.timings.get("train", float("nan")) for record in answerer.runs),
                unlike(answerer.runs[0].config, answerers[0].runs[0].config),
                [] if first else slices(found, 0, number, options, kinds),
                None if first else people(found, 0, number),
            )
        )
    return Comparison(rows, found, options.confidence)


def _looks(bench: Bench, answerers: Sequence[Answerer], found: Common) -> list[tuple[Said, np.ndarray]]:
    """Dark photos, small ones and the like: by what the manifest says of the files, and by what was measured earlier, if it was."""
    measured = [_measured(bench, answerer) for answerer in answerers]
    known = max(measured, key=lambda one: found.manifest.frame["path"].isin(one["path"]).sum())
    return [(one.said, one.meets_N) for one in looks(photo_facts(found.manifest, known))]


def _measured(bench: Bench, answerer: Answerer) -> pd.DataFrame:
    """What is known of the look of the photos of one of them."""
    try:
        return known_measures(bench, answerer.held_out().manifest, way_of(bench, answerer.runs[0]))
    except PhotobenchError:  # its model or its pack is gone; what it said is not
        return pd.DataFrame(columns=["path"])


def _candidate(answerer: Answerer) -> Candidate:
    held = answerer.held_out()
    return Candidate(answerer.name, held.manifest, held.predictions, held.split)


def write_comparison(bench: Bench, comparison: Comparison, out: Path) -> None:
    """One HTML file: the difference, where it lies, and the photos that one of them answers rightly and the other wrongly."""
    inputs = CompareInputs(
        title=bench.workspace.root.name,
        common=comparison.common,
        names=[row.name for row in comparison.rows],
        scores=[row.score for row in comparison.rows],
        gains=[row.gain for row in comparison.others if row.gain],
        verdicts=[verdict(row, comparison) for row in comparison.others],
        slices=[row.slices for row in comparison.others],
        people=[row.people for row in comparison.others],
        thumbnail=overview(comparison.common.manifest),
        confidence=comparison.confidence,
    )
    page = build_compare_page(inputs).encode("utf-8")
    with disk_errors(out, len(page)):
        out.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(out, page)


def check_page_name(out: Path) -> None:
    """Raises PhotobenchError where a page cannot be written under this name; said before the work, not after it."""
    if out.suffix.lower() not in (".html", ".htm"):
        raise PhotobenchError(f'"{out}" would be written as {out.suffix or "nothing known"}: name a .html file.')
    check_can_write(out)
