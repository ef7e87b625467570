"""Classes made equal among embeddings: photos repeated, or new points between neighbours of a class.

The classes are the joint ones. A class that is too small for an interpolation is repeated instead.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from photobench.errors import ConfigError
from photobench.registry import Entry, Registry

Points = tuple[np.ndarray, np.ndarray]
"""Embeddings (N, D) float32 and joint classes (N,)."""
NEIGHBOURS = 5


def _none(points: Points, seed: int) -> Points:
    return points


def _over(points: Points, seed: int) -> Points:
    over = _sampler("RandomOverSampler")(random_state=seed)
    return over.fit_resample(*points)


def _smote(points: Points, seed: int) -> Points:
    return _between(points, seed, "SMOTE", "k_neighbors")


def _adasyn(points: Points, seed: int) -> Points:
    return _between(points, seed, "ADASYN", "n_neighbors")


def _between(points: Points, seed: int, name: str, neighbours: str) -> Points:
    """Classes with neighbours enough are interpolated, the others repeated."""
    classes, counts = np.unique(points[1], return_counts=True)
    most = int(counts.max())
    able = {int(k): most for k, n in zip(classes, counts, strict=True) if NEIGHBOURS < n < most}
    few = {int(k): most for k, n in zip(classes, counts, strict=True) if n <= NEIGHBOURS}
    made = points
    if able:
        try:
            made = _sampler(name)(sampling_strategy=able, random_state=seed, **{neighbours: NEIGHBOURS}).fit_resample(
                *points
            )
        except (ValueError, RuntimeError) as error:  # ADASYN, where no point of a rare class has a foreign neighbour
            raise ConfigError(
                [f'probe.resample = "{name.lower()}" cannot be done with these photos: {error} Set "over" or "smote".']
            ) from error
    return _sampler("RandomOverSampler")(sampling_strategy=few, random_state=seed).fit_resample(*made) if few else made


def _sampler(name: str) -> Any:
    try:
        from imblearn import over_sampling
    except ImportError:
        raise ConfigError(
            ['imbalanced-learn is not installed: pip install "photobench[resample]", or set probe.resample = "none".']
        ) from None
    return getattr(over_sampling, name)


RESAMPLERS: Registry[Points] = Registry(
    "resampler",
    Entry("none", _none, "photos as they are; loss.class_weights may still weigh them"),
    Entry("over", _over, "rare classes repeated until all are as large: what a balanced sampler does"),
    Entry("smote", _smote, "new points between a rare class's neighbours (Chawla et al. 2002)"),
    Entry("adasyn", _adasyn, "the same, more of them where other classes are near (He et al. 2008)"),
)  # fmt: skip


def check_resampler(name: str) -> None:
    """Raises ConfigError where there is none of that name, or its library is not installed; said before the work."""
    if RESAMPLERS.get(name).name != "none":
        _sampler("RandomOverSampler")
