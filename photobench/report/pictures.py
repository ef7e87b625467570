"""Photos inside the page: examples per class, and the mistakes, as small WebP images in the HTML itself."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from PIL import Image

from photobench.errors import PhotobenchError
from photobench.records import ClassSpace, Predictions
from photobench.report.inputs import ReportInputs, Thumbnail
from photobench.report.numbers import probability

SIZE_PX = 128
QUALITY = 80
MAX_CLASSES = 60
MAX_EXAMPLES = 72
PER_CLASS = (8, 4, 3, 2, 1)
MAX_MISTAKES = 24
TOP_CLASSES = 3


@dataclass(frozen=True)
class Picture:
    path: str
    source: str  # a data: URI
    width: int
    height: int


@dataclass(frozen=True)
class Example:
    name: str
    num_photos: int
    pictures: list[Picture]


@dataclass(frozen=True)
class Guess:
    """One line of a mistake's probabilities."""

    name: str
    text: str
    percent: float
    role: str  # truth | predicted | other


@dataclass(frozen=True)
class Mistake:
    picture: Picture | None
    path: str
    truth: list[tuple[str, bool]]  # parts of the class name; True where the prediction differs
    predicted: list[tuple[str, bool]]
    guesses: list[Guess] = field(default_factory=list)


def examples(inputs: ReportInputs) -> list[Example]:
    """Photos of each class that has any, of different subjects, always the same ones for the same manifest."""
    manifest = inputs.manifest
    ids_N = np.where(manifest.usable(), manifest.classes(), -1)
    present = np.unique(ids_N[ids_N >= 0])
    if inputs.thumbnail is None or not len(present):
        return []
    per_class = next((n for n in PER_CLASS if n * len(present) <= MAX_EXAMPLES), 1)
    names, found = manifest.space.class_names, []
    for class_id in present[:MAX_CLASSES]:
        rows = np.flatnonzero(ids_N == class_id)
        pictures = _first_readable(inputs.thumbnail, _varied_paths(manifest.frame.iloc[rows]), per_class)
        found.append(Example(names[class_id], len(rows), pictures))
    return found


def mistakes(inputs: ReportInputs) -> list[Mistake]:
    """The worst first: those of which the model was surest."""
    frame = inputs.mistakes
    if frame is None or frame.empty:
        return []
    worst = frame.sort_values(["confidence", "prob_truth"], ascending=[False, True], kind="stable").head(MAX_MISTAKES)
    return [_mistake(inputs, row) for row in worst.to_dict("records")]


def picture(thumbnail: Thumbnail | None, path: str) -> Picture | None:
    """None when the photo cannot be read any more."""
    if thumbnail is None:
        return None
    try:
        pixels = thumbnail(path)
    except (PhotobenchError, OSError):
        return None
    image = Image.fromarray(np.ascontiguousarray(pixels))
    image.thumbnail((SIZE_PX, SIZE_PX))
    sink = io.BytesIO()
    image.save(sink, "WEBP", quality=QUALITY, method=4)
    encoded = base64.b64encode(sink.getvalue()).decode()
    return Picture(path, f"data:image/webp;base64,{encoded}", *image.size)


def _varied_paths(frame: pd.DataFrame) -> list[str]:
    """One photo of each subject first, in an order that does not depend on the order of the table."""
    ordered = frame.assign(_order=pd.util.hash_pandas_object(frame["path"], index=False)).sort_values("_order")
    again = ordered["group"].duplicated()
    return [*ordered.loc[~again, "path"], *ordered.loc[again, "path"]]


def _first_readable(thumbnail: Thumbnail, paths: list[str], wanted: int) -> list[Picture]:
    found: list[Picture] = []
    for path in paths[: 3 * wanted]:
        if len(found) == wanted:
            break
        one = picture(thumbnail, path)
        found += [one] if one else []
    return found


def _mistake(inputs: ReportInputs, row: dict[str, object]) -> Mistake:
    space, path = inputs.manifest.space, str(row["path"])
    truth, predicted = _name(space, row["truth"]), _name(space, row["predicted"])
    truth_parts, predicted_parts = _marked(truth, predicted, len(space.attributes))
    guesses = _guesses(inputs, path, truth, predicted) or [
        Guess(
            predicted,
            probability(float(str(row["confidence"]))),
            100 * float(str(row["confidence"])),
            "predicted",
        ),
        Guess(truth, probability(float(str(row["prob_truth"]))), 100 * float(str(row["prob_truth"])), "truth"),
    ]
    return Mistake(picture(inputs.thumbnail, path), path, truth_parts, predicted_parts, guesses)


def _name(space: ClassSpace, label: object) -> str:
    """A class id or a class name → the name."""
    return space.class_names[int(label)] if isinstance(label, int | np.integer) else str(label)


def _marked(truth: str, predicted: str, num_parts: int) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
    left, right = truth.split(" · "), predicted.split(" · ")
    if num_parts == 1 or len(left) != len(right):
        return [(truth, False)], [(predicted, False)]
    differs = [a != b for a, b in zip(left, right, strict=True)]
    return list(zip(left, differs, strict=True)), list(zip(right, differs, strict=True))


def _guesses(inputs: ReportInputs, path: str, truth: str, predicted: str) -> list[Guess]:
    """The most probable classes, and the true one wherever it stands."""
    for predictions in (inputs.predictions.get(inputs.split), *inputs.predictions.values()):
        row = _row_of(predictions, path)
        if predictions is None or row is None:
            continue
        names, probs_K = predictions.space.class_names, predictions.joint_NK[row]
        order = list(np.argsort(-probs_K)[:TOP_CLASSES])
        if truth in names and names.index(truth) not in order:
            order = [*order[: TOP_CLASSES - 1], names.index(truth)]
        roles = {truth: "truth", predicted: "predicted"}
        return [
            Guess(
                names[k],
                probability(float(probs_K[k])),
                100 * float(probs_K[k]),
                roles.get(names[k], "other"),
            )
            for k in order
        ]
    return []


def _row_of(predictions: Predictions | None, path: str) -> int | None:
    if predictions is None or path not in predictions.paths:
        return None
    row = predictions.paths.index(path)
    return row if not predictions.reasons[row] else None
