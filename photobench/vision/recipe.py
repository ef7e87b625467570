"""What was drawn for the photos of a batch: numbers that whoever changes the pixels goes by.

Photos of a batch go different ways. An operation is therefore called once for all photos whose turn it is, with a row of numbers for each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
import torch

Operation = tuple[str, tuple[float, ...]]
"""A name of `vision.on_device.operations`, and the numbers that it takes for a photo."""
BLACK, MEAN_GREY, GREY = 0.0, 1.0, 2.0
"""What a photo is blended towards: black, the mean of its grey, or each pixel's own grey."""

Way = Sequence[Operation]
Kind = tuple[str, int]


class Call(NamedTuple):
    """An operation on some photos, with `width` numbers for each beside the photo's own number."""

    name: str
    num_photos: int
    width: int


class Recipe(NamedTuple):
    """From stored squares (B, S, S, 3) to photos of `size_px`: the view of each, then the calls in their order.

    All numbers lie in one row, so that they come to a device in one piece.
    """

    num_photos: int
    size_px: int
    looks: int
    """Points of a stored square along each side of a pixel of the view, whose mean it is: 1, or more where photos are made smaller by area."""
    views: torch.Tensor
    """(B, 11): a matrix from places in the view to places in the stored square, and how far its points lie apart along x and y."""
    calls: Sequence[Call]
    numbers: torch.Tensor
    """Of all calls, each a table (photos, 1 + width) whose first column is the number of the photo."""


def make_recipe(size_px: int, looks: int, views: np.ndarray, stages: Sequence[Sequence[Way]]) -> Recipe:
    """The recipe for photos with their views. `stages`: after each other, what is done to each photo, in its order."""
    calls, tables = [], []
    for (name, width), photos, numbers in chain.from_iterable(map(_turns, stages)):
        calls.append(Call(name, len(photos), width))
        tables.append(np.column_stack([photos, np.array(numbers).reshape(len(photos), width)]).ravel())
    row = np.concatenate([np.zeros(0), *tables]).astype(np.float32)
    return Recipe(len(views), size_px, looks, torch.from_numpy(views.astype(np.float32)), calls, torch.from_numpy(row))


def _turns(ways: Sequence[Way]) -> Iterator[tuple[Kind, list[int], list[tuple[float, ...]]]]:
    """Few calls: next is what the fewest photos will need again behind something else, and of those what the most need now."""
    left = {photo: list(way) for photo, way in enumerate(ways) if way}
    while left:
        now = Counter(_kind(way[0]) for way in left.values())
        later: Counter[Kind] = Counter()
        for way in left.values():
            later.update({_kind(one) for one in way[1:]} - {_kind(way[0])})
        chosen = min(now, key=lambda kind: (later[kind], -now[kind], kind))
        photos = [photo for photo, way in left.items() if _kind(way[0]) == chosen]
        yield chosen, photos, [left[photo].pop(0)[1] for photo in photos]
        left = {photo: way for photo, way in left.items() if way}


def _kind(operation: Operation) -> Kind:
    name, numbers = operation
    return name, len(numbers)
