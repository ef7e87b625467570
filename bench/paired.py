"""Two trainings compared on the same people: the difference of their macro-F1, with its interval."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

DRAWS = 1000


def validation(bench: Any, options: Mapping[str, Any]) -> tuple[list[str], np.ndarray, np.ndarray, float]:
    """Who is in each validation photo, its class, the class that a training with these options gives it, and its CPU seconds.

    Not wall time: other work on the machine must not count.
    """
    from photobench.workflow import open_bench, run_manifest, split_predictions
    from photobench.workflow.models import fitting  # noqa: F401, torch is loaded before the clock starts

    bench.manifest(**options)  # photos are read before it, too
    started = time.process_time()
    run = bench.train(**options)
    spent = time.process_time() - started
    inner = open_bench(run.folder.parents[1])
    manifest = run_manifest(inner, run.record)
    rows = manifest.rows("valid")
    predictions = split_predictions(inner, run.record, "valid")
    said = dict(zip(predictions.paths, predictions.classes(), strict=True))
    answers = np.array([said[path] for path in manifest.frame["path"].iloc[rows]])
    return manifest.frame["group"].iloc[rows].tolist(), manifest.classes()[rows], answers, spent


def outcomes(bench: Any, ways: Mapping[str, Mapping[str, Any]], seeds: int, first_seed: int = 0) -> Iterator[Outcomes]:
    """Each way trained for each seed; for a seed all ways have the same people to learn from and to be asked about.

    After each seed, what there is so far.
    """
    groups: list[str] = []
    truth: list[np.ndarray] = []
    said: dict[str, list[np.ndarray]] = {name: [] for name in ways}
    seconds = dict.fromkeys(ways, 0.0)
    for seed in range(first_seed, first_seed + seeds):
        for name, options in ways.items():
            who, classes, answers, spent = validation(bench, {**options, "split.seed": seed, "train.seed": seed})
            said[name].append(answers)
            seconds[name] += spent
        groups += who
        truth.append(classes)
        answers = {name: np.concatenate(parts) for name, parts in said.items()}
        yield Outcomes(groups, np.concatenate(truth), answers, dict(seconds))


class Outcomes:
    """What several ways said of the same photos."""

    def __init__(
        self,
        groups: Sequence[str],
        truth_N: np.ndarray,
        answers: Mapping[str, np.ndarray],
        seconds: Mapping[str, float],
    ):
        self.truth_N, self.answers, self.seconds = truth_N, answers, seconds
        self.group_N = np.unique(groups, return_inverse=True)[1]
        self.num_groups = int(self.group_N.max()) + 1
        self._num_classes = int(max(truth_N.max(), *(a.max() for a in answers.values()))) + 1

    def score(self, name: str, weight_N: np.ndarray | None = None) -> float:
        """Macro-F1 over the classes that are there, each photo counted as often as its person was drawn."""
        matrix = np.zeros((self._num_classes, self._num_classes))
        np.add.at(matrix, (self.truth_N, self.answers[name]), 1.0 if weight_N is None else weight_N)
        there = matrix.sum(axis=1) > 0
        f1 = 2 * np.diag(matrix) / np.maximum(matrix.sum(axis=0) + matrix.sum(axis=1), 1e-9)
        return float(f1[there].mean())

    def gain(self, name: str, over: str) -> tuple[float, float, float]:
        """The difference, and the 95 % interval from drawing people a thousand times, both ways on the same draw."""
        rng = np.random.default_rng(0)
        draws = []
        for _ in range(DRAWS):
            drawn = rng.integers(0, self.num_groups, self.num_groups)
            weight_N = np.bincount(drawn, minlength=self.num_groups)[self.group_N]
            draws.append(self.score(name, weight_N) - self.score(over, weight_N))
        low, high = np.percentile(draws, [2.5, 97.5])
        return self.score(name) - self.score(over), float(low), float(high)
