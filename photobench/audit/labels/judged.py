"""What is thought of every label that can be judged, of each attribute by itself; the checks `labels` and `ambiguous` both look at it.

Shape legend: N photos of the manifest, n labelled ones that are judged, V values, D features.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from photobench.audit.evidence import Evidence, NotPossible
from photobench.audit.heads import FLOOR, attribute_probs, standardised
from photobench.audit.labels.suspicion import Suspicion, suspect
from photobench.audit.labels.total import Total, total_wrong
from photobench.audit.labels.votes import NEIGHBOURS, neighbours_of
from photobench.records import Attribute

DOUBTED = 0.5
"""Score from which a label is called wrong."""
FEWEST = 5
"""Photos of a value below which it cannot be told from a mistake."""


@dataclass(frozen=True)
class Decided:
    """What decisions have done to the labels that are judged.

    Attributes:
        num_people: labels that people have changed. They count as right.
        num_rules: labels that rules have changed, which nobody has looked at.
        rules_wrong: how many of those are thought to be wrong as they stand.
    """

    num_people: int = 0
    num_rules: int = 0
    rules_wrong: float = 0.0


@dataclass(frozen=True)
class Judged:
    """What is thought of the photos whose label of one attribute can be judged; row i is photo rows_n[i] of the manifest.

    Attributes:
        codes_n: the labels that were heard (`Evidence.heard_NA`).
        total: how many labels are wrong as they stand.
    """

    attribute: Attribute
    rows_n: np.ndarray
    codes_n: np.ndarray
    suspicion: Suspicion
    decided: Decided
    total: Total

    @property
    def agreement(self) -> float:
        """Share of the labels that the models which have not learnt them give too."""
        return float((self.suspicion.model_NV.argmax(axis=1) == self.codes_n).mean())

    @property
    def skill(self) -> float:
        """How far such models are from chance, 0, to agreeing with every label, 1: the mean over the values."""
        right_n = self.suspicion.model_NV.argmax(axis=1) == self.codes_n
        recalls = [right_n[self.codes_n == code].mean() for code in np.unique(self.codes_n)]
        return float((np.mean(recalls) - 1 / len(recalls)) / (1 - 1 / len(recalls)))

    def path(self, evidence: Evidence, place: int) -> str:
        """Of photo `place` of those that are judged."""
        return str(evidence.manifest.frame["path"].iloc[self.rows_n[place]])


def all_judged(evidence: Evidence) -> list[Judged]:
    """Every attribute of which a label can be judged: once for each evidence, with which it is kept for the other check."""
    if not _whole_views(evidence) and evidence.probs_NK is None:
        raise NotPossible(
            "Labels are judged by models that have not learnt them, and there are none: give a backbone with weights, or train folds."
        )
    if "judged" not in evidence.found:
        evidence.found["judged"] = _judge_all(evidence)
    return evidence.found["judged"]


def _judge_all(evidence: Evidence) -> list[Judged]:
    judged, reasons_not = [], []
    for number_, attribute in enumerate(evidence.manifest.space.attributes):
        try:
            judged.append(_judged(evidence, number_, attribute))
        except NotPossible as reason:
            reasons_not.append(str(reason))
    if not judged:
        raise NotPossible(reasons_not[0])
    evidence.notes.extend(reason for reason in reasons_not if reason not in evidence.notes)
    return judged


def _judged(evidence: Evidence, number_: int, attribute: Attribute) -> Judged:
    rows_n, codes_n = _rows(evidence, number_, attribute)
    views = _views(evidence, rows_n)
    probs_nV = _probs(evidence, number_, rows_n)
    missing = ~np.isfinite(probs_nV).all(axis=1)
    if missing.any():
        size = len(attribute.values)
        own_nV = attribute_probs(views[0], codes_n, evidence.clusters_N[rows_n], size, seed=evidence.seed)
        probs_nV = np.where(missing[:, None], own_nV, probs_nV)
    groups_n = evidence.clusters_N[rows_n]
    margins_n = None if evidence.margins_NA is None else evidence.margins_NA[rows_n, number_]
    near_nk = _neighbours(evidence, rows_n)
    suspicion = suspect(codes_n, probs_nV, views, groups_n, groups_n, margins_n, evidence.seed, near_nk)
    doubt_n, decided = _as_they_stand(evidence, number_, rows_n, codes_n, suspicion)
    return Judged(attribute, rows_n, codes_n, suspicion, decided, total_wrong(doubt_n, groups_n))


def _as_they_stand(
    evidence: Evidence, number_: int, rows_n: np.ndarray, codes_n: np.ndarray, suspicion: Suspicion
) -> tuple[np.ndarray, Decided]:
    """(n,) how probable it is that each label is wrong as it stands, decisions heeded; and what these come to.

    Where a rule changed it, the label that was given has to be wrong, and of the others the new one right.
    """
    stands_n, given_n = (
        codes_NA[rows_n, number_] for codes_NA in (evidence.manifest.codes(), evidence.manifest.given_codes())
    )
    ruled_n = np.zeros(len(rows_n), bool) if evidence.ruled_NA is None else evidence.ruled_NA[rows_n, number_]
    people_n = (stands_n != given_n) & ~ruled_n
    row_n = np.arange(len(rows_n))
    others_n = np.maximum(1 - suspicion.posterior_NV[row_n, codes_n], FLOOR)
    right_n = suspicion.score_N * np.minimum(suspicion.posterior_NV[row_n, np.maximum(stands_n, 0)] / others_n, 1)
    doubt_n = np.where(ruled_n, 1 - right_n, np.where(people_n, 0, suspicion.score_N))
    return doubt_n, Decided(int(people_n.sum()), int(ruled_n.sum()), float(doubt_n[ruled_n].sum()))


def _rows(evidence: Evidence, number_: int, attribute: Attribute) -> tuple[np.ndarray, np.ndarray]:
    """Which photos are judged, and their codes: usable, labelled, seen by a view, of a value with enough photos."""
    manifest, codes_N = evidence.manifest, evidence.heard_NA()[:, number_]
    rows_n = manifest.rows("train", "valid", "test")
    rows_n = rows_n[codes_N[rows_n] >= 0]
    whole = _whole_views(evidence)
    seen_n = np.isfinite(whole[0][rows_n] if whole else _probs(evidence, number_, rows_n)).all(axis=1)
    _remark(evidence, f"Of {attribute.name}, {{}} that no model can see {{are}} not judged.", int((~seen_n).sum()))
    rows_n = rows_n[seen_n]
    counts_V = np.bincount(codes_N[rows_n], minlength=len(attribute.values))
    for code in np.flatnonzero((counts_V > 0) & (counts_V < FEWEST)):
        _remark(evidence, f'The value {attribute.name} "{attribute.values[code]}" has {{}}, fewer than {FEWEST}: {{their}} labels are not judged.', int(counts_V[code]))  # fmt: skip
    rows_n = rows_n[counts_V[codes_N[rows_n]] >= FEWEST]
    if not len(rows_n):
        raise NotPossible(
            f"No value of {attribute.name} has {FEWEST} labelled photos that can be read, so no label can be judged."
        )
    if (counts_V >= FEWEST).sum() < 2:
        raise NotPossible(
            f'All labels of {attribute.name} that can be judged are "{attribute.values[int(counts_V.argmax())]}", so none can be told to be wrong by the others.'
        )
    return rows_n, codes_N[rows_n]


def _remark(evidence: Evidence, form: str, count: int) -> None:
    text = form.format("1 photo" if count == 1 else f"{count:,} photos", are="is" if count == 1 else "are", their="its" if count == 1 else "their")  # fmt: skip
    if count and text not in evidence.notes:
        evidence.notes.append(text)


def _whole_views(evidence: Evidence) -> list[np.ndarray]:
    """Embeddings of every photo by backbones that have learnt no label: what has learnt it would bear it out."""
    return [view.embeddings_ND for view in evidence.views if view.asked_N.all()]


def _views(evidence: Evidence, rows_n: np.ndarray) -> list[np.ndarray]:
    """Such embeddings of these photos, one array per backbone. The first has no gaps, and others that have are left out.

    Empty where there are only models of folds: they have said what they know in their probabilities.
    """
    views = [view_ND[rows_n] for view_ND in _whole_views(evidence)]
    return [view_nD for number_, view_nD in enumerate(views) if not number_ or np.isfinite(view_nD).all()]


def _neighbours(evidence: Evidence, rows_n: np.ndarray) -> np.ndarray | None:
    """Of each photo the nearest as the model of its fold sees them, which did not learn it; None where a whole view shows them."""
    if _whole_views(evidence) or not evidence.views:
        return None
    found_nk = np.full((len(rows_n), NEIGHBOURS), -1)
    for view in evidence.views:
        seen_n = np.isfinite(view.embeddings_ND[rows_n]).all(axis=1)
        own_n = np.flatnonzero(view.asked_N[rows_n] & seen_n)
        near_nk = neighbours_of(standardised(view.embeddings_ND[rows_n][seen_n]), evidence.clusters_N[rows_n][seen_n])
        near_nk = near_nk[(np.cumsum(seen_n) - 1)[own_n]]
        found_nk[own_n] = np.where(near_nk < 0, -1, np.flatnonzero(seen_n)[near_nk])
    return found_nk


def _probs(evidence: Evidence, number_: int, rows_n: np.ndarray) -> np.ndarray:
    space = evidence.manifest.space
    if evidence.probs_NK is None:
        return np.full((len(rows_n), space.sizes[number_]), np.nan)
    return space.marginal(evidence.probs_NK[rows_n], number_)
