"""Rows of the report's tables: classes, photos left out, timings, the submission, and how to do it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from photobench.compare.table import what_differs
from photobench.explore.words import listed, percent
from photobench.records import Manifest
from photobench.report.inputs import ReportInputs, Scores
from photobench.report.numbers import METRIC_NAMES, Estimate, estimate
from photobench.report.reported import Reported
from photobench.words import count, duration

MAX_OPEN_ROWS = 40
MAX_BROKEN = 40
MAX_NOTES = 100


@dataclass(frozen=True)
class ClassRow:
    name: str
    support: int
    precision: Estimate
    recall: Estimate
    f1: Estimate
    auc: Estimate


@dataclass(frozen=True)
class ClassTable:
    """`rest` is folded away when there are many classes; `rows` are then the worst by F1."""

    title: str
    rows: list[ClassRow]
    rest: list[ClassRow]
    has_auc: bool


@dataclass(frozen=True)
class LeftOut:
    total: int
    reasons: list[tuple[str, int]]
    photos: list[tuple[str, str]]
    num_hidden: int
    notes: list[str]


@dataclass(frozen=True)
class TimingRow:
    stage: str
    text: str
    percent: float


def class_table(title: str, scores: Scores) -> ClassTable:
    rows = [_class_row(row) for row in scores["per_class"]]
    has_auc = any(row.auc.known for row in rows)
    if len(rows) <= MAX_OPEN_ROWS:
        return ClassTable(title, rows, [], has_auc)
    ordered = sorted(rows, key=lambda row: (row.support == 0, row.f1.value if row.f1.value is not None else 2.0))
    return ClassTable(title, ordered[: MAX_OPEN_ROWS // 2], ordered[MAX_OPEN_ROWS // 2 :], has_auc)


def left_out(manifest: Manifest, notes: list[str]) -> LeftOut:
    """Counts per reason, the most frequent first, and the first photos of the list."""
    broken = manifest.broken()
    reasons = broken["reason"].value_counts()
    listed = list(broken.head(MAX_BROKEN).itertuples(index=False, name=None))
    all_notes = list(dict.fromkeys([*manifest.notes, *notes]))
    return LeftOut(len(broken), [(str(r), int(n)) for r, n in reasons.head(MAX_BROKEN).items()], listed,
                   max(len(broken) - MAX_BROKEN, 0), all_notes[:MAX_NOTES])  # fmt: skip


def timing_rows(timings: Mapping[str, float]) -> list[TimingRow]:
    longest = max(timings.values(), default=0.0) or 1.0
    return [TimingRow(stage, duration(seconds), 100 * seconds / longest) for stage, seconds in timings.items()]


def timing_words(timings: Mapping[str, float], model: Reported | None) -> str:
    total = sum(timings.values())
    longest = max(timings, key=lambda stage: timings[stage])
    text = f"{duration(total)} in all; {longest} took {percent(timings[longest] / max(total, 1e-9))} of it."
    return " ".join([text, *_cost(model)]) if model else text


def _cost(model: Reported) -> list[str]:
    """How fast and how long it was trained, and what it takes to ask it."""
    found, device = [], model.first.environment.get("device")
    on = f" ({device})" if device else ""
    rates = [row["images_per_s"] for one in model.trainings for row in one.history if row.get("images_per_s")]
    if rates:
        found.append(f"Training went through {sorted(rates)[len(rates) // 2]:,.0f} photos per second{on}.")
    if not model.is_one_training:
        seconds = sum(one.timings.get("train", 0.0) for one in model.trainings)
        found.append(f"All {len(model.trainings)} trainings together took {duration(seconds)}.")
    if model.ms_per_photo == model.ms_per_photo:
        found.append(
            f"An answer takes {model.ms_per_photo:.1f} ms per photo in its {'model' if model.is_one_training else 'models'}."
        )
    return found


def submission_words(inputs: ReportInputs) -> str:
    """Whether the file can be handed in, and on the demo whether the promise was kept."""
    submission = inputs.submission or {}
    rows = count(int(submission.get("rows") or 0), "row")
    if submission.get("valid"):
        return f"{rows}, in the form of the sample file. It can be handed in as it is."
    return f"{rows}. It does not have the form of the sample file, so it would be refused; see below."


def truth_words(inputs: ReportInputs) -> str:
    """The score of the submission against the hidden truth, and whether the interval of the evaluation held it."""
    truth = inputs.truth_score
    if not truth or truth.get("value") is None:
        return ""
    metric = str(truth.get("metric", "macro_f1"))
    value = float(truth["value"])
    shown = estimate(metric, {"value": value, "low": None, "high": None}).text
    text = (
        f"Here the truth is known: the submission reaches {METRIC_NAMES.get(metric, metric)} {shown} on "
        f"{count(int(truth['n']), 'photo')}. "
    )
    if inputs.evaluation is None:
        return text
    promised = estimate(metric, inputs.evaluation["joint"]["metrics"].get(metric))
    if promised.low is None or promised.high is None:
        return text
    where = f"the interval that the {inputs.asked} photos gave, {promised.interval}"
    if promised.low <= value <= promised.high:
        return f"{text}That is inside {where}: the estimate held."
    side = "above" if value > promised.high else "below"
    return (
        f"{text}That is {side} {where}: the new photos are {'easier' if side == 'above' else 'harder'} "
        "than those, or it is chance."
    )


def facts(manifest: Manifest, model: Reported | None, today: str = "") -> list[tuple[str, str]]:
    """Names and values that pin down what was done."""
    if model is None:
        return [("data fingerprint", manifest.fingerprint())]
    first, one = model.first, model.is_one_training
    pairs = [("run" if one else "name", model.name)]
    if not one:
        pairs.append(("trainings", ", ".join(record.name for record in model.trainings)))
    pairs += [("made", first.created), ("seed", ", ".join(dict.fromkeys(str(r.seed) for r in model.trainings)))]
    pairs += [("run fingerprint", first.fingerprint)] if one else []
    pairs.append(("data fingerprint", first.dataset if one else manifest.fingerprint()))
    if today and today != first.dataset:
        pairs.append(("data fingerprint today", f"{today} (the data has changed since the training)"))
    return [*pairs, *((name, str(value)) for name, value in first.environment.items())]


def how_others_differ(model: Reported) -> str:
    """What the options below leave unsaid of the other trainings; empty of one training."""
    if model.is_one_training:
        return ""
    who_has: dict[str, list[str]] = {}
    for record, options in zip(model.trainings, what_differs([r.config for r in model.trainings]), strict=True):
        if options:
            who_has.setdefault(", ".join(options), []).append(record.name)
    folds = any(record.config.get("split", {}).get("folds") for record in model.trainings)
    told = [f"{options} in {listed(names)}" for options, names in who_has.items()]
    return "; ".join(["The trainings differ in the fold that they held out"] * folds + told)


def _class_row(row: Mapping[str, Any]) -> ClassRow:
    kinds = ("precision", "recall", "f1", "auc")
    return ClassRow(str(row["name"]), int(row["support"]), *(_honest(estimate(k, row.get(k))) for k in kinds))


def _honest(one: Estimate) -> Estimate:
    """An interval without width comes of too few photos, not of certainty (5 of 5 right in every resample):
    it is left out.
    """
    return replace(one, interval="", low=None, high=None) if one.low is not None and one.low == one.high else one
