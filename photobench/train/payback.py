"""Whether a compiled model pays back what compiling it takes, within one training: plain figures, and the sentence that says it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from photobench.words import count, duration

WORTH_A_TRY_S = 300.0
"""What is left to compute, in seconds, below which compiling is not tried: it takes about a minute, of a large model several, and what it
saves is a fifth of the time or less for most."""
MARGIN = 1.03
"""A compiled batch is faster where it is so by more than this: less is within what two measurements differ by."""


@dataclass(frozen=True)
class Remaining:
    """What a training has still to do when it is asked whether to compile."""

    batches: int  # whole ones
    per_epoch: int
    epoch: int  # that begins, from 1 on
    plain_s: float  # that the model takes for a batch, as it is
    loader_s: float  # between two batches from the workers, at the least; 0 where the training makes them itself

    def at(self, plain_s: float) -> Remaining:
        """The same, where a batch takes so long."""
        return replace(self, plain_s=plain_s)

    def why_not(self) -> str:
        """Why compiling is not even tried; empty where it is."""
        if self.loader_s > self.plain_s:
            return (
                f"not compiled: the loader gives a batch in {_short(self.loader_s)} and the model takes {_short(self.plain_s)}, so a faster "
                "model would wait (photobench doctor)"
            )
        seconds = self.batches * self.plain_s
        if seconds < WORTH_A_TRY_S:
            return (
                f"not compiled: {count(self.batches, 'batch is', 'batches are')} left, which take {duration(seconds)}: compiling would "
                "take longer than it saves"
            )
        return ""


@dataclass(frozen=True)
class Payback:
    """What compiling took, and what it gives for each of the batches that remain."""

    remaining: Remaining
    compiled_s: float  # that the model takes for a batch, compiled
    compiling_s: float

    @property
    def saved_s(self) -> float:
        """For a batch: no more than until the next one is there."""
        return self.remaining.plain_s - max(self.compiled_s, self.remaining.loader_s)

    @property
    def pays(self) -> bool:
        """It is faster by more than chance, and what is left saves more than compiling took: whoever stops and goes on compiles again."""
        is_faster = self.remaining.plain_s > MARGIN * self.compiled_s
        return is_faster and self.saved_s * self.remaining.batches > self.compiling_s

    def told(self, asked: bool) -> tuple[bool, str]:
        """Whether the model stays compiled, which it does where that was asked for, and the sentence that says why."""
        is_kept = asked or self.pays
        plain_s = self.remaining.plain_s
        figures = f"a batch takes {_short(self.compiled_s)} compiled, {_short(plain_s)} as it is ({plain_s / self.compiled_s:.2f} × as fast)"
        took = f"compiling took {duration(self.compiling_s)}, {self._earned(is_kept)}"
        return is_kept, f"{'compiled' if is_kept else 'not compiled'}: {figures}; {took}"

    def _earned(self, is_kept: bool) -> str:
        saved_s = self.saved_s * self.remaining.batches
        if saved_s <= 0:
            return "of which nothing is earned back"
        if saved_s <= self.compiling_s:
            return f"of which {duration(saved_s)} {'are' if is_kept else 'would be'} earned back"
        batches = self.compiling_s / self.saved_s
        return f"which is earned back in epoch {self.remaining.epoch + int(batches / self.remaining.per_epoch)}"


def _short(seconds: float) -> str:
    return f"{1000 * seconds:.3g} ms" if seconds < 1 else duration(seconds)
