"""Whether the probabilities of a run mean what they say, as words and curves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from photobench.evaluation import Reliability
from photobench.report.inputs import ReportInputs
from photobench.report.numbers import probability

TOGETHER = "all together"
NOTICED = 0.02
"""A confidence that is this far from the share that is right, over all answers, is worth a word."""


def reliabilities(inputs: ReportInputs) -> dict[str, Reliability]:
    """Of each attribute, and of the joint class where there are several; empty where that was not measured."""
    evaluation = inputs.evaluation
    if evaluation is None:
        return {}
    parts: Mapping[str, Any] = evaluation.get("attributes", {})
    told = (
        {**parts, TOGETHER: evaluation["joint"]}
        if len(parts) > 1
        else dict.fromkeys(parts or [""], evaluation["joint"])
    )
    return {
        name: Reliability.from_json(scores["reliability"]) for name, scores in told.items() if scores.get("reliability")
    }


def sentence(name: str, one: Reliability) -> str:
    """`"age: answers are given with 88 % on average, and 71 % of them are right: too sure. Calibration error 0.17 (0.12 to 0.21)."`"""
    photos = sum(each.photos for each in one.bins)
    promised, right = (
        sum(getattr(e, key) * e.photos for e in one.bins) / max(photos, 1) for key in ("promised", "right")
    )
    gap, ece = promised - right, one.ece
    verdict = "about as sure as it may be" if abs(gap) < NOTICED else "too sure" if gap > 0 else "not sure enough"
    span = f" ({ece.low:.2f} to {ece.high:.2f})" if ece.low <= ece.high else ""
    of = f"{name}: answers" if name else "Answers"
    return (
        f"{of} are given with {probability(promised)} on average, and {probability(right)} of them are right: {verdict}. "
        f"Calibration error {ece.value:.2f}{span}."
    )
