"""The check `ambiguous`: photos between two values by nature. The judges are torn, and the label, which may be right, is not called wrong.

Shape legend: n labelled photos that are judged, V values.
"""

from __future__ import annotations

import numpy as np

from photobench.audit.evidence import Evidence
from photobench.audit.kinds import Kind
from photobench.audit.labels.judged import DOUBTED, Judged, all_judged
from photobench.audit.labels.words import torn
from photobench.records import Finding

BETWEEN = 0.35
"""Probability that the two best values both have, by a model that has not seen the label, for the photo to be between them."""
THIRD = 0.15
"""What all other values may have together."""
MOST = 0.03
"""Share of the photos that are reported as between two values at most."""
RELATED = 5

MISSES = "A photo between classes of which the model is wrongly sure."
FALSE_ALARMS = "Photos that only this model cannot tell, such as dark or small ones."

KINDS = (
    Kind("between two classes", "two classes are about as probable, and the label is one of them", 0.25, of_label=True),
)


def look(evidence: Evidence) -> list[Finding]:
    """Photos between two values. The score is how evenly these two are believed, by judges that are good enough to say so (`evenness`).

    Raises:
        NotPossible: there is no attribute of which any label can be judged, with the reason for the first of them.
    """
    return [_finding(evidence, one, place, score) for one in all_judged(evidence) for place, score in _most(one)]


def evenness(model_nV: np.ndarray, skill: float) -> np.ndarray:
    """(n,) in [0, 1]: twice the belief in the second value, which is 1 where the two best have a half each, times the skill of the judges.

    Judges that are torn about photos which others can tell are torn for want of skill.
    """
    return 2 * np.sort(model_nV, axis=1)[:, -2] * float(np.clip(skill, 0, 1))


def _most(one: Judged) -> list[tuple[int, float]]:
    """The most even of them with their scores, not more than a person would look at: a weak model is torn about many."""
    score_n = evenness(one.suspicion.model_NV, one.skill)
    places = np.flatnonzero(_is_between(one))
    order = np.argsort(-score_n[places], kind="stable")[: max(10, int(MOST * len(one.codes_n)))]
    return [(int(place), float(score_n[place])) for place in places[order]]


def _is_between(one: Judged) -> np.ndarray:
    model_nV = one.suspicion.model_NV
    best_n2 = np.sort(model_nV, axis=1)[:, -2:]
    own_n = model_nV[np.arange(len(one.codes_n)), one.codes_n]
    torn_n = (best_n2[:, 0] >= BETWEEN) & (1 - best_n2.sum(axis=1) <= THIRD) & (own_n >= BETWEEN)
    return torn_n & (one.suspicion.score_N < DOUBTED)


def _finding(evidence: Evidence, one: Judged, place: int, score: float) -> Finding:
    words, why = torn(one.suspicion, place, one.attribute)
    near = one.suspicion.neighbours_Nk[place]
    related = tuple(one.path(evidence, n) for n in near[near >= 0])[:RELATED]
    given = one.attribute.values[int(one.codes_n[place])]
    return Finding(
        "ambiguous", "between two classes", one.path(evidence, place), one.attribute.name, score, given, "", "look", words,
        related, "", why,
    )  # fmt: skip
