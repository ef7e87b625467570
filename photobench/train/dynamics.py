"""The margins of the training photos, summed over the epochs on the device: nothing here waits for it. See `records.Dynamics`.

A photo that is mixed with another is passed over, for it does not show what its label says. So is a model without steps (frozen).

Shape legend: N training photos, B photos of a batch, H heads, V values of a head.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from photobench.train.ranks import Ranks


class Margins:
    """Of the photos that this process has seen."""

    def __init__(self, num_photos: int, num_heads: int, device: torch.device, ranks: Ranks):
        self.ranks = ranks
        self.sum_NH = torch.zeros(num_photos, num_heads, device=device)
        self.num_N = torch.zeros(num_photos, dtype=torch.int32, device=device)
        self._noted: list[tuple[Tensor, Tensor]] = []

    def note(self, rows_B: Tensor, logits: Sequence[Tensor], targets_BH: Tensor) -> None:
        """Photos of a step, by their numbers among the training photos. `keep` adds them; a step that begins anew forgets them."""
        self._noted.append((rows_B, margins(logits, targets_BH)))

    def forget(self) -> None:
        self._noted.clear()

    def keep(self) -> None:
        """Add what was noted since the last `forget`."""
        for rows_B, margins_BH in self._noted:
            self.sum_NH.index_add_(0, rows_B, margins_BH)
            self.num_N.index_add_(0, rows_B, torch.ones_like(rows_B, dtype=torch.int32))
        self.forget()

    def mean(self) -> tuple[np.ndarray, np.ndarray]:
        """The mean margin of each photo, (N, H), NaN where there is none, and how often it was seen, (N,). Every process takes part."""
        sum_NH, num_N = (
            torch.stack(self.ranks.gather(t)).sum(dim=0).numpy(force=True) for t in (self.sum_NH, self.num_N)
        )
        return np.where(num_N[:, None] > 0, sum_NH / np.maximum(num_N, 1)[:, None], np.nan), num_N

    def state(self) -> dict[str, Any]:
        return {"sum": self.ranks.gather(self.sum_NH), "num": self.ranks.gather(self.num_N)}

    def load_state(self, state: dict[str, Any]) -> None:
        """What was summed by as many processes, by each its own; else the first one takes it all."""
        for own, everyone in ((self.sum_NH, state["sum"]), (self.num_N, state["num"])):
            if len(everyone) == self.ranks.world:
                own.copy_(everyone[self.ranks.number])
            elif self.ranks.first:
                own.copy_(torch.stack(everyone).sum(dim=0))
            else:
                own.zero_()
        self.forget()


@torch.no_grad()
def margins(logits: Sequence[Tensor], targets_BH: Tensor) -> Tensor:
    """The logit of the given value minus the largest other, (B, H), for the logits of each head, (B, V)."""
    return torch.stack([_margin(head.float(), targets_BH[:, h, None]) for h, head in enumerate(logits)], dim=1)


def _margin(logits_BV: Tensor, given_B1: Tensor) -> Tensor:
    others_BV = logits_BV.scatter(1, given_B1, -torch.inf)
    return logits_BV.gather(1, given_B1)[:, 0] - others_BV.amax(dim=1)
