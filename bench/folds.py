"""Photos divided into folds: how even the parts are, beside scikit-learn's StratifiedGroupKFold on the same drawn data sets.

    python bench/folds.py [--seeds 60]

Absent: divisions in which a class with as many groups as folds, or more, is lacking in some fold. Spread: standard deviation over the folds
of a class's share, the mean over classes, and of the folds' sizes.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable, Iterator

import numpy as np
from machine import print_facts

FOLDS = 5


def contest(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """120 people with 7 photos, four kinds of people × three states, and two rare classes of five or six people."""
    kinds = rng.choice(4, 120, p=[0.5, 0.3, 0.15, 0.05])
    classes = kinds[:, None] * 3 + rng.choice(3, (120, 7), p=[0.7, 0.15, 0.15])
    for rare, num in ((12, 6), (13, 5)):
        classes[rng.choice(120, num, replace=False), rng.integers(7, size=num)] = rare
    return classes.ravel(), np.repeat(np.arange(120), 7)


def faces(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The mask competition: 400 people with 7 photos, 18 classes."""
    gender, age = rng.choice(2, 400, p=[0.4, 0.6]), rng.choice(3, 400, p=[0.47, 0.46, 0.07])
    mask = np.array([0, 0, 0, 0, 0, 1, 2])
    return (mask * 6 + gender[:, None] * 3 + age[:, None]).ravel(), np.repeat(np.arange(400), 7)


def uneven(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """120 groups of 1 to 80 photos, 8 classes."""
    sizes = np.clip((rng.pareto(1.2, 120) * 3).astype(int) + 1, 1, 80)
    groups = np.repeat(np.arange(120), sizes)
    return rng.choice(8, 120)[groups], groups


def alone(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """1,000 photos without groups, 6 classes."""
    return rng.choice(6, 1000, p=[0.4, 0.3, 0.2, 0.05, 0.03, 0.02]), np.arange(1000)


SETS = (contest, faces, uneven, alone)


def ours(classes_N: np.ndarray, groups_N: np.ndarray, seed: int) -> np.ndarray:
    from photobench.data.folds import divide

    return divide(classes_N[:, None], groups_N, FOLDS, seed)


def theirs(classes_N: np.ndarray, groups_N: np.ndarray, seed: int) -> np.ndarray:
    from sklearn.model_selection import StratifiedGroupKFold

    part_N = np.zeros(len(classes_N), int)
    parts = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed).split(classes_N, classes_N, groups_N)
    for part, (_, rows) in enumerate(parts):
        part_N[rows] = part
    return part_N


def judged(classes_N: np.ndarray, groups_N: np.ndarray, part_N: np.ndarray) -> tuple[float, float, float]:
    """Whether a class is absent without need, the spread of the class shares, the spread of the sizes."""
    counts_FK = np.zeros((FOLDS, int(classes_N.max()) + 1))
    np.add.at(counts_FK, (part_N, classes_N), 1)
    there_K = counts_FK.sum(axis=0) > 0
    groups_K = np.array([len(np.unique(groups_N[classes_N == k])) for k in range(len(there_K))])
    absent = bool(((counts_FK == 0).any(axis=0) & (groups_K >= FOLDS)).any())
    share_FK = counts_FK[:, there_K] / counts_FK[:, there_K].sum(axis=0)
    sizes_F = counts_FK.sum(axis=1)
    return absent, float(share_FK.std(axis=0).mean()), float(sizes_F.std() / sizes_F.mean())


def rows(seeds: int) -> Iterator[tuple[str, str, np.ndarray]]:
    ways: dict[str, Callable[..., np.ndarray]] = {"photobench": ours, "scikit-learn": theirs}
    for draw in SETS:
        for name, way in ways.items():
            found = []
            for seed in range(seeds):
                classes_N, groups_N = draw(np.random.default_rng(seed))
                started = time.process_time()
                part_N = way(classes_N, groups_N, seed)
                found.append((*judged(classes_N, groups_N, part_N), time.process_time() - started))
            yield draw.__name__, name, np.array(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=60)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")  # scikit-learn warns of classes with fewer photos than folds
    print_facts()
    print(
        f"\n{FOLDS} folds, {arguments.seeds} seeds\n\n{'set':<10}{'way':<14}{'absent':>8}{'classes':>10}{'sizes':>9}{'CPU':>10}"
    )
    for name, way, found in rows(arguments.seeds):
        absent, classes, sizes, seconds = found[:, 0].sum(), *found[:, 1:].mean(axis=0)
        print(f"{name:<10}{way:<14}{absent:>8.0f}{classes:>10.4f}{sizes:>9.4f}{seconds:>8.2f} s", flush=True)


if __name__ == "__main__":
    main()
