"""How the gain of sets of folds on new photos may be foretold: several estimates beside what hidden people say, and beside none.

    python bench/gain_estimates.py DATA [--members whole heads] [--draws 0 1 2] [--out FOLDER]

The members and the hidden people are those of `set_gains.py`, and its folder is gone on with. For each choice of two members or more: how much the gain
of their mean over the best of them (macro-F1) changes from one model each to the means of all models, measured on the hidden people alone, and how
that is estimated from out-of-fold answers and unlabelled ones. "bias" is the mean of estimate minus change, "error" the root of its mean square.

    none        the gain out of fold stays
    line        noise as much as the means have less, extrapolated along a line: what photobench does
    parabola    the same, through no noise, half of it and all of it
    Brier       as much of the gain as is left of that in the Brier score, which falls by the variance of a model's answers
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
from machine import print_facts
from set_gains import trained

from photobench.ensemble import Known
from photobench.ensemble.averaging import Models
from photobench.metrics import score
from photobench.words import columns
from photobench.workflow.answers.answerer import Answerer
from photobench.workflow.answers.choosing_members import find_members
from photobench.workflow.answers.combining import Team
from photobench.workflow.bench import Bench
from photobench.workflow.models.asking import split_predictions

ESTIMATES = ("none", "line", "parabola", "Brier")
Way = Callable[[np.ndarray], np.ndarray]


def changes(bench: Bench, members: Sequence[Answerer]) -> list[float]:
    """Of the gain of the mean: as measured on the hidden people, then as each of ESTIMATES has it."""
    team = Team(bench, list(members))
    known, truth_N, each_MRUK = team.known, *_hidden(members)
    best = known.best()
    ways: tuple[Way, Way] = (lambda probs_MNK: probs_MNK.mean(axis=0), lambda probs_MNK: probs_MNK[best])
    return [
        _measured(each_MRUK, truth_N, ways),
        0.0,
        *_by_noise(known, team.models, ways),
        _by_brier(known, team.models, ways),
    ]


def _hidden(members: Sequence[Answerer]) -> tuple[np.ndarray, np.ndarray]:
    """The classes (U,) of the hidden photos, and what each model of each member says of them, (M, R, U, K)."""
    manifest = members[0].test().manifest
    said = [[split_predictions(one.bench, run, "test").joint_NK for run in one.runs] for one in members]
    return manifest.classes()[manifest.rows("test")], np.array(said, dtype=np.float64)


def _measured(each_MRUK: np.ndarray, truth_N: np.ndarray, ways: tuple[Way, Way]) -> float:
    def gain(probs_MUK: np.ndarray) -> float:
        mean, best = (score("macro_f1", truth_N, way(probs_MUK)) for way in ways)
        return mean - best

    return gain(each_MRUK.mean(axis=1)) - float(np.mean([gain(one) for one in each_MRUK.swapaxes(0, 1)]))


def _by_noise(known: Known, models: Sequence[Models], ways: tuple[Way, Way]) -> tuple[float, float]:
    """Along a line, and along a parabola; the noise of one model is 1, that which the means have less is taken away."""
    halves = [Models(one.probs_RUK, 2 * len(one.probs_RUK) / (len(one.probs_RUK) + 1)) for one in models]
    half = replace(known, noisier_DMNK=None).with_noise(halves, 0)

    def marks(way: Way) -> tuple[float, float, float]:
        return score("macro_f1", known.truth_N, way(known.probs_MNK)), *(
            one.with_more_noise("macro_f1", way) for one in (half, known)
        )

    mean, best = (np.array(marks(way)) for way in ways)
    now, _, noisy = gains = mean - best
    return float(now - noisy), float(np.polyval(np.polyfit((0, 0.5, 1), gains, 2), -1) - now)


def _by_brier(known: Known, models: Sequence[Models], ways: tuple[Way, Way]) -> float:
    """The Brier score of a mean of n models is lower than that of one by (1 − 1/n) of the variance of their answers."""
    answers_RMUK = np.stack([one.probs_RUK for one in models], axis=1)

    def told(way: Way) -> tuple[float, float, float]:
        each_RUK = np.stack([way(one) for one in answers_RMUK])
        variance = float(((each_RUK - each_RUK.mean(axis=0)) ** 2).sum(axis=2).mean())
        said_NK = way(known.probs_MNK)
        brier = float(((said_NK - np.eye(known.num_classes)[known.truth_N]) ** 2).sum(axis=1).mean())
        return score("macro_f1", known.truth_N, said_NK), brier, brier - variance

    mean, best = (told(way) for way in ways)
    gain, of_one, of_all = mean[0] - best[0], best[1] - mean[1], best[2] - mean[2]
    left = min(max(of_all / of_one, 0.0), 1.0) if of_one > 0 else 1.0
    return gain * (left - 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--members", nargs="+", default=["whole", "heads"], choices=["whole", "heads"])
    parser.add_argument("--draws", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--out", type=Path, default=Path("out/set_gains"))
    args = parser.parse_args()
    print_facts()
    for kind in args.members:
        found = []
        for draw in args.draws:
            bench = trained(args.data.resolve(), kind, draw, args.out)
            members = find_members(bench)
            found += [
                changes(bench, some) for size in range(2, len(members) + 1) for some in combinations(members, size)
            ]
        real, *told = np.array(found).T
        rows = [
            (name, f"{(one - real).mean():+.3f}", f"{np.sqrt(np.mean((one - real) ** 2)):.3f}")
            for name, one in zip(ESTIMATES, told, strict=True)
        ]
        print(
            f"\n{kind}, {len(found)} choices of members, whose gain changes by {real.mean():+.3f} on average\n\n{columns(rows, ('estimate', 'bias', 'error'))}\n"
        )


if __name__ == "__main__":
    main()
