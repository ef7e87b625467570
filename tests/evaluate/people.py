"""Persons with photos, and predictions that are right most of the time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from photobench.evaluate import EvaluateOptions
from photobench.records import Attribute, ClassSpace, Manifest, Predictions

MASK = Attribute("mask", ("worn", "wrong", "none"))
GENDER = Attribute("gender", ("male", "female"))
AGE = Attribute("age", ("<30", "30-59", ">=60"))
SPACE = ClassSpace((MASK, GENDER, AGE))
FEW = EvaluateOptions(bootstraps=50)


def project(
    num_groups: int = 40, space: ClassSpace = SPACE, seed: int = 0, has_groups: bool = True, noise: float = 1.0
) -> tuple[Manifest, Predictions]:
    """Persons with seven photos, all in `valid`, and probabilities that are right most of the time."""
    rng = np.random.default_rng(seed)
    K = space.num_classes
    person = rng.choice(K, num_groups, p=rng.dirichlet(np.full(K, 0.5)))
    truth = np.where(rng.random(num_groups * 7) < 0.6, np.repeat(person, 7), rng.integers(0, K, num_groups * 7))
    logits = 3.0 * np.eye(K)[truth] + noise * rng.normal(size=(len(truth), K)) * 1.5
    joint = np.exp(logits)
    joint /= joint.sum(axis=1, keepdims=True)
    return manifest_of(truth, space, has_groups), predictions_of(joint.astype(np.float32), space)


def manifest_of(truth_N: np.ndarray, space: ClassSpace = SPACE, has_groups: bool = True) -> Manifest:
    codes = space.decompose(truth_N)
    labels = {a.name: np.array([*a.values, None], dtype=object)[codes[:, i]] for i, a in enumerate(space.attributes)}
    frame = pd.DataFrame({"path": [f"p{i:04d}.jpg" for i in range(len(truth_N))], **labels})
    group = [f"person{i // 7}" for i in range(len(truth_N))] if has_groups else frame["path"]
    return Manifest(frame.assign(group=group, split="valid", reason=""), space, Path("/photos"), has_groups)


def predictions_of(joint_NK: np.ndarray, space: ClassSpace = SPACE) -> Predictions:
    return Predictions([f"p{i:04d}.jpg" for i in range(len(joint_NK))], joint_NK, space, run="001-tiny")
