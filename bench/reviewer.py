"""How many decisions a careful reviewer needs until 80 % of the planted wrong labels of the demo are right, in three orders.

    python bench/reviewer.py --weights MOBILENETV2 --cache FOLDER [--seeds 0 1 2] [--people 150]

Each seed draws people of its own into FOLDER, with planted mistakes. Their faces are cut out, and a frozen pretrained backbone and heads that learn
in folds judge the labels, as `photobench audit` does. The orders: the audit's score of every label, which is that of the review page as far
as its list goes; by lot (the mean of LOTS); and cleanlab's self-confidence (`pip install cleanlab`, AGPL, no requirement of photobench), of the same
probabilities. A decision is a look at one label of one photo by somebody who sees the truth. "with G": a label that is the same in all photos of a
person is decided once for all of them. Intervals (95 %) are from resampling people.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from machine import print_facts

from photobench.audit.evidence import Evidence
from photobench.audit.look import look
from photobench.audit.remaining import wrong_left
from photobench.bootstrap import multiplicities
from photobench.sources.demo import make_demo
from photobench.workflow import open_bench
from photobench.workflow.demonstrating import FACES
from photobench.workflow.labels.evidence import witnesses
from photobench.workflow.photos.first_look import init
from photobench.workspace import PROJECT_FILE

WANTED = 0.8
NUM_RESAMPLINGS = 500
LOTS = 20
STOPS = (0.1, 0.25, 0.5)
ORDERS = ("ours", "cleanlab's", "by lot")


@dataclass(frozen=True)
class Task:
    """Labels that a person may look at: T of them. `names_T` is the attribute, `topic_T` what one decision with G settles; scores: the higher, the earlier."""

    names_T: np.ndarray
    wrong_T: np.ndarray
    person_T: np.ndarray
    topic_T: np.ndarray
    listed_T: np.ndarray  # bool: on the review page
    scores: dict[str, np.ndarray]

    def of(self, attribute: str) -> Task:
        """Its labels alone; all where it is empty."""
        keep_T = (self.names_T == attribute) | (attribute == "")
        arrays = {name: value[keep_T] for name, value in vars(self).items() if name != "scores"}
        return replace(self, **arrays, scores={name: score_T[keep_T] for name, score_T in self.scores.items()})


def judged_demo(folder: Path, seed: int, people: int, weights: Path) -> tuple[Evidence, pd.DataFrame]:
    """What is known of the demo of this seed, and the truth by the path of the photo."""
    model = {"backbone": "mobilenetv2_100", "weights": str(weights.resolve()), "args": {"pad_type": "same"}}
    model |= {"mean": [0.5] * 3, "std": [0.5] * 3, "size_px": 128}
    make_demo(folder / "photos", num_people=people, num_eval_people=1, seed=seed)
    if not (folder / PROJECT_FILE).exists():
        init(folder / "photos", folder, chosen={"model": model, **FACES})
    evidence = witnesses(open_bench(folder, [{"audit": {"evidence": "embeddings"}}])).evidence
    truth = pd.read_csv(folder / "photos" / "truth" / "train.csv")
    paths = evidence.manifest.frame["path"]
    path_of = {"/".join(path.split("/")[-2:]): path for path in paths}
    return evidence, truth.assign(path=truth["photo"].map(path_of)).set_index("path")


def task_of(evidence: Evidence, truth: pd.DataFrame) -> Task:
    """Every label that is judged."""
    findings = look("labels", evidence).findings
    listed = {(one.path, one.attribute) for one in findings}
    paths, space = evidence.manifest.frame["path"].to_numpy(), evidence.manifest.space
    parts = []
    for number, attribute in enumerate(space.attributes):
        one = next(one for one in evidence.found["judged"] if one.attribute.name == attribute.name)
        known = truth.loc[paths[one.rows_n]]
        true_n = space.decompose(known["true_class"].to_numpy())[:, number]
        people = known["id"].to_numpy()
        is_shared = pd.Series(true_n).groupby(people).transform("nunique").to_numpy() == 1
        parts.append(
            pd.DataFrame(
                {
                    "name": attribute.name, "wrong": true_n != one.codes_n, "person": people,
                    "topic": [f"{attribute.name} {who if shared else path}" for who, shared, path in zip(people, is_shared, known.index, strict=True)],
                    "listed": [(path, attribute.name) in listed for path in known.index],
                    "ours": one.suspicion.score_N, "cleanlab's": cleanlab_score(evidence, number, one.rows_n, one.codes_n),
                }
            )
        )  # fmt: skip
    table = pd.concat(parts, ignore_index=True)
    codes = {name: pd.factorize(table[name])[0] for name in ("person", "topic")}
    columns = [table[name].to_numpy() for name in ("name", "wrong")]
    scores = {name: table[name].to_numpy() for name in ORDERS[:2]}
    return Task(*columns, codes["person"], codes["topic"], table["listed"].to_numpy(), scores)


def cleanlab_score(evidence: Evidence, number: int, rows_n: np.ndarray, codes_n: np.ndarray) -> np.ndarray:
    """Of the probabilities that our score is made from too."""
    from cleanlab.rank import get_label_quality_scores

    probs_nV = evidence.manifest.space.marginal(evidence.probs_NK[rows_n], number)
    return 1 - get_label_quality_scores(codes_n, probs_nV, method="self_confidence")


def needed(task: Task, order_T: np.ndarray, with_G: bool, weights_PB: np.ndarray) -> np.ndarray:
    """(B,) decisions until WANTED of the wrong labels are right, where people count as often as `weights_PB` says."""
    topic_T = task.topic_T[order_T] if with_G else np.arange(len(order_T))
    first_T = np.unique(topic_T, return_index=True)[1]  # places at which a topic comes up, where it is settled
    settled_T = np.bincount(topic_T, weights=task.wrong_T[order_T])[topic_T[first_T]]
    by_place = np.argsort(first_T)
    person_T = task.person_T[order_T][first_T][by_place]
    right_TB = np.cumsum(settled_T[by_place][:, None] * weights_PB[person_T], axis=0)
    costs_TB = np.cumsum(weights_PB[person_T], axis=0)
    stop_B = np.minimum((right_TB < WANTED * right_TB[-1]).sum(axis=0), len(costs_TB) - 1)
    needed_B = costs_TB[stop_B, np.arange(weights_PB.shape[1])]
    return np.where(right_TB[-1] > 0, needed_B, np.nan)  # nobody with a wrong label was drawn


def decisions(task: Task, with_G: bool, seed: int) -> dict[str, np.ndarray]:
    """Of each order: (1 + B,) decisions, of the people as they are and of resampled ones."""
    num, num_people = len(task.wrong_T), int(task.person_T.max()) + 1
    weights_PB = np.hstack([np.ones((num_people, 1)), *multiplicities(num_people, NUM_RESAMPLINGS, seed=0)])
    found = {
        name: needed(task, np.argsort(-score_T, kind="stable"), with_G, weights_PB)
        for name, score_T in task.scores.items()
    }
    rng = np.random.default_rng(seed)
    lots = [needed(task, rng.permutation(num), with_G, weights_PB) for _ in range(LOTS)]
    return {**found, "by lot": np.mean(lots, axis=0)}


def told(value_B: np.ndarray) -> str:
    low, high = np.nanquantile(value_B[1:], [0.025, 0.975])
    return f"{value_B[0]:,.0f} ({low:,.0f} to {high:,.0f})"


def stops(task: Task) -> list[str]:
    """What the page believes is left of what it lists, after these shares of it."""
    rows = np.flatnonzero(task.listed_T)
    rows = rows[np.argsort(-task.scores["ours"][rows], kind="stable")]
    lines, wrong_F, group_F = [], task.wrong_T[rows], task.person_T[rows]
    for share in STOPS:
        reviewed_F = np.arange(len(rows)) < round(share * len(rows))
        left = wrong_left(task.scores["ours"][rows], reviewed_F, wrong_F, group_F)
        said = f"{left.wrong:,} ({left.low:,} to {left.high:,})" if left else "not known yet"
        lines.append(f"| {reviewed_F.sum():,} of {len(rows):,} | {said} | {int((wrong_F & ~reviewed_F).sum()):,} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", type=Path, required=True, help="of MobileNetV2-100, pretrained")
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--people", type=int, default=150)
    asked = parser.parse_args()
    print_facts()
    all_found, believed = [], []
    print(
        f"\n| seed | labels | wrong | listed, wrong in it | G | {' | '.join(ORDERS)} |\n|---|---|---|---|---|---|---|---|"
    )
    for seed in asked.seeds:
        task = task_of(*judged_demo(asked.cache / f"seed-{seed}-{asked.people}", seed, asked.people, asked.weights))
        for attribute in ("", *dict.fromkeys(task.names_T.tolist())):
            part = task.of(attribute)
            for with_G in (False, True):
                found = decisions(part, with_G, seed)
                counts = f"{part.wrong_T.sum():,} of {len(part.wrong_T):,} | {part.listed_T.sum():,}, {(part.listed_T & part.wrong_T).sum():,}"
                cells = " | ".join(told(found[name]) for name in ORDERS)
                print(
                    f"| {seed} | {attribute or 'all'} | {counts} | {'with G' if with_G else ''} | {cells} |", flush=True
                )
                all_found.append((attribute, with_G, found))
        believed += stops(task)
    print_means(all_found, len(asked.seeds))
    print("\n| looked at | believed left, of the listed | left |\n|---|---|---|", *believed, sep="\n")


def print_means(all_found: list[tuple[str, bool, dict[str, np.ndarray]]], num_seeds: int) -> None:
    print(
        f"\nmean of {num_seeds} seeds\n\n| labels | G | {' | '.join(ORDERS)} | ours less cleanlab's |\n|---|---|---|---|---|---|"
    )
    for key in dict.fromkeys(key[:2] for key in all_found):
        mean = {
            name: np.mean([found[name] for *one, found in all_found if tuple(one) == key], axis=0) for name in ORDERS
        }
        cells = " | ".join(told(mean[name]) for name in ORDERS)
        print(
            f"| {key[0] or 'all'} | {'with G' if key[1] else ''} | {cells} | {told(mean['ours'] - mean[ORDERS[1]])} |"
        )


if __name__ == "__main__":
    main()
