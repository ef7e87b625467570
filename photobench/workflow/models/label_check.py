"""What the flips and turns of an augmentation cost the labels of a run, measured by its own model."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from photobench import __version__, config
from photobench.config import Layer
from photobench.errors import PhotobenchError
from photobench.invariance import LabelCheck, LabelCost, Views, label_costs
from photobench.records import Manifest, RunRecord, fingerprint
from photobench.vision.options import AugmentOptions
from photobench.vision.turns import TURNS
from photobench.workflow.bench import Bench
from photobench.workflow.models.asking import as_it_was, run_manifest, way_of

MAX_PHOTOS = 500
"""Of training and of validation each, that are looked at."""


def check_labels(bench: Bench, record: RunRecord, more: Iterable[str] = ()) -> LabelCheck:
    """What the flips and turns in a run's augmentation cost each attribute, and `more` of TURNS; measured once, kept with the run.

    Raises:
        PhotobenchError: the run has no labelled photos to measure this with.
    """
    kept = label_check(bench, record)
    known = kept or _nothing_yet(record)
    wanted = {*known.used, *more} - {cost.transform for cost in known.costs}
    if kept and not wanted:
        return kept
    with bench.stage("augment"):
        measured = _measured(bench, record, [turn for turn in TURNS if turn in wanted]) if wanted else []
    found = replace(known, costs=(*known.costs, *measured))
    bench.workspace.put_derived(
        _path(bench, record), _key(bench, record), json.dumps(found.to_json(), indent=1, ensure_ascii=False)
    )
    return found


def label_check(bench: Bench, record: RunRecord) -> LabelCheck | None:
    """What was measured of a run; None where that was not done yet."""
    kept = bench.workspace.recall(_path(bench, record), _key(bench, record))
    return None if kept is None else LabelCheck.from_json(json.loads(kept))


def _path(bench: Bench, record: RunRecord) -> Path:
    return bench.workspace.root / record.folder / "label-check.json"


def _key(bench: Bench, record: RunRecord) -> str:
    return fingerprint(__version__, record.fingerprint, bench.options.evaluate.model_dump())


def _nothing_yet(record: RunRecord) -> LabelCheck:
    """The flips and turns in a run's augmentation, before any is measured."""
    from photobench.vision.augment import Augment  # brings torch: only where a model is asked

    options = config.resolve(AugmentOptions, [Layer(f"run {record.name}", record.config["augment"])])
    size_px = record.config["model"]["size_px"]
    found = Augment(options, size_px, size_px, 1.0).turns
    return LabelCheck(tuple(turn for turn in TURNS if turn in found), bool(options.pipeline))


def _measured(bench: Bench, record: RunRecord, transforms: list[str]) -> list[LabelCost]:
    from photobench.predict import features, load_model
    from photobench.vision.preprocess import fixed_view

    manifest, options = run_manifest(bench, record), bench.options.evaluate
    prepared = as_it_was(bench, manifest, way_of(bench, record))
    rows = {split: _sampled(prepared.manifest, split) for split in ("train", "valid")}
    if not all(map(len, rows.values())):
        raise PhotobenchError(f"Run {record.name} has no labelled photos left to measure with in train or valid.")
    model = load_model(bench.workspace.root / record.folder, bench.options.train.device)
    images = {
        split: fixed_view(prepared.pack.pixels[chosen], model.spec.size_px, model.spec.crop)
        for split, chosen in rows.items()
    }
    upright = {split: features(model, images[split]) for split in rows}
    groups_N, _ = pd.factorize(prepared.manifest.frame["group" if manifest.has_groups else "path"].iloc[rows["valid"]])
    found = []
    for transform in transforms:
        train, valid = (
            Views(upright[s], features(model, TURNS[transform](images[s])), prepared.manifest.codes()[rows[s]])
            for s in ("train", "valid")
        )
        found += label_costs(transform, manifest.space.attributes, train, valid, groups_N,
                             options.bootstraps, options.confidence, options.seed)  # fmt: skip
    return found


def _sampled(manifest: Manifest, split: str) -> np.ndarray:
    """At most MAX_PHOTOS rows of a split, always the same, as even over the classes as there are photos."""
    rows = np.random.default_rng(0).permutation(manifest.rows(split))
    classes = pd.Series(manifest.classes()[rows])
    rank = classes.groupby(classes).cumcount().to_numpy()
    return np.sort(rows[np.argsort(rank, kind="stable")][:MAX_PHOTOS])
