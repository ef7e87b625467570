"""Whether a comparison keeps its word: equal models, and models that truly differ by 0.03 macro-F1, on the people of real data sets.

    python bench/compare.py [--draws 100] [--set NAME=MANIFEST.parquet ...]

Two models are simulated on a population of people like those of a set: who is in it and what is in their photos is drawn from the set's
own people, whole. Some people are hard in all their photos, and hard for both models; what is left is each model's own. A draw is a
validation set of as many people as the set has. "noise" says how often a comparison calls the difference noise, "promised" is the mean over
the draws of what each comparison says its power is, and "found" how often the true difference was found. Beside it, the same draws told
by a percentile bootstrap over photos, and over people: the usual ways.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from machine import print_facts

from photobench import bootstrap, paired
from photobench.bootstrap import Sample
from photobench.metrics import Counts, confusion, f1, macro

DIFFERENCE = 0.03
POPULATION = 40_000
"""People in whom the truth is measured."""


@dataclass(frozen=True)
class People:
    """Of a data set: the classes of each person's photos."""

    name: str
    classes: list[np.ndarray]
    num_classes: int

    @property
    def num_photos(self) -> int:
        return sum(map(len, self.classes))


def contest() -> People:
    """The people of the demo and of the mask competition: seven photos each, 18 classes."""
    rng = np.random.default_rng(0)
    mask = np.array([0, 0, 0, 0, 0, 1, 2])
    gender, age = rng.choice(2, 150, p=[0.4, 0.6]), rng.choice(3, 150, p=[0.47, 0.46, 0.07])
    return People("150 people of a competition", list(mask * 6 + gender[:, None] * 3 + age[:, None]), 18)


def of_manifest(name: str, path: Path) -> People:
    """The labelled people of a workspace."""
    from photobench.records import Manifest

    manifest = Manifest.read(path)
    frame, classes = manifest.frame, manifest.classes()
    rows = np.flatnonzero(manifest.usable() & (classes >= 0))
    groups = frame["group"].iloc[rows].to_numpy(dtype=str)
    return People(name, [classes[rows[groups == one]] for one in np.unique(groups)], manifest.space.num_classes)


def validation(people: People, rng: np.random.Generator, num: int) -> tuple[np.ndarray, np.ndarray]:
    """The class and the person of each photo of `num` people, drawn from the set's own."""
    chosen = rng.integers(len(people.classes), size=num)
    sizes = [len(people.classes[one]) for one in chosen]
    return np.concatenate([people.classes[one] for one in chosen]), np.repeat(np.arange(num), sizes)


def answers(
    truth_N: np.ndarray, person_N: np.ndarray, errors: tuple[float, float], num_classes: int, rng: np.random.Generator
) -> list[np.ndarray]:
    """What two models say. Each errs as often as it is told, more for hard people; half of what they err in is common to both."""
    hard_G = rng.gamma(0.7, 1 / 0.7, person_N.max() + 1)  # most people are easy; the mean is 1
    shared_N = rng.random(len(truth_N))
    said = []
    for error in errors:
        own_N = rng.random(len(truth_N))
        draw_N = np.where(rng.random(len(truth_N)) < 0.5, shared_N, own_N)
        wrong_N = draw_N < np.minimum(error * hard_G[person_N], 0.95)
        other_N = (truth_N + rng.integers(1, 3, len(truth_N))) % num_classes  # one of two neighbours
        said.append(np.where(wrong_N, other_N, truth_N))
    return said


def macro_f1(truth_N: np.ndarray, said_N: np.ndarray, num_classes: int) -> float:
    return float(macro(f1(Counts.of(confusion(truth_N, said_N, num_classes)))))


def better_error(people: People, error: float, seed: int) -> float:
    """The rate of errors with which a model's macro-F1 is DIFFERENCE higher in the population than with `error`, by bisection."""
    truth_N, person_N = validation(people, np.random.default_rng(seed), POPULATION)

    def apart(low: float) -> float:
        said = answers(truth_N, person_N, (error, low), people.num_classes, np.random.default_rng(seed + 1))
        return macro_f1(truth_N, said[1], people.num_classes) - macro_f1(truth_N, said[0], people.num_classes)

    low, high = 0.0, error
    if apart(low) < DIFFERENCE:
        raise SystemExit(f"Models that err in {error:g} of the photos cannot be {DIFFERENCE} better on {people.name}.")
    for _ in range(14):
        middle = (low + high) / 2
        low, high = (low, middle) if apart(middle) < DIFFERENCE else (middle, high)
    return (low + high) / 2


@dataclass(frozen=True)
class Told:
    """Of one draw: whether each way calls the difference noise, whether photobench's interval holds the truth, and the power it promises."""

    noise: Mapping[str, bool]
    holds: bool
    promised: float


def compare(people: People, errors: tuple[float, float], true: float, draws: int, num: int) -> Iterator[Told]:
    for draw in range(draws):
        rng = np.random.default_rng((draw, 7))
        truth_N, person_N = validation(people, rng, num)
        said = answers(truth_N, person_N, errors, people.num_classes, rng)
        samples = [_sample(truth_N, one, person_N, people.num_classes) for one in said]
        drawn = [paired.drawn(sample, 1000, draw) for sample in samples]
        num_differ = paired.groups_that_differ(said[0] != said[1], samples[0])
        gain = paired.against(drawn[0], drawn[1:], "macro_f1", [num_differ], 0.95)[0]
        alone = [_sample(truth_N, one, np.arange(len(truth_N)), people.num_classes) for one in said]
        noise = {
            "photobench": gain.is_noise,
            "over people": _percentile(samples, draw),
            "over photos": _percentile(alone, draw),
        }
        yield Told(noise, bool(gain.low <= true <= gain.high), gain.power(DIFFERENCE))


def _sample(truth_N: np.ndarray, said_N: np.ndarray, groups_N: np.ndarray, num_classes: int) -> Sample:
    return Sample(truth_N, said_N, np.eye(num_classes, dtype=np.float32)[said_N], groups_N, int(groups_N.max()) + 1)


def _percentile(samples: list[Sample], seed: int) -> bool:
    """Whether the plain percentile interval holds zero."""
    first, other = (bootstrap.resample(sample, 1000, seed, with_auc=False)["macro_f1"] for sample in samples)
    low, high = np.quantile(other - first, [0.025, 0.975])
    return bool(low <= 0 <= high)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=100, help="of each row")
    parser.add_argument("--error", type=float, default=0.15, help="part of the photos in which the worse model errs")
    parser.add_argument("--people", type=int, nargs="+", default=[0, 30], help="in a validation set; 0 is all of a set")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=MANIFEST.parquet", help="a workspace's manifest"
    )
    arguments = parser.parse_args()
    sets = [contest()]
    sets += [of_manifest(name, Path(path)) for name, _, path in (one.partition("=") for one in arguments.set)]
    print_facts()
    print(f"\n{arguments.draws} draws a row\n\n{'people':<34}{'photos':>7}  {'true':>5} {'noise':>7}{'over people':>13}{'over photos':>13}"
          f"{'holds':>8}{'promised':>10}{'found':>8}")  # fmt: skip
    for people in sets:
        better = better_error(people, arguments.error, 1)
        for num in arguments.people:
            num = min(num or len(people.classes), len(people.classes))
            for true, errors in ((0.0, (arguments.error, arguments.error)), (DIFFERENCE, (arguments.error, better))):
                told = list(compare(people, errors, true, arguments.draws, num))
                noise = {way: np.mean([one.noise[way] for one in told]) for way in told[0].noise}
                photos = round(people.num_photos * num / len(people.classes))
                ends = (
                    f"{np.nanmean([one.promised for one in told]):>10.0%}{1 - noise['photobench']:>8.0%}"
                    if true
                    else ""
                )
                print(f"{people.name + f', {num} a draw':<34}{photos:>7,}  {true:>5.2f} {noise['photobench']:>7.0%}{noise['over people']:>13.0%}"
                      f"{noise['over photos']:>13.0%}{np.mean([one.holds for one in told]):>8.0%}{ends}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
