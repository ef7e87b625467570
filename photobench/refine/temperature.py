"""Temperatures: probabilities made as sure as they may be (Guo et al., "On calibration of modern neural networks", ICML 2017).

A model's record holds the probabilities p of joint classes only. Two forms are tried:

- one: p(k)^(1/T), the usual softening of a softmax over the joint classes;
- per label: p(k) · Π_a m_a(k_a)^(1/T_a − 1), where m_a are the probabilities of attribute a. Where p is their product (a head per
  attribute, one model) this is a temperature per head; what ties the attributes together otherwise stays as it is.

Both are a softmax of features with one weight each, so that the log-loss is convex in the weights and has one lowest place. The order of
the answers of an attribute does not change.

Shape legend: N photos, K joint classes, A attributes, J temperatures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp

from photobench.records import ClassSpace

Form = Literal["one", "per label"]
SMALLEST = 1e-12
"""A probability; what is smaller has no logarithm that means something."""
HOTTEST = 20.0
"""No temperature is above this, or below one part in it."""


@dataclass(frozen=True)
class Temperatures:
    """Above 1 the probabilities were too sure, below 1 not sure enough."""

    form: Form
    values: tuple[float, ...]

    def apply(self, probs_NK: np.ndarray, space: ClassSpace) -> np.ndarray:
        """(N, K), rows sum to 1."""
        base_NK, features_JNK = _features(probs_NK, space, self.form)
        return _softmax(base_NK + np.tensordot(1 / np.array(self.values), features_JNK, 1))

    def to_json(self) -> dict[str, Any]:
        return {"form": self.form, "values": list(self.values)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Temperatures:
        return cls(data["form"], tuple(map(float, data["values"])))

    def __str__(self) -> str:
        return ", ".join(f"{value:.2f}" for value in self.values)


def forms(space: ClassSpace) -> tuple[Form, ...]:
    return ("one", "per label") if len(space.attributes) > 1 else ("one",)


def fit_temperatures(probs_NK: np.ndarray, truth_N: np.ndarray, space: ClassSpace, form: Form) -> Temperatures:
    """Those under which the log-loss of these photos is lowest."""
    base_NK, features_JNK = _features(probs_NK, space, form)
    rows = np.arange(len(truth_N))

    def loss(sharpness_J: np.ndarray) -> tuple[float, np.ndarray]:
        logits_NK = base_NK + np.tensordot(sharpness_J, features_JNK, 1)
        lost_N = logsumexp(logits_NK, axis=1) - logits_NK[rows, truth_N]
        expected_JN = (_softmax(logits_NK) * features_JNK).sum(axis=2)
        return float(lost_N.mean()), (expected_JN - features_JNK[:, rows, truth_N]).mean(axis=1)

    start_J = np.ones(len(features_JNK))
    bounds = [(1 / HOTTEST, HOTTEST)] * len(start_J)
    found = minimize(loss, start_J, jac=True, method="L-BFGS-B", bounds=bounds)
    return Temperatures(form, tuple(float(1 / one) for one in found.x))


def lost(probs_NK: np.ndarray, truth_N: np.ndarray) -> np.ndarray:
    """(N,) the log-loss of each photo, in nats."""
    given_N = np.take_along_axis(probs_NK, truth_N[:, None], axis=1)[:, 0] / probs_NK.sum(axis=1)
    return -np.log(np.maximum(given_N, SMALLEST))


def _features(probs_NK: np.ndarray, space: ClassSpace, form: Form) -> tuple[np.ndarray, np.ndarray]:
    """What stays (N, K), and what each temperature divides (J, N, K)."""
    log_NK = np.log(np.maximum(probs_NK, SMALLEST), dtype=np.float64)
    if form == "one":
        return np.zeros_like(log_NK), log_NK[None]
    codes_KA = space.decompose(np.arange(space.num_classes))
    parts = [
        np.log(np.maximum(space.marginal(probs_NK, a), SMALLEST), dtype=np.float64)[:, codes_KA[:, a]]
        for a in range(len(space.attributes))
    ]
    features_JNK = np.stack(parts)
    return log_NK - features_JNK.sum(axis=0), features_JNK


def _softmax(logits_NK: np.ndarray) -> np.ndarray:
    return np.exp(logits_NK - logsumexp(logits_NK, axis=1, keepdims=True))
