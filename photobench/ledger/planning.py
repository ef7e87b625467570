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
    ahead: Figure | None = None
    """How much better than the best that was sent, on the same photos; None where they were not asked about the same."""
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
    hoped = calibration.expect(one.expected.value, confidence)
    chance = gain = math.nan
    if top is not None and top.score is not None:
        ahead, doubt = _ahead(one, calibration, top.score, num_asked, confidence)
        chance, gain = _beats(ahead, doubt)
    lesson, is_new = _lesson(one, entries)
    worth = (is_new and not chance < WORTH_A_LESSON) or chance >= WORTH
    return Proposal(one, hoped, chance, gain, lesson, worth)


def _ahead(
    one: Candidate, calibration: Calibration, top: float, num_asked: int, confidence: float
) -> tuple[float, float]:
    """By how much the candidate is expected to beat the best score, and the standard deviation of that.

    Both validation and leaderboard are samples of photos: the difference on the one varies by chance as that on the other does, in
    proportion to their sizes. On the same photos the difference to the best is known best.
    """
    larger = math.sqrt(1 + one.num_photos / max(num_asked, 1))
    if one.ahead is not None and one.ahead.low <= one.ahead.high:
        return one.ahead.value, _spread(one.ahead, confidence) * larger
    ahead = one.expected.value + (calibration.bias.value if calibration.num else 0.0) - top
    if calibration.num > 2:
        return ahead, calibration.scatter * math.sqrt(1 + 1 / calibration.num)
    return ahead, _spread(one.expected, confidence) * larger


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
    if one.kind not in {entry.submission.kind for entry in sent}:
        return (
            f"whether what is measured on {_photos(one)} goes with the leaderboard, as the first of the {one.kind}",
            True,
        )
    if one.changed is not None and one.changed < ALIKE:
        return f"little: its answers are nearly those of {one.nearest}", False
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
