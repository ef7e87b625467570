"""From what was measured to what limits, what to do, and how long a run takes. Plain functions of plain data."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from photobench.config import shown
from photobench.doctor.facts import LOADER_PARTS, MODEL_PARTS, Machine, Measured, Trial

MARGIN = 1.05
"""A setting is better where it is faster by more than this in the median of its rounds, and in each of them."""
OBVIOUS = 2.0
"""So much better that it needs no second round."""
COLLAPSE = 1.5
"""Fewer threads that are faster by this much are no matter of taste: the cores are wanted by others."""

SMALLER = "no setting tried is faster, only a smaller model.backbone, a smaller model.size_px or a faster device"
LIGHTER = (
    'augment in the loader (augment.on = "loader") where it has cores to spare, or take a lighter augment.preset, with which it '
    "learns otherwise"
)

Cause = Literal["machine", "loader", "model"]


def cause(m: Measured) -> Cause:
    """What would have to be faster first."""
    if _starving_threads(m):
        return "machine"
    return "loader" if m.loader < m.model_rate else "model"


def is_busy(machine: Machine) -> bool:
    """More processes wanted a core than there are, before the measuring began."""
    return machine.load is not None and machine.load > machine.cores


def crowded(machine: Machine, threads: int) -> list[str]:
    """What to say before a training with so many threads on a processor; nothing where they have the cores to themselves."""
    if threads == 1 or not is_busy(machine):
        return []
    return [
        f"more processes want a core than this machine has ({machine.cores}), and {threads} threads that wait for each other may then train at "
        f"a tenth of their rate: stop what else runs, or start with fewer, such as OMP_NUM_THREADS={threads // 2} (photobench doctor measures it)"
    ]


def workers_may_help(m: Measured) -> bool:
    """Without workers the loader's time is part of each step: all they could win is that."""
    return m.setting.workers > 0 or 1 + m.model_rate / m.loader > MARGIN


def sentence(m: Measured) -> str:
    """What limits this run here, and what to do about it."""
    starving = _starving_threads(m)
    if starving:
        return _machine(m, starving)
    busy = (
        f" All this beside other work (load {m.case.machine.load:.1f}): alone it may go faster."
        if is_busy(m.case.machine)
        else ""
    )
    return (_loader(m) if cause(m) == "loader" else _model(m)) + busy


def better(m: Measured) -> list[Trial]:
    """The settings that were measured better, one of each option."""
    options = dict.fromkeys(trial.option for trial in m.trials)
    found = (chosen([trial for trial in m.trials if trial.option == option]) for option in options)
    return [trial for trial in found if trial]


def chosen(trials: Sequence[Trial]) -> Trial | None:
    """The first of one option's trials that is as good as the best, within the noise; None where none is better."""
    good = [trial for trial in trials if is_better(trial)]
    best = max((trial.ratio for trial in good), default=0.0)
    return next((trial for trial in good if trial.ratio * MARGIN >= best), None)


def is_better(trial: Trial) -> bool:
    """By more than the noise."""
    return trial.ratio > MARGIN and min(trial.ratios) > 1


def changes(m: Measured) -> dict[str, Any]:
    """The options to write: what was measured better, and leaves what is learned as it is."""
    return {trial.option: trial.new for trial in better(m) if trial.can_be_written}


def gain(m: Measured) -> float:
    """How many times as fast an epoch is with all that can be written."""
    return math.prod(trial.ratio for trial in better(m) if trial.can_be_written)


def epoch_s(m: Measured) -> float:
    """Seconds of an epoch: learning, and the validation after it, which is forward only."""
    seen = m.parts["transfer"] + m.parts["forward"]
    return m.training.epoch_s(m.case.work.num_train) + m.case.work.num_valid * seen


def run_s(m: Measured) -> float:
    """Seconds of a whole run, if patience does not end it earlier."""
    return m.case.work.num_to_decode / m.case.decode + m.case.work.epochs * epoch_s(m)


def shares(m: Measured) -> dict[str, float]:
    """What each part is of the work on a photo."""
    whole = sum(m.parts.values())
    return {name: seconds / whole for name, seconds in m.parts.items()}


def named(trial: Trial) -> str:
    """`train.workers = 2`, `1 thread`."""
    if trial.option == "threads":
        return f"{trial.new} thread{'s' if trial.new > 1 else ''}"
    return f"{trial.option} = {shown(trial.new)}"


def _times(trial: Trial) -> str:
    verb = "train" if trial.option == "threads" and trial.new > 1 else "trains"
    return f"{named(trial)} {verb} {trial.ratio:.1f} times as fast as {shown(trial.old)}"


def _starving_threads(m: Measured) -> Trial | None:
    """The trial that shows that there are more threads than free cores: they wait for each other."""
    threads = next((trial for trial in better(m) if trial.option == "threads"), None)
    if threads and threads.new < threads.old and (threads.ratio > COLLAPSE or is_busy(m.case.machine)):
        return threads
    return None


def _machine(m: Measured, threads: Trial) -> str:
    machine, others = m.case.machine, _advice([trial for trial in better(m) if trial is not threads])
    busy = (
        f"other work wants its {machine.cores} cores (load {machine.load:.1f})"
        if is_busy(m.case.machine)
        else "threads wait for each other"
    )
    return (
        f"The machine limits: {busy}, and {_times(threads)}: "
        f"stop what else runs, or start with OMP_NUM_THREADS={threads.new}" + (f"; then {others}." if others else ".")
    )


def _heaviest(parts: Mapping[str, float]) -> tuple[str, float]:
    """The part that takes longest, and its share of them all."""
    name = max(parts, key=parts.__getitem__)
    return name, parts[name] / sum(parts.values())


def _loader(m: Measured) -> str:
    heaviest, share = _heaviest(m.loader_parts)
    return (
        f"The loader limits: it gives {_rate(m.loader)}, the model could take {_rate(m.model_rate)}, and {share:.0%} of the "
        f"loader's work is {heaviest} ({LOADER_PARTS[heaviest]}): {_advice(better(m)) or _without_a_setting(m, heaviest)}."
    )


def _without_a_setting(m: Measured, heaviest: str) -> str:
    """What helps a loader that no setting was seen to make faster."""
    if any(name.startswith("train.workers") for name in m.untried):
        return "more train.workers may help, for which the time was too short (--seconds)"
    case = m.case
    if heaviest == "collate":
        return "mix fewer batches (augment.mix_share)"
    if case.stored_px > case.needed_px:
        return f"store smaller squares, {case.needed_px} px and not {case.stored_px} (pack.side_px = 0)"
    if heaviest == "read":
        return "put the workspace on a faster disk, or look at smaller photos (model.size_px)"
    lighter = f', or a lighter augment.preset than "{case.preset}", with which it learns otherwise'
    return "more cores" + (lighter if case.preset not in ("none", "light") else "")


def _model(m: Measured) -> str:
    heaviest, share = _heaviest(m.model_parts)
    remedy = _advice(better(m)) or (LIGHTER if heaviest == "apply" else SMALLER)
    return (
        f"The model limits: it takes {_rate(m.model_rate)}, the loader could give {_rate(m.loader)}, and {share:.0%} of the "
        f"model's work is {heaviest} ({MODEL_PARTS[heaviest]}): {remedy}."
    )


def _advice(trials: Sequence[Trial]) -> str:
    """What to set, of what leaves the learning as it is; empty where nothing is better."""
    found = [trial for trial in trials if trial.learns_the_same]
    return "; ".join(
        _times(trial) + (f" (OMP_NUM_THREADS={trial.new})" if trial.option == "threads" else "") for trial in found
    )


def _rate(photos_per_s: float) -> str:
    return f"{photos_per_s:,.0f} photos/s" if photos_per_s >= 10 else f"{photos_per_s:.1f} photos/s"
