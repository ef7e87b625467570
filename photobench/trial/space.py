"""How much memory steps take, and how much there is: of the graphics card, or of this process."""

from __future__ import annotations

import gc
from typing import Protocol

import torch

from photobench import memory


class Space(Protocol):
    """The memory in which a step must find room."""

    ends_with_an_error: bool
    """Whether it says so itself when it is full, so that one may go on until then. A processor's does not: the kernel kills."""

    def begin(self) -> None:
        """Give back what is free, and measure the peak from here on."""

    def peak_bytes(self) -> int | None:
        """The most that was held since `begin`; None where it cannot be known."""

    def free_bytes(self) -> int | None:
        """What could be had besides; None where it cannot be known."""


class CardSpace:
    """Of a CUDA device."""

    ends_with_an_error = True

    def begin(self) -> None:
        gc.collect()
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()

    def peak_bytes(self) -> int:
        return torch.cuda.max_memory_reserved()

    def free_bytes(self) -> int:
        return torch.cuda.mem_get_info()[0]


class HostSpace:
    """Of the machine, in which this process is one of many."""

    ends_with_an_error = False

    def begin(self) -> None:
        gc.collect()
        memory.forget_peak()

    def peak_bytes(self) -> int | None:
        return memory.peak_bytes()

    def free_bytes(self) -> int | None:
        return memory.free_bytes()


def space_of(device: str) -> Space:
    return CardSpace() if device == "cuda" else HostSpace()
