"""How good a model in training is: metrics over the whole of the validation photos, never averaged over batches."""

from __future__ import annotations

import numpy as np

from photobench.metrics import score
from photobench.records import Manifest


def judge(manifest: Manifest, rows: np.ndarray, joint_NK: np.ndarray, metric: str) -> dict[str, float]:
    """The metrics of an epoch's row: of the joint class, the loss, and macro-F1 of each attribute where there are several.

    Args:
        rows: of the manifest; joint_NK (len(rows), K) is what the model says of them.
    """
    truth, codes_NA = manifest.classes()[rows], manifest.codes()[rows]
    measured = {name: score(name, truth, joint_NK) for name in dict.fromkeys(["macro_f1", "accuracy", metric])}
    measured["valid_loss"] = float(-np.log(np.clip(joint_NK[np.arange(len(truth)), truth], 1e-7, 1)).mean())
    if len(manifest.space.attributes) > 1:
        for number, attribute in enumerate(manifest.space.attributes):
            probs_NV = manifest.space.marginal(joint_NK, number)
            measured[f"{attribute.name}/macro_f1"] = score("macro_f1", codes_NA[:, number], probs_NV)
    return measured
