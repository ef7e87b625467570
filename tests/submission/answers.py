"""Class spaces, and predictions that are sure of themselves."""

from __future__ import annotations

import numpy as np

from photobench.records import Attribute, ClassSpace, Predictions
from photobench.submit import (
    Submission,
    SubmitOptions,
)

MASK = Attribute("mask", ("worn", "wrong", "none"))
GENDER = Attribute("gender", ("male", "female"))
AGE = Attribute("age", ("<30", "30-59", ">=60"))
PEOPLE = ClassSpace((MASK, GENDER, AGE))
ANIMALS = ClassSpace((Attribute("animal", ("cat", "dog")),))
LEAVES = ClassSpace((Attribute("leaf", ("healthy", "rust", "scab")),))
DIGITS = ClassSpace((Attribute("digit", tuple("0123456789")),))
AUTO = SubmitOptions()


def sure(
    space: ClassSpace, classes: list[int], names: list[str] | None = None, folder: str = "eval/images"
) -> Predictions:
    """Photos a.jpg, b.jpg, … with 0.8 on the given class and the rest spread evenly."""
    K = space.num_classes
    joint = np.full((len(classes), K), 0.2 / (K - 1))
    joint[np.arange(len(classes)), classes] = 0.8
    names = names or [f"{chr(97 + i)}.jpg" for i in range(len(classes))]
    return Predictions([f"{folder}/{n}" for n in names], joint, space)


def broken(predictions: Predictions, row: int) -> Predictions:
    joint, reasons = predictions.joint_NK.copy(), [""] * len(predictions)
    joint[row], reasons[row] = np.nan, "truncated"
    return Predictions(predictions.paths, joint, predictions.space, reasons)


def rows(submission: Submission) -> list[list]:
    return submission.frame.to_numpy().tolist()
