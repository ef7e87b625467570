"""The losses of the steps, left on the device and looked at together: a look waits for everything that the device has to do."""

from __future__ import annotations

import math

import torch
from torch import Tensor

LOOK_EVERY = 16
"""Steps after which a loss that is no number is found at the latest, where a look waits; a processor's is seen at once."""


class Diverged(Exception):
    """A loss, or a weight, is no finite number. `str(error)` says what and where."""


class LossWatch:
    """Collects the losses of an epoch. `add` costs no wait but at the first step and every `LOOK_EVERY` steps."""

    def __init__(self, batches: int, total: float):
        """`batches` and `total`: how many batches of the epoch are done, and the sum of their losses."""
        self.batches, self.total = batches, total
        self._unseen: list[tuple[Tensor, int]] = []

    def add(self, loss: Tensor, batches: int) -> None:
        """The loss of a step over this many batches."""
        self._unseen.append((loss, batches))
        if not self.batches or loss.device.type == "cpu" or len(self._unseen) >= LOOK_EVERY:
            self.look()

    def look(self) -> None:
        """Take in what was left on the device.

        Raises:
            Diverged: one of the losses is not finite.
        """
        if not self._unseen:
            return
        losses = torch.stack([loss for loss, _ in self._unseen]).tolist()
        for loss, (_, batches) in zip(losses, self._unseen, strict=True):
            self.batches += batches
            if not math.isfinite(loss):
                raise Diverged(f"the loss became {loss} in step {self.batches}")
            self.total += loss * batches
        self._unseen.clear()

    def mean(self) -> float | None:
        """Of what was looked at; None where that is nothing yet."""
        return self.total / self.batches if self.batches else None
