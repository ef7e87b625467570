"""How good a run is on photos whose labels are known, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from pydantic import Field

from photobench import bootstrap, metrics
from photobench.bootstrap import MIN_GROUPS, Sample
from photobench.config import Options
from photobench.errors import PhotobenchError
from photobench.evaluation import CLASS_NAMES, METRIC_NAMES, ClassFigures, Evaluation, Figure, Scores
from photobench.records import Manifest, Predictions
from photobench.reliability import reliability
from photobench.words import columns, examples


class EvaluateOptions(Options):
    """How sure the figures are: every one comes with an interval, from resampling whole groups."""

    bootstraps: int = Field(1000, ge=0, description="resamplings of the groups behind each interval; 0 is none")
    confidence: float = Field(0.95, gt=0, lt=1, description="how often such an interval holds the truth")
    seed: int = Field(0, ge=0, description="of the resampling")


def evaluate(manifest: Manifest, predictions: Predictions, split: str, options: EvaluateOptions) -> Evaluation:
    """The figures of a run on the labelled photos of a split, for the joint class and for each attribute.

    Photos that cannot be read or lack a label of any attribute are left out and counted. Each figure has an
    interval from resampling groups (photos, where the groups are not known); it is undefined for a figure
    that does not vary, such as an accuracy of 1, and for a class whose photos are all of one group. See
    `bootstrap.interval` for the method and `bootstrap.resample` for what AUC may cost.

    Raises:
        PhotobenchError: the split has no labelled photo, a photo has no prediction or several, or the classes
        differ.
    """
    aligned = _align(manifest, predictions, split)
    scores = [_scores(sample, names, options) for sample, names in _samples(aligned)]
    attributes = {
        a.name: s for a, s in zip(manifest.space.attributes, scores[-len(manifest.space.attributes) :], strict=True)
    }
    return Evaluation(
        run=predictions.run,
        split=split,
        num_photos=len(aligned.truth_N),
        num_groups=aligned.num_groups,
        num_left_out=aligned.num_left_out,
        has_groups=manifest.has_groups,
        joint=scores[0],
        attributes=attributes,
    )


def joint_sample(manifest: Manifest, predictions: Predictions, split: str) -> Sample:
    """The labelled, readable photos of a split with what is said of their joint class, in the order of the manifest.

    Raises:
        PhotobenchError: as `evaluate`.
    """
    return _samples(_align(manifest, predictions, split))[0][0]


def told_paths(manifest: Manifest, predictions: Predictions, split: str) -> np.ndarray:
    """(N,) the names of the photos of `joint_sample`, in its order."""
    return _align(manifest, predictions, split).paths_N


def worst_mistakes(manifest: Manifest, predictions: Predictions, split: str, limit: int) -> pd.DataFrame:
    """The wrong photos that the run was surest of, most confident first, one row each.

    Columns: `path`, `truth` and `predicted` (names of joint classes), `wrong` (the attributes that are),
    `prob_truth` (given to the truth) and `confidence` (given to what was predicted).

    Raises:
        PhotobenchError: as `evaluate`.
    """
    aligned = _align(manifest, predictions, split)
    truth_N, predicted_N, rows = aligned.truth_N, aligned.predicted_N, np.arange(len(aligned.truth_N))
    given_N, confidence_N = aligned.joint_NK[rows, truth_N], aligned.joint_NK[rows, predicted_N]
    wrong = np.flatnonzero(truth_N != predicted_N)
    order = np.lexsort((aligned.paths_N[wrong].astype(str), given_N[wrong], -confidence_N[wrong]))
    wrong = wrong[order][:limit]
    names_K = np.array(manifest.space.class_names, dtype=object)
    return pd.DataFrame(
        {
            "path": aligned.paths_N[wrong],
            "truth": names_K[truth_N[wrong]],
            "predicted": names_K[predicted_N[wrong]],
            "wrong": _wrong_attributes(manifest, truth_N[wrong], predicted_N[wrong]),
            "prob_truth": given_N[wrong].astype(np.float64),
            "confidence": confidence_N[wrong].astype(np.float64),
        }
    )


def table(evaluation: Evaluation) -> str:
    """The evaluation as a small table of plain text: accuracy, macro-F1 with its interval, and AUC."""
    told = dict(evaluation.attributes)
    if len(told) > 1:
        told["all together"] = evaluation.joint
    rows = [("", "classes", "accuracy", "macro-F1", "interval", "AUC")]
    for name, scores in told.items():
        of = scores.metrics
        rows.append((name, str(len(scores.names)), _text(of["accuracy"].value), _text(of["macro_f1"].value),
                     of["macro_f1"].interval(" – ") or "–", _text(of["auc"].value)))  # fmt: skip
    return f"{_heading(evaluation)}\n{columns(rows[1:], rows[0])}"


def details(evaluation: Evaluation) -> str:
    """Every metric with its interval, of each attribute and of all together, then class by class, for a terminal.

    `ece` is the calibration error: how far the confidence of answers is from the share of them that is right.
    """
    parts = [_heading(evaluation)]
    told = dict(evaluation.attributes)
    if len(told) > 1:
        told["all together"] = evaluation.joint
    names = list(evaluation.joint.metrics)
    metrics = [
        (
            name,
            *(scores.metrics[m].text("-") for m in names),
            scores.reliability.ece.text("-") if scores.reliability else "–",
        )
        for name, scores in told.items()
    ]
    parts.append(columns(metrics, ("", *names, "ece")))
    for name, scores in told.items():
        rows = [
            (one.name, str(one.support), *(f.text("-") for f in (one.precision, one.recall, one.f1, one.auc)))
            for one in scores.per_class
        ]
        parts.append(columns(rows, (name, "photos", "precision", "recall", "f1", "auc")))
    return "\n\n".join(parts)


@dataclass(frozen=True)
class _Aligned:
    """The labelled, readable photos of a split beside what is said of them."""

    manifest: Manifest
    paths_N: np.ndarray
    truth_N: np.ndarray
    predicted_N: np.ndarray
    joint_NK: np.ndarray
    groups_N: np.ndarray
    num_groups: int
    num_left_out: int


def _align(manifest: Manifest, predictions: Predictions, split: str) -> _Aligned:
    if manifest.space != predictions.space:
        raise PhotobenchError(
            f"The classes of the predictions ({_classes(predictions)}) are not those of the project "
            f"({_classes(manifest)}). "
            "Predict again with a model of this project."
        )
    in_split = (manifest.frame["split"] == split).to_numpy()
    classes = manifest.classes()
    asked = np.flatnonzero(in_split & manifest.usable() & (classes >= 0))
    if not len(asked):
        raise PhotobenchError(_nothing_to_evaluate(manifest, split, int(in_split.sum())))
    paths_N = manifest.frame["path"].to_numpy(dtype=object)[asked]
    found = _find(paths_N, predictions)
    good = predictions.ok()[found]
    if not good.any():
        raise PhotobenchError(
            f'None of the {len(asked)} photos of "{split}" could be predicted: '
            f"{predictions.reasons[found[0]]}. Check the folder of the photos."
        )
    asked, found, paths_N = asked[good], found[good], paths_N[good]
    groups = manifest.frame["group"].to_numpy(dtype=object)[asked] if manifest.has_groups else paths_N
    groups_N, distinct = pd.factorize(groups, use_na_sentinel=False)
    return _Aligned(
        manifest, paths_N, classes[asked], predictions.classes()[found], predictions.joint_NK[found],
        groups_N, len(distinct), int(in_split.sum()) - len(asked),
    )  # fmt: skip


def _find(paths_N: np.ndarray, predictions: Predictions) -> np.ndarray:
    """The row of each path among the predictions."""
    known = pd.Index(predictions.paths)
    if not known.is_unique:
        twice = known[known.duplicated()].unique()
        raise PhotobenchError(
            f"{len(twice)} photos are predicted more than once: {examples(twice)}. Keep one prediction of each."
        )
    found = known.get_indexer(pd.Index(paths_N))
    missing = paths_N[found < 0]
    if len(missing):
        raise PhotobenchError(
            f"{len(missing)} of {len(paths_N)} photos have no prediction: {examples(missing)}. Predict the whole "
            "split, with the photos at the paths of the manifest."
        )
    return found


def _nothing_to_evaluate(manifest: Manifest, split: str, num_in_split: int) -> str:
    if num_in_split:
        return (
            f'None of the {num_in_split} photos of "{split}" is readable and has a label for '
            "every attribute. Label some, or evaluate another split."
        )
    sizes = manifest.frame["split"].value_counts()
    there = ", ".join(f"{name} ({count})" for name, count in sizes.items() if name)
    return f'There is no photo in the split "{split}". There is: {there or "no split yet; make one"}.'


def _samples(aligned: _Aligned) -> list[tuple[Sample, list[str]]]:
    """The joint class, then each attribute; one entry where they are the same."""
    space = aligned.manifest.space
    groups = (aligned.groups_N, aligned.num_groups)
    joint = Sample(aligned.truth_N, aligned.predicted_N, aligned.joint_NK, *groups)
    samples = [(joint, space.class_names)]
    if len(space.attributes) == 1:
        return samples
    truth_NA, predicted_NA = space.decompose(aligned.truth_N), space.decompose(aligned.predicted_N)
    for number, attribute in enumerate(space.attributes):
        probs_NV = space.marginal(aligned.joint_NK, number)
        sample = Sample(truth_NA[:, number], predicted_NA[:, number], probs_NV, aligned.groups_N, aligned.num_groups)
        samples.append((sample, list(attribute.values)))
    return samples


def _scores(sample: Sample, names: list[str], options: EvaluateOptions) -> Scores:
    confusion = metrics.confusion(sample.truth_N, sample.predicted_N, sample.num_classes)
    auc_K = metrics.roc_auc(sample.truth_N, sample.probs_NK)
    values = bootstrap.figures(metrics.Counts.of(confusion), auc_K)
    intervals = _intervals(sample, values, options)
    known = {name: _figures(values[name], *intervals[name]) for name in values}
    return Scores(
        names=names,
        metrics={name: known[name][0] for name in METRIC_NAMES},
        per_class=[
            ClassFigures(name, int(confusion[k].sum()), **{key: known[f"class_{key}"][k] for key in CLASS_NAMES})
            for k, name in enumerate(names)
        ],
        confusion=confusion,
        reliability=reliability(sample, options.bootstraps, options.confidence, options.seed),
    )


def _intervals(
    sample: Sample, values: bootstrap.Figures, options: EvaluateOptions
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Both ends of every figure's interval; NaN for a class whose photos are all of one group."""
    if options.bootstraps == 0 or sample.num_groups < MIN_GROUPS:
        return {name: (np.full_like(value, np.nan), np.full_like(value, np.nan)) for name, value in values.items()}
    resampled = bootstrap.resample(sample, options.bootstraps, options.seed)
    left_out = bootstrap.leave_one_out(sample)
    pairs = np.unique(np.stack([sample.truth_N, sample.groups_N]), axis=1)
    lonely_K = np.bincount(pairs[0], minlength=sample.num_classes) < 2
    found = {}
    for name, value in values.items():
        without = None if left_out is None else left_out[name]
        low, high = bootstrap.interval(value, resampled[name], without, options.confidence)
        hidden = lonely_K if name.startswith("class_") else False
        found[name] = (np.where(hidden, np.nan, low), np.where(hidden, np.nan, high))
    return found


def _figures(value: np.ndarray, low: np.ndarray, high: np.ndarray) -> list[Figure]:
    return [
        Figure(float(v), float(a), float(b)) for v, a, b in zip(*map(np.atleast_1d, (value, low, high)), strict=True)
    ]


def _wrong_attributes(manifest: Manifest, truth_N: np.ndarray, predicted_N: np.ndarray) -> list[str]:
    names = [a.name for a in manifest.space.attributes]
    differs_NA = manifest.space.decompose(truth_N) != manifest.space.decompose(predicted_N)
    return [", ".join(n for n, differs in zip(names, row, strict=True) if differs) for row in differs_NA]


def _heading(evaluation: Evaluation) -> str:
    who = f" in {evaluation.num_groups:,} groups" if evaluation.has_groups else ""
    left_out = f", {evaluation.num_left_out:,} left out" if evaluation.num_left_out else ""
    run = f"{evaluation.run} on " if evaluation.run else ""
    return f'{run}"{evaluation.split}": {evaluation.num_photos:,} photos{who}{left_out}'


def _text(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.3f}"


def _classes(thing: Manifest | Predictions) -> str:
    return ", ".join(f"{a.name}: {'/'.join(a.values)}" for a in thing.space.attributes)
