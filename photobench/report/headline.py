"""The first screen: one sentence that a colleague understands, the numbers with their intervals, and what to
beware of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from photobench.data.pseudo import LEAKAGE, PSEUDO
from photobench.explore.words import listed, percent, photos, quoted
from photobench.report.inputs import ReportInputs, photos_of
from photobench.report.numbers import METRIC_NAMES, Estimate, estimate
from photobench.report.reported import Reported
from photobench.words import count

SMALL_SUPPORT = 20
FEW_GROUPS = 30
NOTABLE_GAP = 0.05


@dataclass(frozen=True)
class Card:
    label: str
    estimate: Estimate


def sentence(inputs: ReportInputs) -> str:
    """The headline: what the model can do, or, before there is one, what the data is."""
    evaluation = inputs.evaluation
    if evaluation is None or not evaluation["num_photos"]:
        return _data_sentence(inputs)
    accuracy = estimate("accuracy", evaluation["joint"]["metrics"].get("accuracy"))
    if not accuracy.known:
        return _data_sentence(inputs)
    interval = f" ({inputs.interval} {accuracy.interval})" if accuracy.interval else ""
    return f"{_on_what(inputs, _whose(evaluation))} right on {accuracy.text}{interval}."


def _on_what(inputs: ReportInputs, photos: str) -> str:
    """`"On 48 photos it never saw, the model is"`."""
    if inputs.split == "out of fold":
        return f"On {photos}, each asked out of fold, the answer is"
    one = inputs.model is None or inputs.model.is_one_training
    they, is_right = ("it", "the model is") if one else ("they", "the models are")
    if learned := _learned_copies(inputs):
        return f"On {photos}, {learned:,} of which {they} learned as well, {is_right}"
    never = "never saw" if inputs.split == "test" else "was not trained on" if one else "were not trained on"
    return f"On {photos} {they} {never}, {is_right}"


def _learned_copies(inputs: ReportInputs) -> int:
    """Photos of the split that is told which training has too, byte for byte."""
    if inputs.split not in ("valid", "test"):
        return 0
    content = inputs.manifest.contents()
    side = inputs.manifest.frame["split"].loc[content.index]
    return int(content[side == inputs.split].isin(content[side == "train"]).sum())


def explanation(inputs: ReportInputs) -> str:
    """What stands below the headline: macro F1, the score to beat, the other split."""
    evaluation = inputs.evaluation
    if evaluation is None or not evaluation["num_photos"]:
        return "" if inputs.model is None else _unevaluated(inputs)
    joint = evaluation["joint"]
    means = (
        "Right means the whole class, one of {}."
        if len(inputs.manifest.space.attributes) > 1
        else "There are {} classes."
    )
    parts = [means.format(len(joint["names"]))] if len(joint["names"]) > 2 else []
    support = np.array([row["support"] for row in joint["per_class"]], dtype=float)
    if support.sum():
        common = joint["names"][int(support.argmax())]
        parts.append(f"Always saying {quoted(common)} would be right on {percent(support.max() / support.sum())}.")
    f1 = estimate("macro_f1", joint["metrics"].get("macro_f1"))
    if f1.known:
        parts.append(f"Macro F1, in which a rare class counts as much as a common one, is {f1.text} of 1.")
    return " ".join([*parts, *_other_split(inputs)])


def cards(evaluation: Mapping[str, Any] | None) -> list[Card]:
    """Accuracy and macro F1 of the whole class, then the accuracy and macro F1 of each attribute."""
    if evaluation is None:
        return []
    joint, attributes = evaluation["joint"]["metrics"], evaluation.get("attributes", {})
    found = [Card(_capital(METRIC_NAMES[m]), estimate(m, joint.get(m))) for m in ("accuracy", "macro_f1", "auc")]
    if len(attributes) > 1:
        found = found[:2]
        for name, scores in attributes.items():
            found.append(Card(f"{name}: macro F1", estimate("macro_f1", scores["metrics"].get("macro_f1"))))
    return [card for card in found if card.estimate.known]


def caveats(inputs: ReportInputs) -> list[str]:
    """What a reader must know before quoting a number, the gravest first."""
    return [
        *_about_copies(inputs),
        *_about_pseudo(inputs),
        *_about_teacher(inputs),
        *inputs.augment_warnings,
        *_about_sample(inputs),
        *_about_classes(inputs),
        *_about_confidence(inputs),
        *_about_photos(inputs),
    ]


def _about_copies(inputs: ReportInputs) -> list[str]:
    num = _learned_copies(inputs)
    if not num or inputs.model is None:
        return []
    return [
        f"{num:,} of the {inputs.asked} photos {'is' if num == 1 else 'are'} among the training photos too, byte for byte: what is right there is memory "
        "(photobench audit --check leakage)."
    ]


def _about_pseudo(inputs: ReportInputs) -> list[str]:
    num = int(inputs.manifest.frame[PSEUDO].notna().sum()) if PSEUDO in inputs.manifest.frame else 0
    return (
        [f"It learned {photos(num)} of the evaluation set with labels that a model gave them. {LEAKAGE}."]
        if num
        else []
    )


def _about_teacher(inputs: ReportInputs) -> list[str]:
    trainings = inputs.model.trainings if inputs.model else ()
    teachers = list(dict.fromkeys(filter(None, (one.config.get("train", {}).get("teacher") for one in trainings))))
    if not teachers or inputs.split == "test":
        return []
    return [
        f"It learned from what {listed(teachers)} says, whose models had seen these {inputs.asked} photos: the numbers are a little too good. Only test "
        "photos tell (split.test)."
    ]


def byline(model: Reported | None) -> str:
    """Who this is, and when its last training began; the time as written where it is not ISO 8601."""
    if model is None:
        return ""
    who = f"Run {model.name}" if model.is_one_training else f"{model.name}, of {len(model.trainings)} trainings"
    last = max(one.created for one in model.trainings)
    try:
        made = datetime.fromisoformat(last)
    except ValueError:
        return f"{who}, {last}"
    return f"{who}, {made.day} {made:%B %Y, %H:%M}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _whose(evaluation: Mapping[str, Any]) -> str:
    text = photos(evaluation["num_photos"])
    return f"{text} of {count(evaluation['num_groups'], 'subject')}" if evaluation["has_groups"] else text


def _data_sentence(inputs: ReportInputs) -> str:
    manifest = inputs.manifest
    text = photos(int(manifest.usable().sum()))
    if manifest.has_groups:
        text += f" of {count(manifest.frame['group'].nunique(), 'subject')}"
    end = "no model yet" if inputs.model is None else "a model that was not evaluated yet"
    return f"{text} in {count(manifest.space.num_classes, 'class', 'classes')}, and {end}."


def _unevaluated(inputs: ReportInputs) -> str:
    metrics = inputs.model.first.metrics if inputs.model else {}
    known = [f"{METRIC_NAMES[m]} {metrics[m]:.2f}" for m in METRIC_NAMES if m in metrics]
    kept = "last" if inputs.model and inputs.model.first.keeps_last else "best"
    return f"On the validation photos, training reached {listed(known)} in its {kept} epoch." if known else ""


def _other_split(inputs: ReportInputs) -> list[str]:
    other = next((split for split in inputs.evaluations if split != "test"), "")
    if inputs.split != "test" or not other:
        return []
    metrics = inputs.evaluations[other]["joint"]["metrics"]
    accuracy, f1 = (
        estimate("accuracy", metrics.get("accuracy")),
        estimate("macro_f1", metrics.get("macro_f1")),
    )
    if not accuracy.known:
        return []
    chose = ", which chose the best epoch," if _chose_epoch(inputs) else ""
    return [f"On the {photos_of(other)} photos{chose} accuracy was {accuracy.text} and macro F1 {f1.text}."]


def _chose_epoch(inputs: ReportInputs) -> bool:
    return inputs.model is None or any(one.chose_epoch for one in inputs.model.trainings)


def _about_sample(inputs: ReportInputs) -> list[str]:
    evaluation, found = inputs.evaluation, []
    first = inputs.model.first if inputs.model else None
    if first is not None and first.status != "finished":
        epoch = "last epoch" if first.keeps_last else "best epoch so far"
        found.append(f"The training is {first.status}: what is shown is its {epoch}.")
    if evaluation is None:
        return found
    if inputs.split != "test" and _chose_epoch(inputs):
        found.append(
            "There is no test split. The same photos chose the best epoch, so these numbers are a little too good."
        )
    if not evaluation["has_groups"]:
        found.append(
            "Nobody said which photos show the same person or object. If some do, the model may have met "
            "these subjects in training, "
            "and the numbers are too good by an unknown amount; the intervals are too narrow as well."
        )
    elif evaluation["num_groups"] < FEW_GROUPS:
        found.append(
            f"Only {count(evaluation['num_groups'], 'subject')}: a handful of other people or objects "
            "could move the numbers."
        )
    return found


def _about_classes(inputs: ReportInputs) -> list[str]:
    if inputs.evaluation is None:
        return []
    rows = inputs.evaluation["joint"]["per_class"]
    absent = [quoted(row["name"]) for row in rows if row["support"] == 0]
    small = [f"{quoted(row['name'])} ({row['support']})" for row in rows if 0 < row["support"] < SMALL_SUPPORT]
    found = []
    if small:
        which = f"{len(small)} of {len(rows)} classes have" if len(small) > 1 else "One class has"
        found.append(
            f"{which} fewer than {SMALL_SUPPORT} {inputs.asked} photos, so their figures are rough: {listed(small, 3)}."
        )
    if absent:
        verb = "does" if len(absent) == 1 else "do"
        found.append(
            f"{listed(absent, 3)} {verb} not occur among the {inputs.asked} photos, so nothing is known about "
            f"{'it' if len(absent) == 1 else 'them'}."
        )
    return found


def _about_confidence(inputs: ReportInputs) -> list[str]:
    predictions = inputs.predictions.get(inputs.split)
    if predictions is None or inputs.evaluation is None:
        return []
    accuracy = estimate("accuracy", inputs.evaluation["joint"]["metrics"].get("accuracy")).value
    good = predictions.ok()
    if accuracy is None or not good.any():
        return []
    confidence = float(predictions.joint_NK[good].max(axis=1).mean())
    if abs(confidence - accuracy) < NOTABLE_GAP:
        return []
    how = "surer of itself than it should be" if confidence > accuracy else "less sure of itself than it could be"
    return [
        f"The model is {how}: its confidence is {percent(confidence)} on average, and it is right on "
        f"{percent(accuracy)}."
    ]


def _about_photos(inputs: ReportInputs) -> list[str]:
    num_broken = len(inputs.manifest.broken())
    if not num_broken:
        return []
    were = "was" if num_broken == 1 else "were"
    return [f"{num_broken:,} of {len(inputs.manifest):,} photos {were} left out; the reasons are listed at the end."]
