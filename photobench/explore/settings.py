"""What a project has set already, as far as advice hangs on it: no sentence proposes what is there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Options by their names. The defaults are those of a project that says nothing."""

    size_px: int = 224  # model.size_px
    is_frozen: bool = False  # model.mode: the backbone learns nothing
    fit: str = "crop"  # pack.fit
    preset: str = "light"  # augment.preset; empty where augment.pipeline stands in its place
    counts_alike: bool = True  # train.metric counts every class the same, however rare
    favours_rare: bool = False  # train.sampler, the loss or its weights
    evens_groups: bool = False  # train.sampler shows every group equally often
    for_few: bool = False  # a recipe for few photos

    def balance(self) -> str:
        """What to do about rare classes, as the end of a sentence."""
        todo = [] if self.counts_alike else ['judge by macro F1 (train.metric = "macro_f1")']
        todo += [] if self.favours_rare else ["favour rare classes in sampling and loss (--recipe imbalance)"]
        return " and ".join(todo) or "training favours rare classes already"

    def vary(self, preset: str, what: str) -> str:
        """What to do about something that a preset varies, as the end of a sentence. `what`: `"varies the light"`."""
        if self.preset in {preset, "strong"}:
            return f'augment.preset = "{self.preset}" {what} already'
        if not self.preset:
            return f'see to it that augment.pipeline {what}, as the preset "{preset}" does'
        return f'augment.preset = "{preset}" {what}'


NOTHING_SET = Settings()
