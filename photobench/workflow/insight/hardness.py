"""Which photos an answerer's trainings found hard to learn, for the report."""

from __future__ import annotations

import numpy as np

from photobench.records import Manifest
from photobench.report import HardPhoto, HardToLearn
from photobench.workflow.answers.answerer import Answerer
from photobench.workflow.bench import Bench
from photobench.workflow.labels.fold_evidence import read_margins

SHOWN = 12


def hard_to_learn(bench: Bench, answerer: Answerer, manifest: Manifest) -> HardToLearn | None:
    """The photos with the lowest margins, each by its hardest attribute; None where no training kept them (docs/folds.md)."""
    margins_NA = read_margins(bench, list(answerer.runs), manifest)
    known = np.flatnonzero(np.isfinite(margins_NA).any(axis=1))
    if not len(known):
        return None
    hardest_n = np.nanargmin(margins_NA[known], axis=1)
    lowest_n = margins_NA[known, hardest_n]
    frame, attributes = manifest.frame, manifest.space.attributes
    photos = [
        HardPhoto(
            frame["path"].iloc[known[n]],
            attributes[hardest_n[n]].name,
            str(frame[attributes[hardest_n[n]].name].iloc[known[n]]),
            float(lowest_n[n]),
        )
        for n in np.argsort(lowest_n, kind="stable")[:SHOWN]
    ]
    return HardToLearn(photos, len(known), int((lowest_n < 0).sum()))
