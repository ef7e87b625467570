"""Finding wrong labels, beside cleanlab and beside the neighbour votes of SimiFeat: one run, the same embeddings and the same
out-of-fold probabilities for all.

    python bench/audit.py --data DATA --weights MOBILENETV2 --cache FOLDER [--size-px 224] [--seeds 0 1] [--sets NAME …]
                          [--ceiling] [--apart FILE] [--timing]

DATA holds cifar10n, faces, masks and flowers5 (see audit_sets.py); the demo is drawn into FOLDER. Columns: the noise rate; average
precision of our score, of cleanlab's best score (self-confidence, normalised margin, confidence-weighted entropy), of Datalab's label
score, of neighbour votes; precision and recall of as many as each takes to be wrong; and within how many times the wrong
labels half of them are found by us. Then how often findings of a score were wrong.

With --ceiling another table: average precision / within how many times the wrong labels half of them are, of each of these methods, of our judges
told the truth, and of the best that judges who know it reach (audit_ceiling.py). FILE has a path below DATA in each line: photos of folders whose own
label was seen to be wrong, which then are neither hits nor false alarms.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from audit_ceiling import Ceiling, Found, found
from audit_sets import NAMES, LabelledSet, all_sets
from machine import print_facts

from photobench.audit.heads import attribute_probs
from photobench.audit.labels.noise import even_noise
from photobench.audit.labels.suspicion import Suspicion, suspect
from photobench.audit.neighbours import nearest

RATES = (0.02, 0.05, 0.10)
FEW = 100
"""Real wrong labels below which it is not counted which value is given for which: that would name the photos."""


@dataclass(frozen=True)
class Case:
    """A set with labels as given, and how they went wrong: the value that was given (column) for the true one (row)."""

    name: str
    one: LabelledSet
    codes_N: np.ndarray
    noise_VV: np.ndarray


def cases(sets: Iterable[LabelledSet], seeds: list[int]) -> Iterator[Case]:
    for one in sets:
        for name, given_N in (one.given or {}).items():
            yield Case(f"{one.name} {name}", one, given_N, counted(one, given_N))
        if one.given is None:
            kinds = ("uniform", "confusable") if one.num_values > 2 else ("uniform",)  # of two values both are one
            for seed in seeds:
                for rate in RATES:
                    for kind in kinds:
                        codes_N, noise_VV = planted(one, kind, rate, seed)
                        yield Case(f"{one.name} {kind} {rate:.0%} #{seed}", one, codes_N, noise_VV)


def counted(one: LabelledSet, given_N: np.ndarray) -> np.ndarray:
    """How real labels went wrong; even mistakes where they are too few to say."""
    wrong_N, values_V = given_N != one.truth_N, np.arange(one.num_values)
    if wrong_N.sum() < FEW:
        return even_noise(float(wrong_N.mean()), one.num_values)
    counts_VV = np.stack([np.bincount(given_N[one.truth_N == value], minlength=one.num_values) for value in values_V])
    return counts_VV / counts_VV.sum(axis=1, keepdims=True)


def planted(one: LabelledSet, kind: str, rate: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels of which about this share is changed: to any other value, or to the one whose mean is nearest; and that rule."""
    rng, num = np.random.default_rng([seed, round(1000 * rate)]), one.num_values
    other_N, noise_VV = (one.truth_N + rng.integers(1, num, len(one.truth_N))) % num, even_noise(rate, num)
    if kind == "confusable":
        means_VD = np.stack([one.embeddings_ND[one.truth_N == code].mean(axis=0) for code in range(num)])
        apart_VV = ((means_VD[:, None] - means_VD) ** 2).sum(axis=2) + np.diag(np.full(num, np.inf))
        other_V = apart_VV.argmin(axis=1)
        other_N, noise_VV = other_V[one.truth_N], (1 - rate) * np.eye(num) + rate * np.eye(num)[other_V]
    return np.where(rng.random(len(one.truth_N)) < rate, other_N, one.truth_N), noise_VV


def cleanlab_scores(codes_N: np.ndarray, probs_NV: np.ndarray) -> dict[str, np.ndarray]:
    from cleanlab.rank import get_label_quality_scores

    methods = ("self_confidence", "normalized_margin", "confidence_weighted_entropy")
    return {method: 1 - get_label_quality_scores(codes_N, probs_NV, method=method) for method in methods}


def datalab(
    codes_N: np.ndarray, probs_NV: np.ndarray, embeddings_ND: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Score of each label, and which are called wrong. With embeddings all of Datalab's default checks are made."""
    from cleanlab import Datalab

    lab = Datalab({"y": codes_N}, label_name="y", verbosity=0)
    lab.find_issues(
        pred_probs=probs_NV, features=embeddings_ND, issue_types=None if embeddings_ND is not None else {"label": {}}
    )
    issues = lab.get_issues("label")
    return 1 - issues["label_score"].to_numpy(), issues["is_label_issue"].to_numpy()


def votes(codes_N: np.ndarray, embeddings_ND: np.ndarray, num_values: int) -> np.ndarray:
    """SimiFeat's ranking: cosine of the given label and the soft label of the ten nearest photos (Zhu et al. 2022)."""
    rows_Nk = nearest(embeddings_ND, 11)[0][:, 1:]
    soft_NV = np.eye(num_values)[codes_N[rows_Nk]].mean(axis=1)
    return 1 - soft_NV[np.arange(len(codes_N)), codes_N] / np.linalg.norm(soft_NV, axis=1)


def at(called_N: np.ndarray, wrong_N: np.ndarray) -> str:
    hits = (called_N & wrong_N).sum()
    return f"{hits / max(called_N.sum(), 1):.2f}/{hits / max(wrong_N.sum(), 1):.2f}"


@dataclass(frozen=True)
class Judged:
    """What we and the others make of a case: scores of each method, of cleanlab three; and which labels Datalab calls wrong."""

    case: Case
    ours: Suspicion
    scores: dict[str, list[np.ndarray]]
    called_N: np.ndarray

    @classmethod
    def of(cls, case: Case) -> Judged:
        one, codes_N = case.one, case.codes_N
        probs_NV = attribute_probs(one.embeddings_ND, codes_N, one.clusters_N, one.num_values)
        ours = suspect(codes_N, probs_NV, [one.embeddings_ND], one.clusters_N, one.clusters_N)
        label_score_N, called_N = datalab(codes_N, probs_NV, None)
        scores = {
            "ours": [ours.score_N],
            "cleanlab": list(cleanlab_scores(codes_N, probs_NV).values()),
            "Datalab": [label_score_N],
            "votes": [votes(codes_N, one.embeddings_ND, one.num_values)],
        }
        return cls(case, ours, scores, called_N)

    def found(self) -> dict[str, Found]:
        """Of each method; of several scores each number of the one that is best in it."""
        counts_N = self.case.one.counts(self.case.codes_N)
        wrong_N = (self.case.codes_N != self.case.one.truth_N)[counts_N]
        every = {
            name: [found(score_N[counts_N], wrong_N) for score_N in scores] for name, scores in self.scores.items()
        }
        return {
            name: Found(max(one.precision for one in some), min(one.half for one in some))
            for name, some in every.items()
        }


def gain(found_by: dict[str, Found]) -> float:
    return found_by["ours"].precision - max(one.precision for name, one in found_by.items() if name != "ours")


def row(judged: Judged, found_by: dict[str, Found]) -> str:
    wrong_N = judged.case.codes_N != judged.case.one.truth_N
    order, total = np.argsort(-judged.ours.score_N, kind="stable"), judged.ours.total
    mine_called_N = np.isin(np.arange(len(order)), order[: round(total.num)])
    precisions = " | ".join(f"{one.precision:.3f}" for one in found_by.values())
    return (
        f"| {judged.case.name} | {wrong_N.sum()} ({wrong_N.mean():.1%}) | {precisions} | {at(mine_called_N, wrong_N)} | "
        f"{at(judged.called_N, wrong_N)} | {found_by['ours'].half:.2f} | {total.num:.0f} ({total.low:.0f} to {total.high:.0f}) |"
    )


def ceiling_row(case: Case, found_by: dict[str, Found]) -> str:
    wrong_N = case.codes_N != case.one.truth_N
    cells = " | ".join(f"{one.precision:.3f} / {one.half:.2f}" for one in found_by.values())
    return f"| {case.name} | {wrong_N.sum()} ({wrong_N.mean():.1%}) | {cells} |"


def reliability_table(seen: list) -> None:
    score_M, wrong_M = (np.concatenate(part) for part in zip(*seen, strict=True))
    print("\n| score | findings | wrong |\n| --- | --- | --- |")
    for low in np.arange(0, 10) / 10:
        bin_M = (score_M >= low) & (score_M < low + 0.1 + (low == 0.9))
        print(f"| {low:.1f} to {low + 0.1:.1f} | {bin_M.sum():,} | {wrong_M[bin_M].mean():.0%} |")


def timing(num: int = 50_000, num_values: int = 10, size: int = 512) -> None:
    """Drawn embeddings, all in one process."""
    rng = np.random.default_rng(0)
    truth_N = rng.integers(0, num_values, num)
    centres_VD = rng.normal(0, 0.25, (num_values, size))
    embeddings_ND = (centres_VD[truth_N] + rng.normal(0, 1, (num, size))).astype(np.float32)
    codes_N = np.where(rng.random(num) < 0.1, rng.integers(0, num_values, num), truth_N)
    scores_NV = embeddings_ND @ centres_VD.T
    probs_NV = np.exp(scores_NV - scores_NV.max(axis=1, keepdims=True))
    probs_NV /= probs_NV.sum(axis=1, keepdims=True)
    took = []
    for act in (
        lambda: suspect(codes_N, probs_NV, [embeddings_ND], np.arange(num)),
        lambda: datalab(codes_N, probs_NV, embeddings_ND),
    ):
        started = time.process_time()
        act()
        took.append(time.process_time() - started)
        print(f"{num:,} photos × {num_values} classes × {size}: {took[-1]:.0f} s of CPU", flush=True)
    print(f"ours / Datalab (all its default checks): {took[0] / took[1]:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--size-px", type=int, default=224)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--sets", nargs="+", choices=NAMES, default=NAMES)
    parser.add_argument("--ceiling", action="store_true")
    parser.add_argument("--apart", type=Path)
    parser.add_argument("--timing", action="store_true")
    args = parser.parse_args()
    print_facts()
    if args.timing:
        timing()
    else:
        compare(args)


COLUMNS = "labels | wrong | ours | cleanlab | Datalab | votes | ours P/R | cleanlab P/R | half within × | ours in all"
CEILING_COLUMNS = "labels | wrong | ours | cleanlab | Datalab | votes | told | ceiling"


def compare(args: argparse.Namespace) -> None:
    columns = CEILING_COLUMNS if args.ceiling else COLUMNS
    print(f"\n| {columns} |\n|{' --- |' * columns.count('|')} --- |")
    apart = frozenset(args.apart.read_text().splitlines()) if args.apart else frozenset()
    ceiling, gains, seen = Ceiling(), [], []
    sets = all_sets(args.sets, args.data, args.weights, args.cache, args.size_px, apart)
    for case in cases(sets, args.seeds):
        judged = Judged.of(case)
        found_by = judged.found()
        gains.append(gain(found_by))
        seen.append((judged.ours.score_N, case.codes_N != case.one.truth_N))
        if args.ceiling:
            found_by["told"], found_by["ceiling"] = ceiling(case.one, case.codes_N, case.noise_VV)
        print(ceiling_row(case, found_by) if args.ceiling else row(judged, found_by), flush=True)
    print(f"\nmean gain over the best of the others: {np.mean(gains):+.3f} ({len(gains)} sets)")
    reliability_table(seen)


if __name__ == "__main__":
    main()
