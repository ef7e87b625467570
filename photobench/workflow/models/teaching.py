"""What a training learns from others: what a teacher says of its photos, and labels that somebody gives to the evaluation set."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from photobench.data.pseudo import LEAKAGE, PSEUDO, with_pseudo_labels
from photobench.errors import PhotobenchError
from photobench.progress import say
from photobench.records import Manifest, Predictions, fingerprint
from photobench.words import count
from photobench.workflow.bench import Bench
from photobench.workflow.photos.preparing import Prepared

TOO_GOOD = "Its models learned from what is validation here, so the validation score is a little too good, and only test photos tell"
TAUGHT = "teacher.parquet"
"""In a run's folder: what the teacher said, so that a training can be gone on with whatever becomes of the teacher."""


def teacher_key(bench: Bench, manifest: Manifest) -> str:
    """Changes when what is taught does; empty without a teacher.

    Raises:
        PhotobenchError: the teacher learned from a photo that it would teach, or tells other classes.
    """
    if not bench.options.train.teacher:
        return ""
    return fingerprint("teacher", _teaches(bench, manifest).to_bytes())


def taught(bench: Bench, manifest: Manifest, folder: Path) -> np.ndarray | None:
    """What the teacher says of the training photos, (N, K) in their order, kept in the run's folder; None without a teacher."""
    if not bench.options.train.teacher:
        return None
    say(f"train: {bench.options.train.teacher} teaches what it says of photos that it did not learn from. {TOO_GOOD}.")
    if not (folder / TAUGHT).exists():
        bench.workspace.write(folder / TAUGHT, _teaches(bench, manifest).to_bytes())
    return read_taught(folder, manifest)


def read_taught(folder: Path, manifest: Manifest) -> np.ndarray | None:
    """What the run's teacher said; None where it has none."""
    path = folder / TAUGHT
    return _of_training(Predictions.read(path), manifest).joint_NK if path.exists() else None


def _teaches(bench: Bench, manifest: Manifest) -> Predictions:
    """What the teacher says of the training photos, in their order, none of which it learned from.

    A model that has learned a photo is sure of its label whatever the photo shows, and teaches no more than the label does.
    """
    from photobench.workflow.answers.answering import find_answerer  # answerers are made of trainings

    teacher = find_answerer(bench, bench.options.train.teacher)
    held = teacher.held_out().predictions
    if held.space != manifest.space:
        raise PhotobenchError(
            f"{teacher.name} tells other classes than this project, so it cannot teach it. Name another train.teacher."
        )
    wanted = manifest.frame["path"].iloc[manifest.rows("train")]
    known = {path for path, reason in zip(held.paths, held.reasons, strict=True) if not reason}
    lacking = [path for path in wanted if path not in known]
    if lacking:
        raise PhotobenchError(
            f"{teacher.name} did not hold out {len(lacking):,} of the {len(wanted):,} training photos, such as {lacking[0]}: of a photo that it "
            "learned it can teach no more than the label. A teacher is a set of folds of the same photos, or an ensemble of such sets: "
            "photobench train --folds 5"
        )
    return _of_training(held, manifest)


def _of_training(said: Predictions, manifest: Manifest) -> Predictions:
    """Of the training photos, in their order."""
    row_of = {path: row for row, path in enumerate(said.paths)}
    paths = manifest.frame["path"].iloc[manifest.rows("train")].tolist()
    rows = [row_of[path] for path in paths]
    return Predictions(paths, said.joint_NK[rows], said.space, [said.reasons[row] for row in rows], said.run)


def with_pseudo(bench: Bench, prepared: Prepared) -> Prepared:
    """The photos as they were prepared, those of the evaluation set that train.pseudo is sure of among the training photos.

    Raises:
        PhotobenchError: there is no evaluation set, the answerer tells other classes, or it is sure of no photo.
    """
    options = bench.options.train
    if not options.pseudo:
        return prepared
    from photobench.workflow.answers.answering import find_answerer  # answerers are made of trainings

    manifest, answerer = prepared.manifest, find_answerer(bench, options.pseudo)
    said = answerer.predict()
    if said.space != manifest.space:
        raise PhotobenchError(
            f"{answerer.name} tells other classes than this project, so it cannot label its photos. Name another train.pseudo."
        )
    marked = with_pseudo_labels(manifest, said, options.pseudo_confidence)
    num = int(marked.frame[PSEUDO].notna().sum())
    if not num:
        raise PhotobenchError(
            f"{answerer.name} is sure of none of {count(len(said), 'photo')} of the evaluation set (train.pseudo_confidence = "
            f'{options.pseudo_confidence:g}). Lower it, or set train.pseudo = "".'
        )
    note = f"{count(num, 'photo')} of the evaluation set are learned with the label that {answerer.name} gives them (train.pseudo). {LEAKAGE}."
    return replace(prepared, manifest=replace(marked, notes=(*marked.notes, note)))
