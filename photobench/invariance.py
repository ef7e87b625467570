"""Does a label survive a flip or a quarter turn? Measured with a trained model's own features.

A model that was trained with flips cannot say what they cost: where a class is the mirror image of another, it has learnt to tell
neither. So fresh heads are fitted to its features of training photos: one to the photos as they are, one to the same photos turned, and
one to both. On validation photos, as they are and turned, the head of both is as good as the two heads with a way each where the label
stays, and at a loss where it does not. Which class is then taken for which is what the first head says of turned photos.

Shape legend: N photos, D features, V values of an attribute, A attributes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from photobench import metrics, paired
from photobench.bootstrap import Sample
from photobench.evaluation import Figure
from photobench.records import Attribute
from photobench.vision.turns import LEFT_RIGHT
from photobench.words import columns

RIDGE = 0.3
"""Of the heads, as a share of the variance of a feature."""

BEYOND_DOUBT = 0.03
"""Macro-F1 that a transform must cost, at the lower end of the interval, before it is warned of."""

SWAPPED = 0.2
"""Share of a class that must be taken for another, over what is so without the transform, to be named."""


@dataclass(frozen=True)
class Views:
    """Features of the same photos, as they are and turned (N, D), and what is true of them (N, A)."""

    upright_ND: np.ndarray
    turned_ND: np.ndarray
    codes_NA: np.ndarray


@dataclass(frozen=True)
class LabelCost:
    """What a transform costs one attribute: macro-F1 lost by learning both ways as one, and which values are taken for which."""

    transform: str
    attribute: str
    macro_f1: float  # of a head for each way
    cost: Figure
    swaps: tuple[tuple[str, str, float], ...] = ()  # value, what it is taken for, share of its photos

    @property
    def is_beyond_doubt(self) -> bool:
        """A cost that chance does not explain, and classes that turning makes of each other: fresh heads alone differ a little."""
        return self.cost.low > BEYOND_DOUBT and bool(self.swaps)

    @property
    def taken_for(self) -> str:
        """`"'left' is taken for 'right', 'right' for 'left'"`, or empty."""
        pairs = [f"'{value}' {'is taken ' * (not n)}for '{other}'" for n, (value, other, _) in enumerate(self.swaps)]
        return ", ".join(pairs)

    def cells(self) -> tuple[str, ...]:
        """Attribute, macro-F1 of a head for each way, the cost of one for both, and what it makes of the values."""
        span = "" if np.isnan(self.cost.low) else f" ({self.cost.low:+.3f} to {self.cost.high:+.3f})"
        doubtless = self.taken_for if self.is_beyond_doubt else ""
        return self.attribute, f"{self.macro_f1:.3f}", f"{self.cost.value:+.3f}{span}", doubtless

    def warning(self, remedy: str) -> str:
        """One sentence: what it costs, which values, and what to do."""
        of = f" of {self.attribute}" if self.attribute != "label" else ""
        low, high = (100 * end for end in (self.cost.low, self.cost.high))
        points = f"{100 * self.cost.value:.0f} points of macro-F1{of} ({low:.0f} to {high:.0f})"
        return f"The {self.transform} of the augmentation costs {points}: {self.taken_for}; {remedy}."

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "cost": self.cost.to_json()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> LabelCost:
        swaps = tuple((str(a), str(b), float(share)) for a, b, share in data["swaps"])
        return cls(**{**data, "cost": Figure.from_json(data["cost"]), "swaps": swaps})


@dataclass(frozen=True)
class LabelCheck:
    """What was measured of a run: the flips and turns in its augmentation, and what these and others cost."""

    used: tuple[str, ...]
    is_named: bool = False  # by augment.pipeline, not by a preset
    costs: tuple[LabelCost, ...] = ()

    @property
    def warnings(self) -> list[str]:
        """A sentence for each label that a transform in use costs, beyond doubt."""
        wrong = [cost for cost in self.costs if cost.transform in self.used and cost.is_beyond_doubt]
        preset = "no-flip" if any(cost.transform == LEFT_RIGHT for cost in wrong) else "light"
        remedy = "take it out of augment.pipeline" if self.is_named else f'set augment.preset = "{preset}"'
        return [cost.warning(remedy) for cost in wrong]

    @property
    def verdicts(self) -> list[str]:
        """A sentence per label: what the flips and turns of the augmentation do to it."""
        return [self._verdict(label) for label in dict.fromkeys(cost.attribute for cost in self.costs)]

    def _verdict(self, label: str) -> str:
        mine = [cost for cost in self.costs if cost.attribute == label]
        wrong, used = (
            [cost for cost in mine if cost.is_beyond_doubt],
            [cost for cost in mine if cost.transform in self.used],
        )
        destroyed = [cost.transform for cost in wrong if cost in used]
        rest = [cost.transform for cost in wrong if cost not in used]
        unused = f" Not in use, and it would be: {', '.join(rest)}." if rest else ""
        if destroyed:
            return f"{label}: destroyed beyond doubt by the {', '.join(destroyed)}.{unused}"
        if not used:
            return f"{label}: no flip or turn is in use, so nothing is destroyed.{unused}"
        return f"{label}: nothing is destroyed beyond doubt by what is in use ({', '.join(cost.transform for cost in used)}).{unused}"

    def table(self) -> str:
        """All that was measured, for a terminal."""
        heads = ("", "in use", "label", "macro-F1", "learning it costs", "beyond doubt")
        return columns(
            [(c.transform, "yes" if c.transform in self.used else "", *c.cells()) for c in self.costs], heads
        )

    def to_json(self) -> dict[str, Any]:
        return {"used": list(self.used), "is_named": self.is_named, "costs": [cost.to_json() for cost in self.costs]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> LabelCheck:
        return cls(tuple(data["used"]), bool(data["is_named"]), tuple(map(LabelCost.from_json, data["costs"])))


def label_costs(transform: str, attributes: Sequence[Attribute], train: Views, valid: Views,
                groups_N: np.ndarray, num_bootstraps: int, confidence: float, seed: int) -> list[LabelCost]:  # fmt: skip
    """What a transform costs each attribute. `groups_N`: who is in each validation photo, 0 … G − 1."""
    found = []
    both_N, num_groups = np.tile(groups_N, 2), int(groups_N.max()) + 1
    for number, attribute in enumerate(attributes):
        codes_N, truth_N, num = train.codes_NA[:, number], valid.codes_NA[:, number], len(attribute.values)
        upright, turned = (_head(features_ND, codes_N) for features_ND in (train.upright_ND, train.turned_ND))
        shared = _head(np.concatenate([train.upright_ND, train.turned_ND]), np.tile(codes_N, 2))
        as_is_N, misread_N = upright.predict(valid.upright_ND), upright.predict(valid.turned_ND)
        own = np.concatenate([as_is_N, turned.predict(valid.turned_ND)])
        one = np.concatenate([shared.predict(valid.upright_ND), shared.predict(valid.turned_ND)])
        truth_2N, probs_NV = np.tile(truth_N, 2), np.zeros((2 * len(truth_N), num))
        before, after = (Sample(truth_2N, predicted, probs_NV, both_N, num_groups) for predicted in (own, one))
        cost = paired.difference(before, after, num_bootstraps, confidence, seed)["macro_f1"]
        swaps = _swaps(*(metrics.confusion(truth_N, predicted_N, num) for predicted_N in (as_is_N, misread_N)))
        named = tuple((attribute.values[a], attribute.values[b], share) for a, b, share in swaps)
        found.append(LabelCost(transform, attribute.name, _macro_f1(before), cost, named))
    return found


def _head(features_ND: np.ndarray, codes_N: np.ndarray) -> Any:
    """A linear head that is fitted at once, each class of equal weight."""
    ridge = RidgeClassifier(alpha=RIDGE * len(codes_N), class_weight="balanced")
    return make_pipeline(StandardScaler(), ridge if len(np.unique(codes_N)) > 1 else DummyClassifier()).fit(
        features_ND, codes_N
    )


def _macro_f1(sample: Sample) -> float:
    matrix = metrics.confusion(sample.truth_N, sample.predicted_N, sample.num_classes)
    return float(metrics.macro(metrics.f1(metrics.Counts.of(matrix))))


def _swaps(as_is_VV: np.ndarray, turned_VV: np.ndarray) -> list[tuple[int, int, float]]:
    """(value, what it is taken for, share of its photos), where turning does that to many of them; the most first."""
    share_VV, before_VV = (m / np.maximum(m.sum(axis=1, keepdims=True), 1) for m in (turned_VV, as_is_VV))
    more_VV = share_VV - before_VV
    np.fill_diagonal(more_VV, 0)
    pairs = [divmod(int(place), len(more_VV)) for place in np.argsort(-more_VV, axis=None, kind="stable")[:3]]
    return [(a, b, float(share_VV[a, b])) for a, b in pairs if more_VV[a, b] > SWAPPED]
