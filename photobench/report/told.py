"""What a training said of the same few photos after its epochs, for the report and for the page of a training under way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from photobench.learning import ExamplePredictions
from photobench.records import ClassSpace
from photobench.report import pictures
from photobench.report.inputs import Thumbnail
from photobench.report.numbers import probability

SHOWN_EPOCHS = 4


@dataclass(frozen=True)
class Said:
    """Of one photo after one epoch."""

    text: str
    probability: str
    right: bool


@dataclass(frozen=True)
class AfterEpoch:
    """Of all the photos, in their order."""

    epoch: int
    said: list[Said]


def photos(
    examples: ExamplePredictions, space: ClassSpace, thumbnail: Thumbnail | None
) -> list[tuple[pictures.Picture | None, str]]:
    """Each photo with the name of its true class."""
    names = space.class_names
    return [
        (pictures.picture(thumbnail, path), names[label])
        for path, label in zip(examples.paths, examples.truth, strict=True)
    ]


def epochs(examples: ExamplePredictions, space: ClassSpace) -> list[AfterEpoch]:
    """The first epoch first."""
    names = space.class_names
    return [
        AfterEpoch(
            epoch,
            [
                Said(names[guess.label], probability(guess.probability), guess.label == truth)
                for guess, truth in zip(guesses, examples.truth, strict=True)
            ],
        )
        for epoch, guesses in sorted(examples.epochs.items())
    ]


def few(all_epochs: list[AfterEpoch]) -> list[AfterEpoch]:
    """The first, the last, and some in between."""
    places = np.linspace(0, len(all_epochs) - 1, min(SHOWN_EPOCHS, len(all_epochs))).round().astype(int)
    return [all_epochs[place] for place in places]
