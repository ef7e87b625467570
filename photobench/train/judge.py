"""How good a model in training is: metrics over the whole of `valid`, never averaged over batches."""

from __future__ import annotations

import numpy as np

from photobench.metrics import score
from photobench.train.data import TrainingData


def judge(data: TrainingData, joint_NK: np.ndarray, metric: str) -> dict[str, float]:
    """`metric`, macro-F1, accuracy and loss of the joint class, and the macro-F1 of each attribute.

    `joint_NK` is what a model says of the validation photos."""
    manifest, rows = data.manifest, data.valid_rows
    truth, codes_NA = manifest.classes()[rows], manifest.codes()[rows]
    found = {name: float(score(name, truth, joint_NK)) for name in dict.fromkeys(["macro_f1", "accuracy", metric])}
    found["valid_loss"] = float(-np.log(np.clip(joint_NK[np.arange(len(truth)), truth], 1e-7, 1)).mean())
    if len(manifest.space.attributes) > 1:
        for number, attribute in enumerate(manifest.space.attributes):
            probs_NV = manifest.space.marginal(joint_NK, number)
            found[f"{attribute.name}/macro_f1"] = float(score("macro_f1", codes_NA[:, number], probs_NV))
    return found
