"""Drawn answers of several members to photos of known class."""

from __future__ import annotations

import numpy as np

from photobench.ensemble import Known


def answers(skills: tuple[float, ...], people: int = 40, each: int = 3, classes: int = 3, seed: int = 0) -> Known:
    """A member per skill: how much higher the logit of the truth is than noise. All photos of a person are of one class."""
    rng = np.random.default_rng(seed)
    clusters_N = np.repeat(np.arange(people), each)
    truth_N = rng.integers(classes, size=people)[clusters_N]
    logits_MNK = rng.normal(0, 1, (len(skills), len(truth_N), classes))
    logits_MNK += np.eye(classes)[truth_N] * np.array(skills)[:, None, None]
    probs_MNK = np.exp(logits_MNK)
    return Known(probs_MNK / probs_MNK.sum(axis=2, keepdims=True), truth_N, clusters_N)
