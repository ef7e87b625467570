"""What may change in a search: a range or a choice for each option. Whether an option takes its values is checked where options are known."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from photobench.errors import ConfigError, did_you_mean

DIGITS = 3
"""Of a value from a range: more would say more than a training can tell, and nobody wants to read them."""

RANGE_WORDS = ("low", "high", "log", "step")


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`, both included."""

    low: float
    high: float
    log: bool = False
    step: float | None = None
    whole: bool = False

    def ends(self) -> tuple[float, ...]:
        return self.low, self.high

    def size(self) -> float:
        """How many values it has."""
        step = self.step or (1 if self.whole else 0)
        return math.floor((self.high - self.low) / step + 1e-9) + 1 if step else math.inf

    def holds(self, value: Any) -> bool:
        return self.low <= value <= self.high

    def with_value(self, value: Any) -> Range:
        """The same, wide enough for a value."""
        return Range(min(self.low, value), max(self.high, value), self.log, self.step, self.whole)

    def rounded(self, value: float) -> float:
        if self.whole or self.step:
            return value
        return min(max(float(f"{value:.{DIGITS}g}"), self.low), self.high)


@dataclass(frozen=True)
class Choice:
    """One of some values."""

    values: tuple[Any, ...]

    def ends(self) -> tuple[Any, ...]:
        return self.values

    def size(self) -> float:
        return len(self.values)

    def holds(self, value: Any) -> bool:
        return value in self.values

    def with_value(self, value: Any) -> Choice:
        return Choice((value, *self.values))

    def rounded(self, value: Any) -> Any:
        return value


Dimension = Range | Choice
Space = Mapping[str, Dimension]

COMMON: dict[str, Any] = {
    "loss.label_smoothing": {"low": 0.0, "high": 0.2},
    "loss.class_weights": ["none", "balanced", "effective"],
}
STEPS: dict[str, Any] = {
    "train.weight_decay": {"low": 1e-3, "high": 0.3, "log": True},
    "augment.preset": ["light", "medium", "strong", "trivial"],
    "augment.mix": ["none", "mixup", "cutmix"],
    "model.dropout": {"low": 0.0, "high": 0.5},
}
BUILT_IN: dict[str, dict[str, Any]] = {
    "finetune": {"train.lr": {"low": 5e-5, "high": 5e-3, "log": True}, **STEPS, **COMMON},
    "lora": {
        "train.lr": {"low": 1e-4, "high": 1e-2, "log": True},
        "model.lora_rank": [4, 8, 16, 32],
        **STEPS,
        **COMMON,
    },
    "frozen": {
        "probe.classifier": ["linear", "mlp"],
        "probe.lr": {"low": 1e-4, "high": 3e-2, "log": True},
        "probe.weight_decay": {"low": 1e-4, "high": 1.0, "log": True},
        **COMMON,
    },
}
"""The space of a mode, where the project has none of its own."""


def parse(written: Mapping[str, Any], default: Mapping[str, Any]) -> dict[str, Dimension]:
    """What is written in a project file, as ranges and choices. `default`: the project's own value of each option.

    Raises:
        ConfigError: naming every mistake in the form; what an option allows is not looked at.
    """
    mistakes: list[str] = []
    space: dict[str, Dimension] = {}
    for key, form in written.items():
        wrong = _mistake(form)
        if wrong:
            mistakes.append(f'tune.space: "{key}" {wrong}.')
        else:
            space[key] = _dimension(form, default.get(key))
    if mistakes:
        raise ConfigError(mistakes)
    return space


def _mistake(form: Any) -> str:
    """What is wrong with the form of a range or a choice; empty where nothing is."""
    if isinstance(form, list | tuple):
        plain = all(isinstance(value, bool | int | float | str) for value in form)
        several = len(set(map(repr, form))) == len(form) > 1
        return (
            "" if plain and several else "should be a list of two or more different texts, numbers, or true and false"
        )
    if not isinstance(form, Mapping):
        return f"is {form!r}: write a range as {{ low = 0.0001, high = 0.01, log = true }}, or a list of values"
    unknown = [word for word in form if word not in RANGE_WORDS]
    if unknown:
        return f'has "{unknown[0]}": a range has low, high, and perhaps log and step.{did_you_mean(unknown[0], RANGE_WORDS)}'.rstrip(
            "."
        )
    ends = [form.get("low"), form.get("high")]
    if not all(isinstance(end, int | float) and not isinstance(end, bool) and math.isfinite(end) for end in ends):
        return "needs low and high, which are numbers"
    low, high = float(ends[0]), float(ends[1])  # type: ignore[arg-type]
    if low >= high:
        return f"goes from low = {low:g} to high = {high:g}: low has to be less"
    if form.get("log") not in (None, True, False):
        return "has a log that is neither true nor false"
    if form.get("log") and low <= 0:
        return f"is logarithmic and begins at {low:g}: low has to be more than 0, or leave out log"
    step = form.get("step")
    if step is not None and (isinstance(step, bool) or not isinstance(step, int | float) or not 0 < step <= high - low):
        return f"has step = {step}: it should be a number between 0 and high − low"
    return "is logarithmic and has a step: leave out one of them" if form.get("log") and step is not None else ""


def _dimension(form: Any, default: Any) -> Dimension:
    if not isinstance(form, Mapping):
        return Choice(tuple(form))
    whole = isinstance(default, int) and not isinstance(default, bool)
    return Range(form["low"], form["high"], bool(form.get("log")), form.get("step"), whole)


def with_defaults(space: Space, default: Mapping[str, Any]) -> tuple[dict[str, Dimension], list[str]]:
    """The space, wide enough for the project's own values, which are the first trial; and the keys that were widened.

    Raises:
        ConfigError: a logarithmic range cannot hold the project's own value, 0.
    """
    wider = {key: d if d.holds(default[key]) else d.with_value(default[key]) for key, d in space.items()}
    impossible = [
        f'tune.space: "{key}" is logarithmic, and is {default[key]:g} in the project, which has no logarithm: leave out log.'
        for key, d in wider.items()
        if isinstance(d, Range) and d.log and d.low <= 0
    ]
    if impossible:
        raise ConfigError(impossible)
    return wider, [key for key in space if wider[key] != space[key]]


def num_combinations(space: Space) -> float:
    """How many different trials there can be; infinite with a range of real numbers."""
    return math.prod(dimension.size() for dimension in space.values())
