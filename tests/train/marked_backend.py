"""A backend of torch.compile that needs no compiler and no time, and by whose results one can tell that it was used.

`begin()` puts it in the place of inductor, in slow steps: to be imported before a command.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from photobench.train import compiled
from tests.train import slow_steps


class MarkedBackend:
    """What goes through it comes out a hundredth larger. It counts the graphs that it was given."""

    def __init__(self) -> None:
        self.graphs = 0

    def __call__(self, graph: torch.fx.GraphModule, inputs: Sequence[torch.Tensor]) -> Callable[..., Any]:
        self.graphs += 1
        return lambda *args: [1.01 * output for output in graph.forward(*args)]


def broken(graph: torch.fx.GraphModule, inputs: Sequence[torch.Tensor]) -> Callable[..., Any]:
    """As a compiler that is not there."""
    raise FileNotFoundError("no compiler here\nand a trace of many lines")


def begin() -> None:
    compiled.BACKEND = MarkedBackend()
    slow_steps.begin()
