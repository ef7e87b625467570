"""Decision rules: which class is said, given the probabilities. The most probable one is best for accuracy, not for macro-F1.

Shape legend: N photos, K joint classes, V classes of one head: the joint classes, or the values of an attribute.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from photobench.records import ClassSpace
from photobench.refine.expected import expected_rule
from photobench.refine.thresholds import best_weights
from photobench.registry import Entry, Registry

MOST_PROBABLE = "most-probable"


@dataclass(frozen=True)
class Decision:
    """For each head, weights and offsets (V,): the largest `weight · probability − offset` is said.

    With one head, of the joint classes; else of each attribute by itself, and the class is what they compose.
    """

    rule: str
    weights: tuple[np.ndarray, ...]
    offsets: tuple[np.ndarray, ...]

    def classes(self, probs_NK: np.ndarray, space: ClassSpace) -> np.ndarray:
        """(N,) joint classes."""
        joint = len(self.weights) == 1
        heads = [probs_NK] if joint else _marginals(probs_NK, space)
        codes = [
            (probs_NV * weights_V - offsets_V).argmax(axis=1)
            for probs_NV, weights_V, offsets_V in zip(heads, self.weights, self.offsets, strict=True)
        ]
        return codes[0] if joint else space.compose(np.stack(codes, axis=1))

    @property
    def is_plain(self) -> bool:
        """Says the most probable class."""
        return self.rule == MOST_PROBABLE

    def to_json(self) -> dict[str, Any]:
        heads = zip(self.weights, self.offsets, strict=True)
        return {"rule": self.rule, "heads": [{"weights": w.tolist(), "offsets": o.tolist()} for w, o in heads]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Decision:
        weights, offsets = (
            tuple(np.array(h[key], dtype=np.float64) for h in data["heads"]) for key in ("weights", "offsets")
        )
        return cls(data["rule"], weights, offsets)


def _marginals(probs_NK: np.ndarray, space: ClassSpace) -> list[np.ndarray]:
    return [space.marginal(probs_NK, number) for number in range(len(space.attributes))]


Head = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
"""Probabilities (N, V) and the truth (N,) → weights and offsets (V,)."""


def _plain(probs_NV: np.ndarray, truth_N: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.ones(probs_NV.shape[1]), np.zeros(probs_NV.shape[1])


def _expected(probs_NV: np.ndarray, truth_N: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return expected_rule(probs_NV)


def _tuned(probs_NV: np.ndarray, truth_N: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return best_weights(probs_NV, truth_N), np.zeros(probs_NV.shape[1])


def _of_class(name: str, head: Head) -> Callable[..., Decision]:
    def fit(probs_NK: np.ndarray, truth_N: np.ndarray, space: ClassSpace) -> Decision:
        weights, offsets = head(probs_NK, truth_N)
        return Decision(name, (weights,), (offsets,))

    return fit


def _of_labels(name: str, head: Head) -> Callable[..., Decision]:
    def fit(probs_NK: np.ndarray, truth_N: np.ndarray, space: ClassSpace) -> Decision:
        truth_NA = space.decompose(truth_N)
        found = [head(probs_NV, truth_NA[:, a]) for a, probs_NV in enumerate(_marginals(probs_NK, space))]
        return Decision(name, tuple(w for w, _ in found), tuple(o for _, o in found))

    return fit


RULES: Registry[Decision] = Registry(
    "decision rule",
    Entry(MOST_PROBABLE, _of_class(MOST_PROBABLE, _plain), "the most probable class of all"),
    Entry("each-label", _of_labels("each-label", _plain), "the most probable value of each label by itself"),
    Entry("expected-f1", _of_class("expected-f1", _expected), "what maximises the expected macro-F1 of the classes; learns from no label"),
    Entry("expected-f1-each-label", _of_labels("expected-f1-each-label", _expected), "the same, for each label by itself"),
    Entry("thresholds", _of_class("thresholds", _tuned), "a weight per class, tuned on labels until macro-F1 is highest"),
    Entry("thresholds-each-label", _of_labels("thresholds-each-label", _tuned), "the same, for each label by itself"),
)  # fmt: skip
"""What is tried; each is fitted to probabilities (N, K), the truth (N,) and the space."""


def most_probable(space: ClassSpace) -> Decision:
    return RULES.build(MOST_PROBABLE, probs_NK=np.zeros((0, space.num_classes)), truth_N=np.zeros(0, int), space=space)


def rules(space: ClassSpace) -> list[str]:
    """Those that differ: with one label, the class is the label."""
    several = len(space.attributes) > 1
    return [entry.name for entry in RULES if several or not entry.name.endswith("each-label")]
