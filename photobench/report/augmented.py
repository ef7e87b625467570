"""Photos as evaluation sees them beside what training makes of them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from photobench.report.pictures import Picture, picture


@dataclass(frozen=True)
class AugmentRow:
    """A training photo: as evaluation sees it (H, W, 3), and some of its augmented versions."""

    path: str
    label: str
    original: np.ndarray
    versions: list[np.ndarray]


@dataclass(frozen=True)
class MixedPhotos:
    """Two photos (H, W, 3) of a batch, what mixing makes of the first, and how much of it is the first."""

    first: np.ndarray
    second: np.ndarray
    mixed: np.ndarray
    share: float
    first_label: str
    second_label: str


@dataclass(frozen=True)
class AugmentInputs:
    """All that the sheet shows; `name` and `line` are those of the preset, `mix_line` is that of the mix."""

    title: str
    name: str
    line: str
    transforms: list[str]
    images_per_s: float
    size_px: int
    rows: list[AugmentRow]
    mix: str
    mix_line: str
    mix_share: float
    mixed: list[MixedPhotos]
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class RowView:
    label: str
    path: str
    original: Picture
    versions: list[Picture]


@dataclass(frozen=True)
class MixedView:
    pictures: list[Picture]  # the first, the second, and what comes of them
    words: str


@dataclass(frozen=True)
class AugmentView:
    inputs: AugmentInputs
    rate: str
    rows: list[RowView]
    mixed: list[MixedView]


def view(inputs: AugmentInputs) -> AugmentView:
    """Every photo as a small picture inside the page."""
    rows = [
        RowView(row.label, row.path, _picture(row.original, row.path), [_picture(v, row.path) for v in row.versions])
        for row in inputs.rows
    ]
    mixed = [
        MixedView([_picture(one, "") for one in (pair.first, pair.second, pair.mixed)], _words(pair))
        for pair in inputs.mixed
    ]
    digits = 10 ** max(0, len(str(int(inputs.images_per_s))) - 2)  # two figures: a measurement of a moment
    return AugmentView(inputs, f"{round(inputs.images_per_s / digits) * digits:,}", rows, mixed)


def _words(pair: MixedPhotos) -> str:
    if pair.first_label == pair.second_label:
        return pair.first_label
    return f"{100 * pair.share:.0f} % {pair.first_label}, {100 * (1 - pair.share):.0f} % {pair.second_label}"


def _picture(pixels: np.ndarray, path: str) -> Picture:
    found = picture(lambda _: pixels, path)
    assert found is not None  # pixels in memory can always be read
    return found
