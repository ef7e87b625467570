"""How many decisions a careful reviewer needs until 80 % of the planted wrong labels of the demo are right, in three orders.

    photobench demo DEMO
    python bench/reviewer.py DEMO

A decision is a look at one label of one photo; who looks sees the truth and says it. The orders: that of the review page (findings with a label in question,
the most suspicious first, then the rest by lot), by lot, and that of cleanlab's scores (self-confidence; `pip install cleanlab`, which is AGPL and no
requirement of photobench) on the same out-of-fold probabilities, where the audit kept some. `with G`: where every label of a group is wrong in the same way, G answers for
the whole group. Intervals (95 %) come from resampling people. Then, at three stops on the way, how many wrong labels the page believes are left among the suspected ones.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from machine import print_facts

from photobench.audit.remaining import wrong_left
from photobench.bootstrap import multiplicities
from photobench.records import Predictions
from photobench.workflow import open_bench
from photobench.workflow.labels.auditing import field_of
from photobench.workflow.reviewing import Review, open_review

WANTED = 0.8
NUM_RESAMPLINGS = 500
STOPS = (0.1, 0.25, 0.5)


class Task:
    """Every label of every photo that the truth is known of: T of them.

    Attributes:
        wrong_T: bool; the label as given is not the true one.
        person_T: ints.
        row_T, attribute_T: which photo, which attribute.
    """

    def __init__(self, review: Review, truth_table: Path):
        truth = pd.read_csv(truth_table).set_index("photo")
        photos, space = review.photos, review.photos.manifest.space
        names = ["/".join(path.split("/")[-2:]) for path in photos.paths]
        rows = [row for row, name in enumerate(names) if name in truth.index]
        true_NA = space.decompose(truth.loc[[names[row] for row in rows], "true_class"].to_numpy())
        given_NA = photos.codes_NA[rows]
        known_NA = given_NA >= 0
        self.row_T = np.repeat(rows, len(space.attributes))[known_NA.ravel()]
        self.attribute_T = np.tile(np.arange(len(space.attributes)), len(rows))[known_NA.ravel()]
        self.true_T, self.given_T = true_NA[known_NA], given_NA[known_NA]
        self.wrong_T = self.true_T != self.given_T
        self.person_T = pd.factorize(np.array(photos.groups, dtype=object)[self.row_T])[0]
        self.place_of = {
            topic: t for t, topic in enumerate(zip(self.row_T.tolist(), self.attribute_T.tolist(), strict=True))
        }


def our_order(review: Review, task: Task) -> tuple[np.ndarray, np.ndarray]:
    """Places of the labels that findings speak of, the most suspicious first, and their scores."""
    attributes = {a.name: n for n, a in enumerate(review.photos.manifest.space.attributes)}
    scores: dict[int, float] = {}
    for one in review.found.findings:
        topic = (review.photos.row_of[one.path], attributes.get(field_of(one), -1))
        if one.fix == "relabel" and topic in task.place_of:
            scores.setdefault(task.place_of[topic], one.score)
    return np.array(list(scores), dtype=int), np.array(list(scores.values()))


def cleanlab_order(review: Review, task: Task) -> np.ndarray | None:
    """All labels that there are probabilities of, the least believed first; None where there are none or cleanlab is not here."""
    kept = sorted(review.bench.workspace.folds.glob("*/oof.parquet"), key=lambda path: path.stat().st_mtime)
    try:
        from cleanlab.rank import get_label_quality_scores
    except ImportError:
        print("cleanlab is not installed: pip install cleanlab (AGPL)")
        return None
    if not kept:
        print("the audit kept no out-of-fold probabilities, so cleanlab has nothing to rank")
        return None
    said = Predictions.read(kept[-1])
    row_of = {path: row for row, path in enumerate(said.paths)}
    score_T = np.full(len(task.wrong_T), np.inf)
    for number in range(len(said.space.attributes)):
        probs_NV = said.marginal(number)
        asked = [
            t for t in np.flatnonzero(task.attribute_T == number)
            if np.isfinite(probs_NV[row_of.get(review.photos.paths[task.row_T[t]], 0)]).all()
            and review.photos.paths[task.row_T[t]] in row_of
        ]  # fmt: skip
        rows = [row_of[review.photos.paths[task.row_T[t]]] for t in asked]
        score_T[asked] = get_label_quality_scores(task.given_T[asked], probs_NV[rows], method="self_confidence")
    return np.argsort(score_T, kind="stable")


def with_rest(order: np.ndarray, num: int, rng: np.random.Generator) -> np.ndarray:
    """Then all others, by lot."""
    rest = np.setdiff1d(np.arange(num), order)
    return np.concatenate([order, rng.permutation(rest)])


def by_group(order: np.ndarray, task: Task) -> tuple[np.ndarray, np.ndarray]:
    """The order with G: what a decision on a whole group settles needs none of its own. (order, whether it costs a decision)."""
    costs, settled = np.ones(len(order), dtype=bool), set()
    table = pd.DataFrame(
        {"person": task.person_T, "attribute": task.attribute_T, "true": task.true_T, "wrong": task.wrong_T}
    )
    whole = table.groupby(["person", "attribute"]).agg(all_wrong=("wrong", "all"), truths=("true", "nunique"))
    can_G = {key for key, line in whole.iterrows() if line["all_wrong"] and line["truths"] == 1}
    placed, seen = [], set()
    members = table.groupby(["person", "attribute"]).indices
    for t in order.tolist():
        key = (task.person_T[t], task.attribute_T[t])
        if t in seen:
            continue
        group = [t, *(o for o in members[key].tolist() if o != t)] if key in can_G else [t]
        for first, one in enumerate(group):
            if one not in seen:
                costs[len(placed)] = first == 0
                placed.append(one)
                seen.add(one)
        settled.add(key)
    return np.array(placed), costs


def needed(order: np.ndarray, costs: np.ndarray, task: Task, weight_T: np.ndarray) -> float:
    """Decisions until WANTED of the wrong labels were looked at."""
    found = np.cumsum((task.wrong_T * weight_T)[order])
    stop = int(np.searchsorted(found, WANTED * found[-1]))
    return float((costs * weight_T[order])[: stop + 1].sum())


def told(name: str, order: np.ndarray, costs: np.ndarray, task: Task) -> str:
    num_people = int(task.person_T.max()) + 1
    value = needed(order, costs, task, np.ones(len(order)))
    drawn = [
        needed(order, costs, task, weights_Gb[task.person_T, b])
        for weights_Gb in multiplicities(num_people, NUM_RESAMPLINGS, seed=0)
        for b in range(weights_Gb.shape[1])
    ]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return f"| {name} | {value:,.0f} | {low:,.0f} to {high:,.0f} | {value / max(WANTED * task.wrong_T.sum(), 1):.1f} |"


def stops(order: np.ndarray, score: np.ndarray, task: Task) -> list[str]:
    lines, wrong_F, group_F = [], task.wrong_T[order], task.person_T[order]
    for share in STOPS:
        reviewed_F = np.arange(len(order)) < round(share * len(order))
        left = wrong_left(score, reviewed_F, wrong_F, group_F)
        said = f"{left.wrong:,} ({left.low:,} to {left.high:,})" if left else "not known yet"
        lines.append(f"| {reviewed_F.sum():,} of {len(order):,} | {said} | {int((wrong_F & ~reviewed_F).sum()):,} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("demo", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    print_facts()
    review = open_review(open_bench(asked.demo))
    task, rng = Task(review, asked.demo / "photos" / "truth" / "train.csv"), np.random.default_rng(asked.seed)
    num, (ours, score) = len(task.wrong_T), our_order(review, task)
    lot = rng.permutation(num)
    theirs = cleanlab_order(review, task)
    print(
        f"\n{task.wrong_T.sum():,} of {num:,} labels are wrong; {len(ours):,} are listed by the audit, {task.wrong_T[ours].sum():,} of them wrong\n"
    )
    print("| order | decisions | 95 % | per wrong label |\n|---|---|---|---|")
    orders = {"ours": with_rest(ours, num, rng), "cleanlab's": theirs, "by lot": lot}
    for name, order in orders.items():
        if order is not None:
            print(told(name, order, np.ones(num, dtype=bool), task))
            print(told(f"{name}, with G", *by_group(order, task), task))
    print("\n| looked at | believed left, of the listed | left |\n|---|---|---|", *stops(ours, score, task), sep="\n")


if __name__ == "__main__":
    main()
