"""How the trainings behind one name went: a row for each, and their curves in one figure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from photobench.records import RunRecord
from photobench.report.figures import BY_HEART, FLAT, RISING, Chart, course
from photobench.report.numbers import METRIC_NAMES, MISSING
from photobench.words import count, duration

MOST_LINES = 12
"""Of a figure: more of them cannot be told apart."""
CURVES = {"macro_f1": "Macro F1 on the photos that each held out", "valid_loss": "Loss on those photos"}
COURSES = {
    BY_HEART: "their loss on photos that they held out rises while that on their training photos still falls: they learn those by heart. "
    "Stronger augmentation or fewer epochs would help.",
    RISING: "they were still getting better when they ended: more epochs are worth a trial.",
    FLAT: "the curves are flat at the end: more epochs alone would not help.",
}


@dataclass(frozen=True)
class Row:
    """Figures are of the epoch that was kept, on the photos that this training held out."""

    line: str
    name: str
    part: str
    metrics: list[str]
    epochs: str
    time: str


def rows(trainings: Sequence[RunRecord]) -> list[Row]:
    return [
        Row(
            line_name(one),
            one.name,
            part(one),
            [f"{one.metrics[name]:.2f}" if name in one.metrics else MISSING for name in ("macro_f1", "accuracy")],
            _epochs(one),
            duration(one.timings["train"]) if "train" in one.timings else MISSING,
        )
        for one in trainings
    ]


def part(record: RunRecord) -> str:
    """`fold 2 of 5`, or nothing for one that learned from all training photos."""
    split = record.config.get("split", {})
    if not split.get("folds"):
        return ""
    return f"fold {split['fold']} of {split['folds']}" + (
        f", division {split['repeat'] + 1}" if split.get("repeat") else ""
    )


def line_name(record: RunRecord) -> str:
    """Of its line in a figure: the number with which its name begins."""
    return record.name.split("-")[0]


def _epochs(record: RunRecord) -> str:
    if record.keeps_last:
        return f"{len(record.history)}, the last kept"
    best = int(record.metrics.get("best_epoch", 0))
    return f"{len(record.history)}" + (f", best {best}" if best else "")


def charts(trainings: Sequence[RunRecord]) -> list[Chart]:
    """A line per training; nothing where fewer than two of them have curves."""
    with_curves = [one for one in trainings if len(one.history) > 1][:MOST_LINES]
    if len(with_curves) < 2:
        return []
    from photobench.explore import drawing

    found = []
    for column, title in CURVES.items():
        parts = [
            pd.DataFrame({"epoch": row["epoch"], "series": line_name(one), "value": row[column]} for row in one.history)
            for one in with_curves
            if all(column in row for row in one.history)
        ]
        if parts:
            found.append(Chart(title, drawing.curves(f"curves-{column.replace('_', '-')}", pd.concat(parts)).svg()))
    return found


def words(trainings: Sequence[RunRecord]) -> list[str]:
    """How far apart they are, and what their curves say of the next training."""
    scores = [one.metrics["macro_f1"] for one in trainings if "macro_f1" in one.metrics]
    told = []
    if len(scores) > 1:
        told.append(
            f"{count(len(trainings), 'training')}, with a {METRIC_NAMES['macro_f1']} from {min(scores):.2f} to {max(scores):.2f}, each on the photos that "
            "it held out. Where they held out different photos, the spread is that of the photos too."
        )
    ends = Counter(filter(None, map(course, trainings)))
    for kind, number in ends.most_common():
        who = "In all of them" if number == len(trainings) else f"In {number} of {len(trainings)}"
        told.append(f"{who}, {COURSES[kind]}")
    if len(trainings) > MOST_LINES:
        told.append(f"The figures show the first {MOST_LINES}.")
    return told
