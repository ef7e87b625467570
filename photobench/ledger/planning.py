"""What to send next: how likely each candidate is to beat the best score, how much it changes, and what its score would teach."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import ndtr, ndtri

from photobench.evaluation import Figure
from photobench.ledger.calibration import FEWEST, Calibration, calibrate_entries
from photobench.ledger.standing import Entry

WORTH = 0.25
"""A candidate with such a chance to beat the best score is worth a submission, whatever else it teaches."""
WORTH_A_LESSON = 0.02
"""One that teaches something new needs only this."""
ALIKE = 0.02
"""Answers that differ in a smaller share of the photos will have nearly the same score."""


@dataclass(frozen=True)
class Beside:
    """A submission with a score, and how much better a candidate is on photos that both were held out on."""

    name: str
    score: float
    ahead: Figure
    changed: float | None = None
    """The share of the evaluation photos that the candidate gives another label; None where not known."""


@dataclass(frozen=True)
class Candidate:
    """Someone whose answers were not sent."""

    name: str
    kind: str
    expected: Figure
    """Of the leaderboard's metric, on photos that were not learned from."""
    measured_on: str
    """The split of these photos."""
    num_photos: int
    """So many they are."""
    beside: tuple[Beside, ...] = ()
    """Submissions whose scores are known and that were asked about the same photos."""
    changed: float | None = None
    """The share of the evaluation photos that get another label than in the sent file that is most like it; None where not known."""
    nearest: str = ""
    """That file."""


@dataclass(frozen=True)
class Proposal:
    """A candidate, and what sending it would bring."""

    candidate: Candidate
    hoped: Figure
    """The leaderboard's score to expect."""
    chance: float
    """Of beating the best score so far; NaN where there is none, or where it cannot be said."""
    gain: float
    """How much higher the best score would be afterwards, on average over what may happen: nothing where it is not beaten."""
    lesson: str
    is_worth_it: bool


def propose(
    candidates: Sequence[Candidate], entries: Sequence[Entry], num_asked: int, confidence: float = 0.95
) -> list[Proposal]:
    """Candidates, what is worth most first. Of about equal chances, what changes more comes first.

    Args:
        num_asked: photos of the evaluation set, whose score varies by chance, too.
        confidence: of the intervals of the candidates.
    """
    calibration, top = calibrate_entries(entries, confidence), best(entries)
    found = [_proposal(one, entries, calibration, top, num_asked, confidence) for one in candidates]
    return sorted(found, key=_order)


def best(entries: Sequence[Entry]) -> Entry | None:
    """The submission with the highest score."""
    return max((e for e in entries if e.score is not None), key=lambda e: e.score or 0.0, default=None)


def _proposal(
    one: Candidate,
    entries: Sequence[Entry],
    calibration: Calibration,
    top: Entry | None,
    num_asked: int,
    confidence: float,
) -> Proposal:
    hoped, doubt = _hoped(one, calibration, num_asked, confidence)
    chance = gain = math.nan
    if top is not None and top.score is not None:
        chance, gain = _beats(hoped.value - top.score, doubt)
    lesson, is_new = _lesson(one, entries)
    worth = (is_new and not chance < WORTH_A_LESSON) or chance >= WORTH
    return Proposal(one, hoped, chance, gain, lesson, worth)


def _hoped(one: Candidate, calibration: Calibration, num_asked: int, confidence: float) -> tuple[Figure, float]:
    """The score to expect, and the standard deviation of that: from the submission that says most of it, or from what lay between
    validation and leaderboard so far.

    Both validation and leaderboard are samples of photos: a difference on the one varies by chance as that on the other does, in
    proportion to their sizes. What answers nearly as a submission does has nearly its score.
    """
    larger = math.sqrt(1 + one.num_photos / max(num_asked, 1))
    known = [(_doubt(two, larger, num_asked, confidence), two) for two in one.beside if two.ahead.is_known]
    if known:
        doubt, two = min(known, key=lambda pair: pair[0])
        return _around(two.score + two.ahead.value, doubt, confidence), doubt
    hoped = calibration.expect(one.expected.value, confidence)
    if calibration.num > 2:
        return hoped, calibration.scatter * math.sqrt(1 + 1 / calibration.num)
    return hoped, _spread(one.expected, confidence) * larger


def _doubt(two: Beside, larger: float, num_asked: int, confidence: float) -> float:
    """Of the difference to a submission. Where it happens to be alike on all photos that were held out, each other answer may still be right or wrong."""
    return max(_spread(two.ahead, confidence) * larger, math.sqrt((two.changed or 0.0) / max(num_asked, 1)))


def _around(value: float, doubt: float, confidence: float) -> Figure:
    reach = doubt * float(ndtri((1 + confidence) / 2))
    return Figure(min(max(value, 0.0), 1.0), max(value - reach, 0.0), min(value + reach, 1.0))


def _spread(figure: Figure, confidence: float) -> float:
    """The standard deviation that an interval stands for."""
    return (figure.high - figure.low) / 2 / float(ndtri((1 + confidence) / 2))


def _beats(ahead: float, doubt: float) -> tuple[float, float]:
    """The probability of a gain, and its mean, nothing where there is none (expected improvement; Jones et al. 1998)."""
    if not math.isfinite(ahead + doubt):
        return math.nan, math.nan
    if doubt <= 0:
        return float(ahead > 0), max(ahead, 0.0)
    z = ahead / doubt
    chance = float(ndtr(z))
    return chance, ahead * chance + doubt * math.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)


def _lesson(one: Candidate, entries: Sequence[Entry]) -> tuple[str, bool]:
    """What its score would teach, and whether that is something new."""
    sent = [entry for entry in entries if entry.sent is not None]
    scored = sum(entry.is_paired for entry in entries)
    if not sent:
        return "how far validation is from the leaderboard, as the first that is sent", True
    if one.changed is not None and one.changed < ALIKE:
        return f"little: its answers are nearly those of {one.nearest}", False
    if one.kind not in {entry.submission.kind for entry in sent}:
        return (
            f"whether what is measured on {_photos(one)} goes with the leaderboard, as the first of the {one.kind}",
            True,
        )
    if 0 < scored < FEWEST:
        return (
            f"a bit more of how validation and leaderboard go together: {scored} of the {FEWEST} scores that a correlation needs are there",
            False,
        )
    if all(one.expected.value > (entry.expected or 0.0) for entry in sent):
        return (
            "whether what is gained in validation is gained on the leaderboard: its validation is the highest so far",
            False,
        )
    return "a bit more of how validation and leaderboard go together", False


def _photos(one: Candidate) -> str:
    return {"valid": "one validation split", "out of fold": "all photos out of fold"}.get(
        one.measured_on, f'the photos "{one.measured_on}"'
    )


def _order(one: Proposal) -> tuple[bool, float, float, float]:
    chance = -1.0 if math.isnan(one.chance) else round(one.chance, 1)
    hoped = -math.inf if math.isnan(one.hoped.value) else one.hoped.value
    return not one.is_worth_it, -chance, -(one.candidate.changed or 0.0) if chance >= 0 else 0.0, -hoped
