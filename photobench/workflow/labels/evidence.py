"""Who is asked about the photos: a pretrained backbone that never saw these labels, or models of folds that did not learn them.

Which of the two is found out when the first check asks; what was found is kept for the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from photobench.audit.evidence import Evidence, View
from photobench.data.split import clusters_of
from photobench.decisions.standing import is_by_rule, standing
from photobench.errors import ModelError, SplitError
from photobench.progress import say
from photobench.records import Predictions, RunRecord, fingerprint
from photobench.workflow.answers.folding import out_of_fold
from photobench.workflow.answers.training_folds import train_folds
from photobench.workflow.bench import Bench
from photobench.workflow.labels.fold_evidence import held_out_views, read_margins
from photobench.workflow.models.embedding import pretrained_embeddings
from photobench.workflow.photos.preparing import Prepared, prepare

FEWER_FOLDS = (3, 2)
"""Tried where a label is absent from a fold of the number that is asked for."""


def numbers_of_folds(num: int) -> list[int]:
    """That number, and those that are tried where a label has too few groups for it, in their order."""
    return [num, *(fewer for fewer in FEWER_FOLDS if fewer < num)]


Folds = tuple[Predictions, list[RunRecord]]


@dataclass
class Witnesses:
    """The photos as they are today, and what is known of them without looking: enough to tell whether a check is up to date."""

    bench: Bench
    prepared: Prepared

    @cached_property
    def fingerprint(self) -> str:
        """Of all that the evidence depends on: photos, labels, boxes, options, and the folds that are trained."""
        options, manifest = self.bench.options, self.prepared.manifest
        columns = [manifest.frame[name].tolist() for name in ("split", "reason", "sha256")]
        chosen = options.audit.model_dump(), options.model.model_dump(mode="json"), self.prepared.pack.folder.name
        trained = [record.name for record in self._folds[1]] if self._folds else []
        ruled = [] if self._ruled_NA is None else [np.flatnonzero(self._ruled_NA).tolist()]
        return fingerprint(manifest.fingerprint(), *columns, *chosen, trained, *ruled)

    @cached_property
    def photos(self) -> Evidence:
        """Photos and labels alone."""
        manifest = self.prepared.manifest
        pixels, seed = self.prepared.pack.pixels, self.bench.options.audit.seed
        return Evidence(manifest, clusters_of(manifest), pixels, seed=seed, ruled_NA=self._ruled_NA)

    @cached_property
    def _ruled_NA(self) -> np.ndarray | None:
        """Labels that only a rule has changed; None where there are none."""
        manifest = self.prepared.manifest
        by_rule = {
            (one.photo, one.field)
            for one in standing(self.bench.workspace.numbered_decisions()).values()
            if is_by_rule(one)
        }
        if not by_rule:
            return None
        names = [attribute.name for attribute in manifest.space.attributes]
        said_NA = np.array([[(path, name) in by_rule for name in names] for path in manifest.frame["path"]])
        found_NA = said_NA & (manifest.codes() != manifest.given_codes())
        return found_NA if found_NA.any() else None

    @cached_property
    def evidence(self) -> Evidence:
        """With what models make of them: the pretrained backbone where it can be had, and folds."""
        found = self._seen() if self.bench.options.audit.evidence != "folds" else None
        if found is None or (self._folds and self.bench.options.audit.evidence != "embeddings"):
            folds = self._folds or self._small_folds()
            found = self._judged(found or self.photos, folds) if folds else self.photos
        if found.origin:
            say(f"audit: the labels are judged by {found.origin}")
        return found

    @cached_property
    def _folds(self) -> Folds | None:
        """The latest complete folds of today's photos, labels and groups that a person has trained."""
        return out_of_fold(self.bench)

    def _seen(self) -> Evidence | None:
        """By a backbone that never saw these labels, and heads that learn them in folds; None where there are no such weights."""
        if not self.prepared.manifest.usable().any():
            return None
        try:
            embedded = pretrained_embeddings(self.bench, self.prepared, np.arange(len(self.prepared.manifest)))
        except ModelError:  # what is done in place of it is said
            return None
        from photobench.audit.heads import out_of_fold as heads

        photos, options = self.photos, self.bench.options.audit
        manifest = photos.manifest
        probs_NK = heads(
            embedded.values_ND, photos.heard_NA(), photos.clusters_N, manifest.space, options.num_folds, options.seed
        )
        view = View(embedded.values_ND, np.ones(len(manifest), dtype=bool), embedded.ask)
        origin = f"{embedded.origin}, and by heads on it that learnt from others in {options.num_folds} folds"
        return replace(photos, views=(view,), probs_NK=probs_NK, origin=origin)

    def _small_folds(self) -> Folds | None:
        """Models that are trained for the audit alone, small ones from nothing; None where the photos cannot be divided for that."""
        options = self.bench.options.audit
        values: Mapping[str, Any] = {
            "model": {"weights": "none", "mode": "finetune", "size_px": options.small_px},
            "pack": {"side_px": self.prepared.way.pack.size_px},
            "train": {"epochs": options.epochs},
        }
        small = replace(
            self.bench, project=self.bench.project.changed(values, "the audit"), purpose="audit", prepared={}
        )
        refusals: list[SplitError] = []
        for num in numbers_of_folds(options.num_folds):
            if not refusals:
                say(f"audit: no pretrained weights here, so {num} small models are trained for it, from nothing")
            try:
                found = train_folds(small, num)
            except SplitError as refusal:  # a rare label has too few groups for so many
                refusals.append(refusal)
                say(f"audit: a label has too few groups for {num} folds")
                continue
            assert found is not None, "the audit is the work of one process"
            return found.predictions, found.runs
        say(f"audit: no model can judge the labels. {refusals[-1]}")
        return None

    def _judged(self, known: Evidence, folds: Folds) -> Evidence:
        """What is known, and what models of folds say of photos that they did not learn."""
        predictions, records = folds
        manifest = known.manifest
        place_N = pd.Index(predictions.paths).get_indexer(manifest.frame["path"])
        said_NK = np.where(place_N[:, None] >= 0, predictions.joint_NK[place_N], np.nan)
        probs_NK = said_NK if known.probs_NK is None else _mean(known.probs_NK, said_NK)
        margins_NA = read_margins(self.bench, records, manifest)
        views = known.views or tuple(held_out_views(self.bench, records))
        origin = f"{len(records)} models of folds, each of photos that it did not learn"
        origin = f"{known.origin}, and by {origin}" if known.origin else origin
        return replace(known, views=views, probs_NK=probs_NK, margins_NA=margins_NA, origin=origin)


def _mean(first_NK: np.ndarray, second_NK: np.ndarray) -> np.ndarray:
    """Of both where both have an answer."""
    both_NK = np.stack([first_NK, second_NK])
    there = np.isfinite(both_NK)
    return np.where(
        there.any(axis=0), np.where(there, both_NK, 0).sum(axis=0) / np.maximum(there.sum(axis=0), 1), np.nan
    )


def witnesses(bench: Bench) -> Witnesses:
    """Of the photos as they are today."""
    return Witnesses(bench, prepare(bench))
