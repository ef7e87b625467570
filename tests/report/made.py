"""Inputs of a report, made up: a manifest, predictions, an evaluation, a run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from photobench.records import Attribute, ClassSpace, Manifest, Predictions, RunRecord
from photobench.report import Reported, ReportInputs

SPACE = ClassSpace((Attribute("mask", ("worn", "not worn")), Attribute("age", ("young", "middle", "old"))))
ALL = [
    "headline", "examples", "data", "learning", "confusion", "classes", "mistakes", "submission", "timings",
    "left-out", "reproduce",
]  # fmt: skip


def make_manifest(
    space: ClassSpace = SPACE, num_groups: int = 60, broken: int = 0, has_groups: bool = True
) -> Manifest:
    rng = np.random.default_rng(0)
    group_N = np.repeat(np.arange(num_groups), 4)
    codes_NA = space.decompose(rng.integers(0, space.num_classes, len(group_N)))
    frame = pd.DataFrame({"path": [f"photos/{i:05d}.jpg" for i in range(len(group_N))]})
    for column, attribute in enumerate(space.attributes):
        frame[attribute.name] = np.array(attribute.values)[codes_NA[:, column]]
    frame["group"] = [f"g{g}" for g in group_N] if has_groups else frame["path"]
    frame["split"] = np.array(["train", "train", "train", "valid", "test"])[group_N % 5]
    frame = frame.assign(bytes=1, mtime_ns=1, sha256="0", width=384, height=512, reason="")
    frame.loc[frame.index[:broken], "reason"] = "the file is empty"
    return Manifest(frame, space, Path("/nowhere"), has_groups)


def bounds(value: float | None) -> dict[str, float | None]:
    return {
        "value": value,
        "low": None if value is None else max(value - 0.05, 0.0),
        "high": None if value is None else min(value + 0.05, 1.0),
    }


def make_scores(names: list[str], truth_N: np.ndarray, said_N: np.ndarray) -> dict[str, Any]:
    confusion = np.zeros((len(names), len(names)), dtype=int)
    np.add.at(confusion, (truth_N, said_N), 1)
    right, support = np.diag(confusion), confusion.sum(axis=1)
    recall = [bounds(r / s) if s else bounds(None) for r, s in zip(right, support, strict=True)]
    rows = [
        {"name": n, "support": int(s), "precision": bounds(0.5), "recall": r, "f1": bounds(0.6), "auc": bounds(None)}
        for n, s, r in zip(names, support, recall, strict=True)
    ]
    metrics = {"accuracy": bounds(right.sum() / max(support.sum(), 1)), "macro_f1": bounds(0.71), "auc": bounds(None)}
    return {"names": names, "metrics": metrics, "per_class": rows, "confusion": confusion.tolist()}


def make_predictions(manifest: Manifest, split: str, wrong_every: int) -> Predictions:
    rows = manifest.rows(split)
    said_N = manifest.classes()[rows].copy()
    if wrong_every:
        said_N[::wrong_every] = (said_N[::wrong_every] + 1) % manifest.space.num_classes
    joint_NK = np.full((len(rows), manifest.space.num_classes), 0.3 / (manifest.space.num_classes - 1))
    joint_NK[np.arange(len(rows)), said_N] = 0.7
    return Predictions(manifest.frame["path"].iloc[rows].tolist(), joint_NK, manifest.space, run="calm-fox-1")


def make_evaluation(manifest: Manifest, predictions: Predictions, split: str) -> dict[str, Any]:
    rows, space = manifest.rows(split), manifest.space
    truth_N, said_N = manifest.classes()[rows], predictions.classes()
    truth_NA, said_NA = space.decompose(truth_N), space.decompose(said_N)
    attributes = {
        a.name: make_scores(list(a.values), truth_NA[:, i], said_NA[:, i]) for i, a in enumerate(space.attributes)
    }
    return {
        "run": "calm-fox-1", "split": split, "num_photos": len(rows), "has_groups": manifest.has_groups,
        "num_groups": int(manifest.frame["group"].iloc[rows].nunique()), "attributes": attributes,
        "joint": make_scores(space.class_names, truth_N, said_N),
    }  # fmt: skip


def make_record(manifest: Manifest, num_epochs: int = 8) -> RunRecord:
    history = [
        {
            "epoch": e, "train_loss": 2 / e, "valid_loss": 2.2 / e, "macro_f1": 0.7 - 0.5 / e, "accuracy": 0.8 - 0.5 / e,
            "lr": 1e-3 / e, "seconds": 3.0, "images_per_s": 800.0,
            **{f"{a.name}/macro_f1": 0.9 - 0.4 / e for a in manifest.space.attributes},
        }
        for e in range(1, num_epochs + 1)
    ]  # fmt: skip
    config = {
        "model": {"backbone": "resnet18", "weights": None},
        "train": {"epochs": num_epochs, "note": 'a "quoted" <b>'},
    }
    return RunRecord(
        "calm-fox-1", "finished", "2025-03-04T10:21:33+09:00", "f00d", config, 7, manifest.fingerprint(), "runs/calm-fox-1",
        {"best_epoch": num_epochs, "macro_f1": 0.64, "accuracy": 0.74}, history, {"train": 24.0},
        {"torch": "2.7.1", "device": "cpu", "precision": "32"},
    )  # fmt: skip


def thumbnail(path: str) -> np.ndarray:
    seed = int(re.findall(r"\d+", path)[0])
    return np.random.default_rng(seed).integers(0, 256, (40, 30, 3), dtype=np.uint8)


def make_inputs(manifest: Manifest | None = None, wrong_every: int = 6, **changes: Any) -> ReportInputs:
    manifest = manifest or make_manifest()
    predictions = {split: make_predictions(manifest, split, wrong_every) for split in ("valid", "test")}
    evaluations = {split: make_evaluation(manifest, p, split) for split, p in predictions.items()}
    test = predictions["test"]
    truth_N, said_N = manifest.classes()[manifest.rows("test")], test.classes()
    wrong = np.flatnonzero(truth_N != said_N)
    mistakes = pd.DataFrame({"path": np.array(test.paths, dtype=object)[wrong], "truth": truth_N[wrong],
                             "predicted": said_N[wrong], "prob_truth": 0.06, "confidence": 0.7})  # fmt: skip
    everything: dict[str, Any] = {
        "title": "Masks & ages", "manifest": manifest, "model": Reported("calm-fox-1", [make_record(manifest)], can_be_refined=True), "evaluations": evaluations,
        "predictions": predictions, "mistakes": mistakes, "thumbnail": thumbnail,
        "submission": {"file": "submissions/1.csv", "rows": 420, "valid": True, "notes": ["in the order of the sample"]},
        "timings": {"pack": 4.0, "train": 24.0}, "notes": ["2 rows named no photo"], "truth_score": {"value": 0.7, "n": 420},
    }  # fmt: skip
    return ReportInputs(**{**everything, **changes})
