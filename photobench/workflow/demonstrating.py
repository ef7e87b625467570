"""The demo: drawn photos whose truth is known, the whole journey on them, and the submission scored against that truth."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from photobench import config
from photobench.audit import words as audit_words
from photobench.config import Layer
from photobench.crop.detectors import has_faces
from photobench.errors import ConfigError, WorkspaceError
from photobench.metrics import Counts, confusion, f1, macro
from photobench.progress import progress, say
from photobench.project import ProjectOptions
from photobench.records import RunRecord
from photobench.sources.demo import make_demo, rarest_label
from photobench.workflow.bench import open_bench
from photobench.workflow.insight.reporting import report
from photobench.workflow.journey import run_to_submission
from photobench.workflow.labels.auditing import audit
from photobench.workflow.models.asking import evaluate_run, run_manifest
from photobench.workflow.photos.first_look import init
from photobench.workflow.planted import planted_sentences
from photobench.workspace import PROJECT_FILE

NUM_EVAL_PEOPLE, PHOTOS_EACH, NUM_CLASSES = 60, 7, 18
USUAL_FOLDS = 5

OPTIONS: dict[str, Any] = {
    "model": {"backbone": "resnet18", "weights": "none", "size_px": 112, "crop": 0.75},
    "train": {"epochs": 30, "patience": 30, "lr": 1e-3, "warmup_epochs": 2.0},
}
"""A small model from nothing: the demo runs anywhere, without a download."""
FACES: dict[str, Any] = {"crop": {"method": "face", "nothing": "group"}}
"""Where the detector is installed, faces are cut out, as a competitor would."""


def draw_demo(folder: Path, people: int) -> Path:
    """The folder of the demo's photos, drawn now where they are not there; with the truth beside, that no training reads.

    Raises:
        ConfigError: a label would be that of one person only, of which nothing can be learned and checked; nothing is drawn.
    """
    say(f"draw: {what_is_drawn(people)}")
    photos = folder / "photos"
    with progress(PHOTOS_EACH * (people + NUM_EVAL_PEOPLE), "draw") as bar:
        make_demo(
            photos,
            num_people=people,
            num_eval_people=NUM_EVAL_PEOPLE,
            progress=lambda done, _: bar.advance(done - bar.done),
        )
    return photos


def what_is_drawn(people: int) -> str:
    """What a demo of so many people has, and how many folds it takes where that is few.

    Raises:
        ConfigError: a label would be that of one person only.
    """
    rarest, number = rarest_label(0, people)
    if number < 2:
        raise ConfigError(
            [
                f'--people {people} draws {number or "no"} person with the label "{rarest}", and 2 are needed, one to learn from and one to check: --people '
                f"{_enough(people, 2)}."
            ]
        )
    drawn = (
        f"{people} people to learn from, {PHOTOS_EACH * people:,} photos, and {NUM_EVAL_PEOPLE} others as the evaluation set, "
        f"{PHOTOS_EACH * NUM_EVAL_PEOPLE:,} photos, whatever --people is."
    )
    if number >= USUAL_FOLDS:
        return drawn
    return (
        f'{drawn} "{rarest}" are only {number} of them, and each fold is asked about every label: --folds {number} at the most; --people '
        f"{_enough(people, USUAL_FOLDS)} allows --folds {USUAL_FOLDS}."
    )


def _enough(people: int, folds: int) -> int:
    """The next larger number of people of whom so many have the rarest label."""
    return next(number for number in itertools.count(people + 1) if rarest_label(0, number)[1] >= folds)


def demo(folder: Path, people: int, sets: Sequence[Mapping[str, Any]]) -> RunRecord:
    """Draw the demo's photos, run the journey and the audit on them, and hold both against the truth that training never saw.

    Raises:
        ConfigError: a mistake in what is set; nothing is drawn.
        WorkspaceError: the folder is that of a project of other photos.
    """
    _check_free(folder, sets)
    photos = draw_demo(folder, people)
    if not (folder / PROJECT_FILE).exists():
        say(init(photos, folder, chosen={**OPTIONS, **(FACES if has_faces() else {})}))
    bench = open_bench(folder, sets)
    record = run_to_submission(bench)
    score = _truth_score(photos, bench.workspace.submissions / f"{record.name}.csv")
    checked = audit(bench)
    planted = planted_sentences(photos / "truth" / "train.csv", run_manifest(bench, record).space, checked)
    path = report(bench, record.name, truth_score=score, planted=planted)
    said = evaluate_run(bench, record.name)["valid"].joint.metrics["macro_f1"]
    held = "inside" if said.low <= score["value"] <= said.high else "outside"
    say(
        f"truth: the submission's macro-F1 is {score['value']:.3f} on {score['n']} photos whose truth was hidden, "
        f"{held} what validation promised: {said.text()}"
    )
    say(audit_words.summary(checked))
    for sentence in planted:
        say(f"truth: {sentence}")
    say(f"report: {path}")
    return record


def _check_free(folder: Path, sets: Sequence[Mapping[str, Any]]) -> None:
    config.resolve(ProjectOptions, [Layer("command line", values) for values in sets])
    if not (folder / PROJECT_FILE).exists():
        return
    project = open_bench(folder, sets).project
    theirs = project.path(project.options.source.photos)
    if theirs != (folder / "photos").resolve():
        raise WorkspaceError(
            f"{folder} is the folder of a project already, of the photos in {theirs}. Name another one for the demo: photobench demo FOLDER"
        )


def _truth_score(photos: Path, submission: Path) -> dict[str, Any]:
    """Macro-F1 of a submission against the truth of the evaluation photos, over the classes of either."""
    truth = pd.read_csv(photos / "truth" / "eval.csv").set_index("ImageID")["ans"]
    sent = pd.read_csv(submission).set_index("ImageID")["ans"]
    answers = sent.reindex(truth.index).to_numpy()
    counts = Counts.of(confusion(truth.to_numpy(), answers, NUM_CLASSES))
    return {"value": float(macro(f1(counts))), "n": len(truth), "metric": "macro_f1"}
