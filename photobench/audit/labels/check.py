"""The check `labels`: labels that are probably wrong, of each attribute by itself.

Shape legend: N photos of the manifest, n labelled ones that are judged, V values.
"""

from __future__ import annotations

import numpy as np

from photobench.audit.evidence import Evidence
from photobench.audit.kinds import Kind
from photobench.audit.labels.judged import DOUBTED, Judged, all_judged
from photobench.audit.labels.words import reasons
from photobench.records import Finding
from photobench.words import count, percent

MOST = 0.25
"""Share of the labels that is reported at most, the most doubtful first."""
WEAK = 0.6
"""Skill of the judges below which they are not to be trusted much."""
MOST_OF_WEAK = 0.05
"""Share of the labels that is reported at most where the judges are weak."""
RELATED = 5

MISSES = "A wrong label that its photo bears out, a mistake made in most photos of a kind, and one in a class of fewer than five photos."
FALSE_ALARMS = "Rare poses and views that look like another class, and photos between two classes by nature."

KINDS = (Kind("wrong label", "the label is probably another one, which is suggested", 1.0, "relabel", True),)


def look(evidence: Evidence) -> list[Finding]:
    """Wrong labels, with the suggested one and the reasons. Notes say how many are wrong in all.

    Raises:
        NotPossible: there is no attribute of which any label can be judged, with the reason for the first of them.
    """
    judged = all_judged(evidence)
    found: list[Finding] = []
    for one in judged:
        evidence.notes.extend(_notes(one))
        found.extend(_finding(evidence, one, int(place)) for place in _worst(one))
    return found


def _worst(one: Judged) -> np.ndarray:
    score_n = one.suspicion.score_N
    most = MOST_OF_WEAK if one.skill < WEAK else MOST
    order = np.argsort(-score_n, kind="stable")[: max(20, int(most * len(score_n)))]
    return order[score_n[order] >= DOUBTED]


def _finding(evidence: Evidence, one: Judged, place: int) -> Finding:
    given, value = int(one.codes_n[place]), int(one.suspicion.suggested_N[place])
    near = one.suspicion.neighbours_Nk[place]
    words, why = reasons(one.suspicion, place, given, one.attribute, evidence.manifest.has_groups)
    return Finding(
        "labels", "wrong label", one.path(evidence, place), one.attribute.name, float(one.suspicion.score_N[place]),
        one.attribute.values[given], one.attribute.values[value], "relabel", words,
        tuple(one.path(evidence, n) for n in near[near >= 0] if one.codes_n[n] == value)[:RELATED], "", why,
    )  # fmt: skip


def _notes(one: Judged) -> list[str]:
    """How many labels are wrong in all, how far the judges can be trusted, and which values are taken for which the most often."""
    total, num, listed = one.total, len(one.codes_n), len(_worst(one))
    of_attribute = "" if one.attribute.name == "label" else f" of {one.attribute.name}"
    notes = [
        f"About {total.num:,.0f} of {num:,} labels{of_attribute} are wrong ({total.low:,.0f} to {total.high:,.0f}); "
        f"{listed:,} {'is' if listed == 1 else 'are'} listed. Models that have not learnt them agree with {percent(one.agreement)}."
    ]
    notes += _after_decisions(one, of_attribute)
    if one.skill < WEAK:
        notes.append(
            f"They tell {one.attribute.name} badly, so its findings and their number are unsure. Better judges: pretrained weights "
            "(model.weights), or a good training in folds (photobench train --folds 5)."
        )
    noise_VV = one.suspicion.noise_VV * ~np.eye(len(one.suspicion.noise_VV), dtype=bool)
    true, given = np.unravel_index(int(noise_VV.argmax()), noise_VV.shape)
    if noise_VV[true, given] >= 0.02:
        values = one.attribute.values
        notes.append(f"Photos that are {values[true]} are labelled {values[given]} in about {percent(noise_VV[true, given])} of the cases.")  # fmt: skip
    return notes


def _after_decisions(one: Judged, of_attribute: str) -> list[str]:
    """What decisions have done to the number: a rule that changes many labels must not make it look better in silence."""
    notes, decided = [], one.decided
    if decided.num_rules:
        notes.append(
            f"Rules have changed {count(decided.num_rules, 'label')}{of_attribute} that nobody looked at. About {decided.rules_wrong:,.0f} of "
            f"these {'is' if round(decided.rules_wrong) == 1 else 'are'} wrong as they stand, and counted: they are judged by what was given, for a rule knows no more than the judges."
        )
    if decided.num_people:
        counts = "counts" if decided.num_people == 1 else "count"
        notes.append(
            f"People have changed {count(decided.num_people, 'label')}{of_attribute}, which {counts} as right."
        )
    return notes
