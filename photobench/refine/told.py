"""What was said of held-out photos, view by view, and what is true of them; and the parts that take turns in it.

Shape legend: N photos, K joint classes, A attributes, F parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np

from photobench import paired
from photobench.bootstrap import Sample
from photobench.data.folds import divide
from photobench.evaluation import Figure
from photobench.records import ClassSpace
from photobench.refine.options import Metric

PARTS = 5
"""Of the photos, in whole groups: each in turn is measured on, and the others are chosen on."""
PLAIN = "plain"

Chosen = TypeVar("Chosen")


@dataclass(frozen=True)
class Told:
    """Probabilities of the joint classes (N, K) by the name of the view, PLAIN among them; the truth, who is in each photo, and its part.

    The parts are made where they are not given; of photos chosen from others they stay, so that a search within four parts takes turns
    in these four.
    """

    by_view: Mapping[str, np.ndarray]
    truth_N: np.ndarray
    groups_N: np.ndarray
    num_groups: int
    space: ClassSpace
    part_N: np.ndarray = field(default_factory=lambda: np.zeros(0, int))
    seed: int = 0

    def __post_init__(self) -> None:
        if not len(self.part_N):
            part_N = divide(self.truth_N[:, None], self.groups_N, PARTS, self.seed)
            object.__setattr__(self, "part_N", part_N)

    def __len__(self) -> int:
        return len(self.truth_N)

    def seen(self, views: Sequence[str]) -> np.ndarray:
        """(N, K) the mean of what is said of these views."""
        return np.asarray(np.mean([self.by_view[name] for name in views], axis=0, dtype=np.float64))

    @property
    def plain_NK(self) -> np.ndarray:
        """(N, K) what is said of the plain view."""
        return self.by_view[PLAIN]

    def seen_as_plain(self, views: Sequence[str]) -> Told:
        """With the mean of these views in the place of the plain one, and no other."""
        return replace(self, by_view={PLAIN: self.seen(views)})

    def only(self, chosen_N: np.ndarray) -> Told:
        """Of these photos alone."""
        groups, groups_N = np.unique(self.groups_N[chosen_N], return_inverse=True)
        by_view = {name: probs_NK[chosen_N] for name, probs_NK in self.by_view.items()}
        return replace(
            self,
            by_view=by_view,
            truth_N=self.truth_N[chosen_N],
            groups_N=groups_N,
            num_groups=len(groups),
            part_N=self.part_N[chosen_N],
        )

    def turns(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """(photos to choose on, photos to measure on) as (N,) bool each; the latter are all photos once."""
        for part in np.unique(self.part_N):
            yield self.part_N != part, self.part_N == part

    def in_turns(
        self, choose: Callable[[Told], Chosen], answer: Callable[[Chosen, Told], tuple[np.ndarray, ...]]
    ) -> tuple[np.ndarray, ...]:
        """What is answered of each photo, arrays (N, …), by what was chosen without it and without its group."""
        answers: list[np.ndarray] = []
        for rest_N, asked_N in self.turns():
            said = answer(choose(self.only(rest_N)), self.only(asked_N))
            answers = answers or [np.zeros((len(self), *one.shape[1:]), one.dtype) for one in said]
            for whole, one in zip(answers, said, strict=True):
                whole[asked_N] = one
        return tuple(answers)


@dataclass(frozen=True)
class Measure:
    """How two ways to answer are told apart: the metric, and the interval of the difference."""

    metric: Metric
    num: int
    confidence: float
    seed: int

    def gain(self, told: Told, mine_N: np.ndarray, other_N: np.ndarray) -> Figure:
        """How much better the joint classes `mine_N` are than `other_N`, on the same resamplings of the same groups."""
        firsts, seconds = ([*self._samples(told, ids_N)] for ids_N in (mine_N, other_N))
        name = "accuracy" if self.metric == "accuracy" else "macro_f1"
        return paired.mean_difference(firsts, seconds, self.num, self.confidence, self.seed)[name]

    def _samples(self, told: Told, ids_N: np.ndarray) -> Iterator[Sample]:
        """The joint class, or each attribute."""
        who, space = (told.groups_N, told.num_groups), told.space
        if self.metric != "attribute_macro_f1":
            yield Sample(told.truth_N, ids_N, _no_probs(len(ids_N), space.num_classes), *who)
            return
        truth_NA, said_NA = space.decompose(told.truth_N), space.decompose(ids_N)
        for number, size in enumerate(space.sizes):
            yield Sample(truth_NA[:, number], said_NA[:, number], _no_probs(len(ids_N), size), *who)

    def change(self, told: Told, values_N: np.ndarray) -> Figure:
        """The mean over photos of what was lost or gained on each."""
        return paired.mean_change(values_N, told.groups_N, told.num_groups, self.num, self.confidence, self.seed)


def _no_probs(num: int, num_classes: int) -> np.ndarray:
    """Where only answers are counted."""
    return np.broadcast_to(np.float32(0), (num, num_classes))
