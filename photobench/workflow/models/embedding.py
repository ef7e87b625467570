"""What a backbone makes of the project's photos, before any training where weights can be had. Stages that look at photos share it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from photobench.data.embedded import ABOUT_FILE, about_text, origin_of
from photobench.errors import ModelError, PhotobenchError
from photobench.progress import say
from photobench.records import RunRecord, Said, Sentence
from photobench.workflow.bench import Bench
from photobench.workflow.models.asking import run_manifest, way_of
from photobench.workflow.photos.preparing import Prepared, prepare

if TYPE_CHECKING:
    from photobench.vision.model import Classifier

BY_PRETRAINED = Sentence(
    "seen by pretrained", "{backbone} with its pretrained weights, which know nothing of these labels"
)
BY_RUN = Sentence("seen by run", "the backbone of run {name}, which has learnt the labels of its training photos")


@dataclass(frozen=True)
class Embedded:
    """What one backbone makes of photos.

    Attributes:
        values_ND: float32, a row per photo that was asked for; NaN where the photo cannot be read.
        origin: in words for people: whose features these are.
        learnt_N: bool; the backbone has learnt the label of this photo, and places it by what it was told.
        ask: the same backbone, of other stored squares (M, S, S, 3): (M, D) float32, kept as well.
    """

    values_ND: np.ndarray
    origin: Said
    learnt_N: np.ndarray
    ask: Callable[[np.ndarray], np.ndarray]


def embeddings_of(bench: Bench, prepared: Prepared, rows: np.ndarray | None = None) -> Embedded | None:
    """Features of these rows of the manifest (all for None), from the cache where a photo was seen before.

    The project's own backbone with its pretrained weights is asked, for it knows no label. Where they cannot be had, the
    backbone of the run that was used last is. None where there is neither; the reason is said.

    Raises:
        ConfigError: there is no such backbone (with the nearest name).
    """
    rows = np.arange(len(prepared.manifest)) if rows is None else rows
    try:
        return pretrained_embeddings(bench, prepared, rows)
    except ModelError as error:
        latest = bench.workspace.latest_run()
        if latest is None:
            say(f"embed: left out, for there is no backbone to ask. {error}")
            return None
        return _of_run(bench, prepared, rows, latest)


def pretrained_embeddings(bench: Bench, prepared: Prepared, rows: np.ndarray) -> Embedded:
    """Features of these rows by the options' backbone with its pretrained weights, which know no label.

    Raises:
        ModelError: there are no such weights that can be had.
        ConfigError: there is no such backbone (with the nearest name).
    """
    weights = bench.options.model.weights
    if weights == "none":
        raise ModelError('model.weights is "none": set it to "pretrained" or to a file, or train first.')
    from photobench.vision import zoo  # brings torch: only where a model is asked
    from photobench.vision.weights import check_weights

    zoo.check(bench.options.model.backbone)
    check_weights(bench.options.model.backbone, weights, bench.project.root)
    import torch

    from photobench.vision.device import choose_device
    from photobench.vision.model import build_classifier
    from photobench.workflow.models.fitting import training_spec

    device = choose_device(bench.options.train.device)
    spec = training_spec(bench, prepared, device)
    model = build_classifier(spec, weights, bench.project.root).to(device).to(memory_format=torch.channels_last)
    origin = BY_PRETRAINED(backbone=spec.backbone)
    return _seen(bench, prepared, rows, model, origin, np.zeros(len(rows), dtype=bool))


def _of_run(bench: Bench, prepared: Prepared, rows: np.ndarray, record: RunRecord) -> Embedded:
    from photobench.predict import load_model

    own = prepare(bench, way_of(bench, record))  # the run's own cut of the same photos
    model = load_model(bench.workspace.root / record.folder, bench.options.train.device)
    learnt = run_manifest(bench, record)
    known = set(learnt.frame["path"].iloc[learnt.rows("train")])
    origin = BY_RUN(name=record.name)
    paths = prepared.manifest.frame["path"].iloc[rows]
    return _seen(bench, own, rows, model, origin, paths.isin(known).to_numpy())


def _seen(
    bench: Bench, prepared: Prepared, rows: np.ndarray, model: Classifier, origin: Said, learnt_N: np.ndarray
) -> Embedded:
    from photobench.train.embeddings import backbone_key, embed, embed_squares

    good = prepared.manifest.usable()[rows]
    if not good.any():
        raise PhotobenchError("No photo can be read. See: photobench list problems")
    folder = bench.workspace.embeddings / backbone_key(model)
    seen_GD = embed(model, prepared.pack, rows[good], folder)
    if origin_of(folder) != origin:
        bench.workspace.write(folder / ABOUT_FILE, about_text(origin))
    values_ND = np.full((len(rows), seen_GD.shape[1]), np.nan, np.float32)
    values_ND[good] = seen_GD
    return Embedded(values_ND, origin, learnt_N, partial(embed_squares, model, folder=folder))
