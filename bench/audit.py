"""Finding wrong labels, beside cleanlab and beside the neighbour votes of SimiFeat: one run, the same embeddings and the same
out-of-fold probabilities for all.

    python bench/audit.py --data DATA --weights MOBILENETV2 --cache FOLDER [--seeds 0 1] [--only NAME] [--timing]

DATA holds cifar10n, faces, masks and flowers5 (see audit_sets.py); the demo is drawn into FOLDER. Columns: the noise rate; average
precision of our score, of cleanlab's best score (self-confidence, normalised margin, confidence-weighted entropy), of Datalab's label
score, of neighbour votes; precision and recall of as many as each takes to be wrong; and within how many times the wrong
labels half of them are found by us. Then how often findings of a score were wrong.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from audit_sets import LabelledSet, all_sets
from machine import print_facts
from sklearn.metrics import average_precision_score

from photobench.audit.heads import attribute_probs
from photobench.audit.labels.suspicion import suspect
from photobench.audit.neighbours import nearest

RATES = (0.02, 0.05, 0.10)


def cases(sets: list[LabelledSet], seeds: list[int]) -> Iterator[tuple[str, LabelledSet, np.ndarray]]:
    """Name, set, labels as given."""
    for one in sets:
        for name, given_N in (one.given or {}).items():
            yield f"{one.name} {name}", one, given_N
        if one.given is None:
            kinds = ("uniform", "confusable") if one.truth_N.max() > 1 else ("uniform",)  # of two values both are one
            for seed in seeds:
                for rate in RATES:
                    for kind in kinds:
                        yield f"{one.name} {kind} {rate:.0%} #{seed}", one, planted(one, kind, rate, seed)


def planted(one: LabelledSet, kind: str, rate: float, seed: int) -> np.ndarray:
    """Labels of which about this share is changed: to any other value, or to the one whose mean is nearest."""
    rng, num = np.random.default_rng([seed, round(1000 * rate)]), int(one.truth_N.max()) + 1
    other_N = (one.truth_N + rng.integers(1, num, len(one.truth_N))) % num
    if kind == "confusable":
        means_VD = np.stack([one.embeddings_ND[one.truth_N == code].mean(axis=0) for code in range(num)])
        apart_VV = ((means_VD[:, None] - means_VD) ** 2).sum(axis=2) + np.diag(np.full(num, np.inf))
        other_N = apart_VV.argmin(axis=1)[one.truth_N]
    return np.where(rng.random(len(one.truth_N)) < rate, other_N, one.truth_N)


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


def row(name: str, one: LabelledSet, codes_N: np.ndarray, reliability: list) -> tuple[str, float, float]:
    wrong_N, num = codes_N != one.truth_N, int(one.truth_N.max()) + 1
    probs_NV = attribute_probs(one.embeddings_ND, codes_N, one.clusters_N, num)
    ours = suspect(codes_N, probs_NV, [one.embeddings_ND], one.clusters_N, one.clusters_N)
    label_score_N, called_N = datalab(codes_N, probs_NV, None)
    best = max(average_precision_score(wrong_N, score) for score in cleanlab_scores(codes_N, probs_NV).values())
    theirs = {"datalab": average_precision_score(wrong_N, label_score_N)}
    theirs["votes"] = average_precision_score(wrong_N, votes(codes_N, one.embeddings_ND, num))
    mine = average_precision_score(wrong_N, ours.score_N)
    order = np.argsort(-ours.score_N, kind="stable")
    half = (np.flatnonzero(np.cumsum(wrong_N[order]) >= wrong_N.sum() / 2)[0] + 1) / wrong_N.sum()
    mine_called_N = np.isin(np.arange(len(order)), order[: round(ours.total.num)])
    reliability.append((ours.score_N, wrong_N))
    total = f"{ours.total.num:.0f} ({ours.total.low:.0f} to {ours.total.high:.0f})"
    text = f"| {name} | {wrong_N.sum()} ({wrong_N.mean():.1%}) | {mine:.3f} | {best:.3f} | {theirs['datalab']:.3f} | {theirs['votes']:.3f} | {at(mine_called_N, wrong_N)} | {at(called_N, wrong_N)} | {half:.2f} | {total} |"
    return text, mine, mine - max(best, *theirs.values())


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
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--only", default="")
    parser.add_argument("--timing", action="store_true")
    args = parser.parse_args()
    print_facts()
    if args.timing:
        timing()
    else:
        compare(args)


def compare(args: argparse.Namespace) -> None:
    print(
        "\n| labels | wrong | ours | cleanlab | Datalab | votes | ours P/R | cleanlab P/R | half within × | ours in all |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    gains, seen = [], []
    for name, one, codes_N in cases(all_sets(args.data, args.weights, args.cache), args.seeds):
        if args.only in name:
            text, _, gain = row(name, one, codes_N, seen)
            gains.append(gain)
            print(text, flush=True)
    print(f"\nmean gain over the best of the others: {np.mean(gains):+.3f} ({len(gains)} sets)")
    reliability_table(seen)


if __name__ == "__main__":
    main()
