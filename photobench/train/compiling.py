"""Whether the model of a training is compiled: decided once, by what is measured, and kept with the run."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from statistics import median
from typing import TypeVar

from photobench.progress import say
from photobench.train.compiled import CompiledForward, Forward, part_of, rehearsing, seconds_of
from photobench.train.loader import Batch, TrainingBatches
from photobench.train.options import TrainOptions
from photobench.train.payback import Payback, Remaining
from photobench.train.run import TrainState
from photobench.train.step import Learner
from photobench.vision.device import is_out_of_memory
from photobench.words import duration

Result = TypeVar("Result")
GAINS_ON = ("cuda",)
"""Devices on which "auto" looks: a processor spends its time in convolutions of oneDNN's, which compiling leaves as they are, and was seen
to lose by it (docs/log.md)."""
ROUNDS = 7
"""Of each of the two that are compared."""


class Compiling:
    """Compiles the model of a learner, where that is wanted and works."""

    def __init__(self, learner: Learner, batches: TrainingBatches, options: TrainOptions, workers: int,
                 note: Callable[[str], None]):  # fmt: skip
        """`note` is told what was decided."""
        self.learner, self.batches, self.options, self.workers, self.note = learner, batches, options, workers, note
        self._is_settled = options.compile == "off" or (options.compile == "auto" and learner.device not in GAINS_ON)

    def settle(self, state: TrainState) -> bool:
        """Before an epoch, or what is left of one; from the first one on in which all weights learn from photos of full size.

        Returns:
            Something was decided, which the state holds from now on.
        """
        if self._is_settled or (self.options.compile == "auto" and state.compiled is False):
            return False
        if state.compiled:
            self._go_on(state)
            return False
        # in the middle of an epoch it would not be the training that was never stopped
        return state.batch == 0 and self._decide(state)

    def _go_on(self, state: TrainState) -> None:
        """Compiled again, as the run was."""
        self._is_settled = True
        started = time.monotonic()
        if forward := self._compiled(self._part(state)):
            forward.take_over()
            say(f"train: compiled again, in {duration(time.monotonic() - started)}")

    def _decide(self, state: TrainState) -> bool:
        """False where there is no room to look: the next step finds that out too, and lets fewer photos through the model at once."""
        part = self._part(state)
        plain_s = self._plain_s(part)
        if any(self.learner.ranks.any(plain_s is None)) or plain_s is None:
            return False
        self._is_settled = True
        remaining = self._remaining(state, plain_s)
        if self.options.compile == "auto" and (why_not := self.learner.ranks.tell(remaining.why_not())):
            state.compiled = False
            self.note(why_not)
        else:
            state.compiled = self._try(part, remaining)
        return True

    def _try(self, part: Batch, remaining: Remaining) -> bool:
        """Compile, compare, and keep it where it pays, or was asked for."""
        started = time.monotonic()
        forward = self._compiled(part)
        compiling_s = time.monotonic() - started
        if forward is None:
            return False
        times = self._guarded(lambda: self._compared((forward.plain, forward.compiled), part))
        if times is None:
            return False
        payback = Payback(remaining.at(times[0]), times[1], compiling_s)
        is_kept, sentence = self.learner.ranks.tell(payback.told(asked=self.options.compile == "on"))
        if is_kept:
            forward.take_over()
        self.note(sentence)
        return bool(is_kept)

    def _compiled(self, part: Batch) -> CompiledForward | None:
        """The compiled forward after its first call; None where that failed."""
        learner = self.learner
        say("train: compiling the model, which may take minutes")
        logging.getLogger("torch.utils.cpp_extension").setLevel(logging.ERROR)  # of a CUDA compiler without a card
        forward = CompiledForward(
            learner.model, lambda: self.batches.batch_size // (learner.parts * learner.ranks.world)
        )
        return forward if self._guarded(lambda: self._seconds_of_each((forward.compiled,), part, 1)) else None

    def _guarded(self, work: Callable[[], Result]) -> Result | None:
        """What comes of work with a compiled model; None, and a note, where it fails in any of the processes."""
        result, reason = None, ""
        try:
            result = work()
        except Exception as error:  # a compiler has many ways to fail, of several libraries
            reason = _in_a_line(error)
        if any(self.learner.ranks.any(bool(reason))):
            self.note(f"not compiled, and the training goes on as it is: {reason or 'another process could not'}")
            return None
        return result

    def _plain_s(self, part: Batch) -> float | None:
        try:
            return self._compared((self.learner.model.forward,), part)[0]
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            return None

    def _compared(self, forwards: tuple[Forward, ...], part: Batch) -> list[float]:
        """Seconds of a batch by each, the median of rounds in turns, so that a busy moment meets all."""
        times = self._seconds_of_each(forwards, part, 1 + ROUNDS)[1:]  # the first one makes ready
        looks = self.learner.parts * (2 if self.options.sam else 1)
        return [looks * median(of_one) for of_one in zip(*times, strict=True)]

    def _seconds_of_each(self, forwards: tuple[Forward, ...], part: Batch, rounds: int) -> list[list[float]]:
        with rehearsing(self.learner):
            return [[seconds_of(self.learner, forward, part) for forward in forwards] for _ in range(rounds)]

    def _part(self, state: TrainState) -> Batch:
        return part_of(self.learner, self.batches[state.epoch, 0])

    def _remaining(self, state: TrainState, plain_s: float) -> Remaining:
        whole = len(self.batches.rows) // self.batches.batch_size
        return Remaining(
            (self.options.epochs - state.epoch) * whole, whole, state.epoch + 1, plain_s, self._loader_s(state)
        )

    def _loader_s(self, state: TrainState) -> float:
        """Between two batches of the workers, at the least; 0 without them: what a batch takes here, it takes beside any model."""
        if not self.workers:
            return 0.0
        started = time.perf_counter()
        self.batches[state.epoch, 0]  # the order of the photos is known by now
        return (time.perf_counter() - started) / self.workers


def _in_a_line(error: Exception) -> str:
    """What a compiler says, without its trace."""
    inner = getattr(error, "inner_exception", error)
    return f"{type(inner).__name__}: {(str(inner).strip().splitlines() or ['no reason given'])[0]}"
