"""The statistics of batch norm, which each look at photos moves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn


@contextmanager
def norms_kept(model: nn.Module) -> Iterator[None]:
    """Inside, photos may go through the model; afterwards its statistics are what they were."""
    own = [buffer.detach().clone() for buffer in model.buffers()]
    try:
        yield
    finally:
        with torch.no_grad():
            for buffer, before in zip(model.buffers(), own, strict=True):
                buffer.copy_(before)
