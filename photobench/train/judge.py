"""How good a model in training is: metrics over the whole of `valid`, never averaged over batches."""

from __future__ import annotations

import numpy as np

from photobench.metrics import score
from photobench.predict import predict_rows
from photobench.train.data import TrainingData
from photobench.vision.model import Classifier


def judge(model: Classifier, data: TrainingData, metric: str) -> dict[str, float]:
    """`metric`, macro-F1, accuracy and loss of the joint class, and the macro-F1 of each attribute."""
    model.eval()
    manifest, rows = data.manifest, data.valid_rows
    joint_NK = predict_rows(model, data.pack, rows)
    truth, codes_NA = manifest.classes()[rows], manifest.codes()[rows]
    measured = {name: float(score(name, truth, joint_NK)) for name in dict.fromkeys(["macro_f1", "accuracy", metric])}
    measured["valid_loss"] = float(-np.log(np.clip(joint_NK[np.arange(len(truth)), truth], 1e-7, 1)).mean())
    if len(manifest.space.attributes) > 1:
        for number, attribute in enumerate(manifest.space.attributes):
            probs_NV = manifest.space.marginal(joint_NK, number)
            measured[f"{attribute.name}/macro_f1"] = float(score("macro_f1", codes_NA[:, number], probs_NV))
    return measured
