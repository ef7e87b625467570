"""Which photos an epoch shows: all of them once, or drawn so that rare classes or people with few photos are seen as often as others."""

from __future__ import annotations

import numpy as np

from photobench.registry import Entry, Registry


def _once(classes_N: np.ndarray, groups_N: np.ndarray) -> None:
    return None


def _by_class(classes_N: np.ndarray, groups_N: np.ndarray) -> np.ndarray:
    return _inverse_count(classes_N)


def _by_group(classes_N: np.ndarray, groups_N: np.ndarray) -> np.ndarray:
    return _inverse_count(groups_N)


def _by_root(classes_N: np.ndarray, groups_N: np.ndarray) -> np.ndarray:
    return np.sqrt(_inverse_count(classes_N))


def _inverse_count(labels_N: np.ndarray) -> np.ndarray:
    _, number_N, counts = np.unique(labels_N, return_inverse=True, return_counts=True)
    return 1 / counts[number_N]


SAMPLERS: Registry[np.ndarray | None] = Registry(
    "sampler",
    Entry("shuffle", _once, "every photo once an epoch"),
    Entry("class_balanced", _by_class, "every joint class equally often: rare photos repeat, and may be learned by heart"),
    Entry("class_root", _by_root, "half way there: a class by the root of its number"),
    Entry("group_balanced", _by_group, "every person equally often: where some have many more photos than others"),
)  # fmt: skip
"""Each of (classes_N, groups_N) → how often each photo is drawn, relative to the others; None shows each once."""


def epoch_order(num: int, weights_N: np.ndarray | None, rng: np.random.Generator) -> np.ndarray:
    """Positions of the photos of an epoch, as many as there are photos."""
    if weights_N is None:
        return rng.permutation(num)
    return rng.choice(num, size=num, p=weights_N / weights_N.sum())
