"""A finished run is asked: on its own validation and test photos, on the evaluation set, on files."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from photobench import __version__
from photobench.crop.finder import Finder
from photobench.crop.options import CropOptions
from photobench.data.pack import Pack, PackSpec
from photobench.data.packing import build_pack, open_pack
from photobench.errors import PhotobenchError, WorkspaceError
from photobench.evaluation import Evaluation
from photobench.progress import progress
from photobench.records import BOX_COLUMNS, WHOLE, Box, Manifest, Predictions, RunRecord, averaged, fingerprint
from photobench.sources.inputs import photo_files
from photobench.workflow.bench import Bench
from photobench.workflow.models.held_out import HeldOut
from photobench.workflow.models.kept_evaluation import kept_evaluations
from photobench.workflow.photos.preparing import Prepared, Way, prepare
from photobench.workspace import check_can_write, disk_errors, write_atomic

if TYPE_CHECKING:
    from photobench.vision.model import Classifier


def evaluate_run(bench: Bench, name: str | None = None) -> dict[str, Evaluation]:
    """Metrics with intervals of a run on `valid` and, where there is one, `test`, on the split it was trained with."""
    record = bench.workspace.find_run(name)
    manifest, home = run_manifest(bench, record), bench.workspace.root / record.folder
    splits = [split for split in ("valid", "test") if len(manifest.rows(split))]
    return kept_evaluations(
        bench, home, [HeldOut(manifest, split_predictions(bench, record, split), split) for split in splits]
    )


def run_manifest(bench: Bench, record: RunRecord) -> Manifest:
    """The photos, labels and split that a run was trained on: later changes of the project do not move them."""
    return Manifest.read(bench.workspace.root / record.folder / "manifest.parquet")


PLAIN = ("plain",)
"""The view that training's validation has: the name of an entry of vision.views.VIEWS."""
SAMPLE, SAMPLED = "sample", 1000
"""A split that is at most so many photos of the evaluation set, always the same ones."""


def split_predictions(bench: Bench, record: RunRecord, split: str, views: Sequence[str] = PLAIN) -> Predictions:
    """What a run says of a split, the mean of what it says of these views of each photo: asked once, then kept in the run's folder.

    `valid` and `test` are asked right after training, so that later changes of the photos do not move them.
    """
    parts = [_view_predictions(bench, record, split, view) for view in views]
    return parts[0] if len(parts) == 1 else averaged(parts, record.name)


def _view_predictions(bench: Bench, record: RunRecord, split: str, view: str) -> Predictions:
    way = way_of(bench, record)
    manifest = _manifest_of(bench, record, split, way)
    asked = manifest.frame[manifest.frame["split"] == split]
    other = () if view in PLAIN else (view,)
    path = bench.workspace.root / record.folder / f"{'-'.join(('predictions', split, *other))}.parquet"
    seen = ("path", "sha256", "reason", *BOX_COLUMNS)
    key = fingerprint(__version__, record.fingerprint, *(asked[c].tolist() for c in seen if c in asked), *other)

    def asked_now() -> bytes:
        with bench.stage("predict"):
            today = split in ("predict", SAMPLE)
            prepared = replace(prepare(bench, way), manifest=manifest) if today else as_it_was(bench, manifest, way)
            return _predict_split(bench, record, prepared, split, view).to_bytes()

    return Predictions.read(bench.workspace.derived(path, key, asked_now))


def _manifest_of(bench: Bench, record: RunRecord, split: str, way: Way) -> Manifest:
    """In which a split is looked up: the evaluation set is that of today."""
    if split == "predict":
        return prepare(bench, way).manifest
    return _sampled(prepare(bench, way).manifest) if split == SAMPLE else run_manifest(bench, record)


def _sampled(manifest: Manifest) -> Manifest:
    """With some of the readable photos of the evaluation set in the split SAMPLE."""
    rows, split = manifest.rows("predict"), manifest.frame["split"].to_numpy(dtype=object).copy()
    split[np.random.default_rng(0).permutation(rows)[:SAMPLED]] = SAMPLE
    return manifest.with_columns(split=split)


def as_it_was(bench: Bench, manifest: Manifest, way: Way) -> Prepared:
    """A run's photos, from its pack, or else from today's files: one that is gone or has changed since is then left out."""
    pack = open_pack(manifest, way.pack, bench.workspace.packs)
    if pack:
        return Prepared(manifest, pack, way)
    pack = _read_anew(bench, manifest, way.pack)
    same = (pack.table["sha256"] == manifest.frame["sha256"].to_numpy()).to_numpy()
    reason = np.where(same | ~manifest.usable(), manifest.frame["reason"], "gone or changed since the training")
    return Prepared(manifest.with_columns(reason=reason), pack, way)


def _read_anew(bench: Bench, manifest: Manifest, spec: PackSpec) -> Pack:
    """A pack of today's files for this call alone, for its key would promise the photos of that time. Processes that need one take turns."""
    apart = bench.workspace.packs / "of an older run"
    with bench.workspace.turn(apart.with_name(f"{apart.name}.lock")):
        shutil.rmtree(apart, ignore_errors=True)  # what a kill has left
        pack = build_pack(manifest, spec, apart, bench.options.pack.workers)
        shutil.rmtree(apart, ignore_errors=True)  # the pixels stay mapped until they are not needed
    return pack


def _predict_split(bench: Bench, record: RunRecord, prepared: Prepared, split: str, view: str) -> Predictions:
    from photobench.predict import load_model  # brings torch: only where a model is asked

    model = load_model(bench.workspace.root / record.folder, bench.options.train.device)
    return told_by(model, prepared, split, view, record.name)


def told_by(model: Classifier, prepared: Prepared, split: str, view: str, name: str) -> Predictions:
    """What a model says of the photos of a split, under this name."""
    from photobench.predict import predict_rows

    manifest = prepared.manifest
    asked = np.flatnonzero((manifest.frame["split"] == split).to_numpy())
    good = manifest.usable()[asked]
    joint_NK = np.full((len(asked), model.spec.space.num_classes), np.nan, np.float32)
    with progress(int(good.sum()), _doing(split, view)) as bar:
        joint_NK[good] = predict_rows(model, prepared.pack, asked[good], views=(view,), advance=bar.advance)
    rows = manifest.frame.iloc[asked]
    return Predictions(rows["path"].tolist(), joint_NK, model.spec.space, rows["reason"].tolist(), name)


def _doing(split: str, view: str) -> str:
    """`"predict"`, `"predict valid"`, `"predict valid, flip"`: the photos to predict are a split of that name."""
    return " ".join(dict.fromkeys(("predict", split))) + ("" if view in PLAIN else f", {view}")


def way_of(bench: Bench, record: RunRecord) -> Way:
    """What a photo goes through before a run's model."""
    path = bench.workspace.root / record.folder / "model.json"
    try:
        saved = json.loads(path.read_text(encoding="utf-8"))
        return Way(
            CropOptions(**saved.get("cropping", {})), PackSpec(**saved["pack"]), Box(**saved.get("usual_box", {}))
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WorkspaceError(
            f"Run {record.name} has lost its model.json ({error}). Train it again: photobench train"
        ) from error


def predict(
    bench: Bench, paths: Sequence[str | Path] = (), name: str | None = None, views: Sequence[str] = PLAIN
) -> Predictions:
    """What a run says of photos, folders of photos or tables of paths; of the evaluation set where nothing is named.

    Args:
        views: of each photo, whose answers are averaged.
    """
    record = bench.workspace.find_run(name)
    if paths:
        files = photo_files([Path(p) for p in paths], bench.options.source.path_column)
        from photobench.predict import load_model, predict_files

        model = load_model(bench.workspace.root / record.folder, bench.options.train.device)
        return predict_files(model, files, record.name, finder_of(bench, record), views)
    predictions = split_predictions(bench, record, "predict", views)
    if not len(predictions):
        raise PhotobenchError(
            "There is no evaluation set to predict: name photos or folders, or set source.predict to a folder of unlabelled photos."
        )
    return predictions


def finder_of(bench: Bench, record: RunRecord) -> Finder:
    """Boxes for files: a photo that the run knows has the box that it had there, however it came to it."""
    way, manifest = way_of(bench, record), run_manifest(bench, record)
    known = _known_boxes(manifest)
    if way.crop.method in ("none", "center"):  # needs no look: all but what people decided is known without the files
        known = {content: boxes for content, boxes in known.items() if any(b.how == "decided" for b in boxes.values())}
    return Finder(way.crop, way.usual or WHOLE, bench.project.root, known)


def _known_boxes(manifest: Manifest) -> dict[str, dict[Path, Box]]:
    """By content and file, as a Finder wants them."""
    known: dict[str, dict[Path, Box]] = {}
    files = ((manifest.root / path).resolve() for path in manifest.frame["path"])
    for file, content, box in zip(files, manifest.frame["sha256"], manifest.boxes(), strict=True):
        known.setdefault(content, {})[file] = box
    return known


def write_predictions(predictions: Predictions, out: Path) -> None:
    """A table for people and other programs: .csv or .parquet.

    Raises:
        PhotobenchError: another ending.
    """
    write_table(predictions.to_frame(), out)


def write_table(frame: pd.DataFrame, out: Path) -> None:
    """Whole or not at all, as the ending says.

    Raises:
        PhotobenchError: it is neither .csv nor .parquet.
    """
    check_table_name(out)
    parquet = out.suffix.lower() == ".parquet"
    data = frame.to_parquet(index=False) if parquet else frame.to_csv(index=False, float_format="%.6f").encode("utf-8")
    with disk_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(out, data)


def check_table_name(out: Path) -> None:
    """Raises PhotobenchError where a table cannot be written under this name; said before the work, not after it."""
    if out.suffix.lower() not in (".csv", ".parquet"):
        raise PhotobenchError(
            f'"{out}" would be written as {out.suffix or "nothing known"}: name a .csv or a .parquet file.'
        )
    check_can_write(out)
