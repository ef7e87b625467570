"""torch.compile: the model of a training compiled beside itself, and how long a batch takes in either.

Nothing is replaced and no weight gets another name: the compiled forward stands in front of the model's own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from photobench.train.loader import Batch
from photobench.train.norms import norms_kept
from photobench.train.step import Learner
from photobench.vision.device import synchronise
from photobench.vision.model import Classifier

Forward = Callable[[Tensor], list[Tensor]]
BACKEND: str | Callable[..., Any] = "inductor"
"""Of torch.compile."""


class CompiledForward:
    """Stands in front of a model's forward. What is learned from in whole batches goes through it compiled, all else as it was.

    Judging, predicting, and the last, shorter batch of an epoch would each be compiled for themselves, for a few calls.
    """

    def __init__(self, model: Classifier, whole: Callable[[], int]):
        """`whole`: the fewest photos that go through the model at once where a batch is whole."""
        torch.compiler.reset()  # what earlier trainings compiled counts against a limit, beyond which nothing is compiled
        self._model, self._whole = model, whole
        self.plain: Forward = model.forward
        # one graph for each number of photos: the way of a batch hangs on its size alone, and not on what came before it, so that
        # a training that is gone on with rounds as one that was never stopped
        self.compiled: Forward = torch.compile(model.forward, dynamic=False, backend=BACKEND, options=_options())

    def __call__(self, images_BHWC: Tensor) -> list[Tensor]:
        is_learned = torch.is_grad_enabled() and len(images_BHWC) >= self._whole()
        return (self.compiled if is_learned else self.plain)(images_BHWC)

    def take_over(self) -> None:
        """From here on the model answers through this."""
        self._model.forward = self  # type: ignore[method-assign]


def _options() -> dict[str, Any] | None:
    """Kernels chosen without a race between them, where this torch can: a race may end otherwise when the training is gone on with."""
    if BACKEND != "inductor":
        return None
    return {"deterministic": True} if "deterministic" in torch._inductor.list_options() else {}


def part_of(learner: Learner, batch: Batch) -> Batch:
    """What this process sends through the model at once, of a whole batch."""
    return learner.ranks.part(learner.finished(batch).split(learner.parts, 2 * learner.ranks.world)[0])


@contextmanager
def rehearsing(learner: Learner) -> Iterator[None]:
    """Inside, photos may go through the model as they do in a step. Afterwards it is as if they had not."""
    devices = [learner.fabric.device] if learner.device == "cuda" else []
    with torch.random.fork_rng(devices), norms_kept(learner.model):
        yield


def seconds_of(learner: Learner, forward: Forward, part: Batch) -> float:
    """That the answer to photos and its gradients take. To be called while `rehearsing`.

    The model is called for itself, and its gradients are kept from its weights: of several processes none waits for another here,
    so that one that fails leaves nobody waiting.
    """
    weights = [weight for weight in learner.model.parameters() if weight.requires_grad]
    images, targets = part.images.to(learner.fabric.device), part.targets.to(learner.fabric.device)
    synchronise(learner.device)
    started = time.perf_counter()
    with learner.fabric.autocast():
        logits = forward(images)
    loss = learner.loss([head.float() for head in logits], targets)
    torch.autograd.grad(loss, weights, allow_unused=True)
    synchronise(learner.device)
    return time.perf_counter() - started
