"""Several predictions made one: those of folds side by side, those of models averaged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from photobench.errors import PhotobenchError
from photobench.records.predictions import Predictions
from photobench.words import examples


def joined(parts: Sequence[Predictions], run: str = "") -> Predictions:
    """Each photo by the model of the fold that held it out: part 0 is fold 1, and so on.

    Raises:
        PhotobenchError: a photo is in several of the parts, so that it is not known which answer is out of fold; or the classes differ.
    """
    _check_classes(parts)
    paths = [path for part in parts for path in part.paths]
    index = pd.Index(paths)
    twice = index[index.duplicated()].unique().tolist()
    if twice:
        raise PhotobenchError(
            f"{len(twice):,} {'photo is' if len(twice) == 1 else 'photos are'} held out by more than one fold ({examples(twice)}): these are "
            "not the folds of one division. Train them together: photobench train --folds K"
        )
    fold_N = np.repeat(np.arange(1, len(parts) + 1), [len(part) for part in parts])
    joint_NK = np.concatenate([part.joint_NK for part in parts])
    return Predictions(paths, joint_NK, parts[0].space, [r for part in parts for r in part.reasons], run, fold_N)


def averaged(parts: Sequence[Predictions], run: str = "") -> Predictions:
    """The mean of the joint probabilities of several predictions of the same photos, in the order of the first.

    A photo that one of them could not read keeps its reason. The folds stay those of the first. What was decided on each is let go:
    the class is the most probable of the mean.

    Raises:
        PhotobenchError: they are not of the same photos, or the classes differ.
    """
    parts = aligned(parts)
    joint_NK = np.stack([part.joint_NK for part in parts]).mean(axis=0, dtype=np.float64).astype(np.float32)
    return replace(parts[0], joint_NK=joint_NK, run=run, decided_N=None)


def aligned(parts: Sequence[Predictions]) -> list[Predictions]:
    """Several predictions of the same photos, all in the order of the first; a photo that one could not read has its reason in all.

    Raises:
        PhotobenchError: they are not of the same photos, or the classes differ.
    """
    _check_classes(parts)
    ordered = [_in_order(part, parts[0]) for part in parts]
    reasons = [next(filter(None, row), "") for row in zip(*(part.reasons for part in ordered), strict=True)]
    broken_N = np.array([bool(reason) for reason in reasons], dtype=bool)
    return [
        replace(part, joint_NK=np.where(broken_N[:, None], np.float32(np.nan), part.joint_NK), reasons=reasons)
        for part in ordered
    ]


def _in_order(part: Predictions, first: Predictions) -> Predictions:
    if part.paths == first.paths:
        return part
    rows = (
        pd.Index(part.paths).get_indexer(pd.Index(first.paths)) if len(set(part.paths)) == len(part) else np.array([-1])
    )
    if len(part) != len(first) or (rows < 0).any():
        raise PhotobenchError(
            f"{part.run or 'A run'} and {first.run or 'another one'} were not asked about the same photos: their answers cannot be put together. "
            "Predict the same photos with each."
        )
    return replace(
        part,
        paths=first.paths,
        joint_NK=part.joint_NK[rows],
        reasons=[part.reasons[row] for row in rows],
        fold_N=None,
        decided_N=None,
    )


def _check_classes(parts: Sequence[Predictions]) -> None:
    if any(part.space != parts[0].space for part in parts):
        raise PhotobenchError(
            "The runs have different classes, so their answers cannot be put together. Train them anew: photobench train --folds K"
        )
