"""Whether the out-of-fold score keeps its promise: its 95 % interval beside the score on hidden photos, on demos drawn with other seeds.

    python bench/out_of_fold.py [--seeds 20] [--folds 5] [--weights FILE --backbone mobilenetv2_035]

Each seed draws people to learn from and others whose truth stays hidden. Logistic regressions, which choose no epoch, are fitted on a
frozen backbone, fold by fold. "out of
fold" is what photobench says of the way to train, before it has seen a hidden photo; "hidden" is the macro-F1 of the average of all fold
models on the hidden people, and "one model" the mean of the fold models' own. The hidden people are many, so that their score is nearly that of all people.
Two things pull the promise down: a fold's model learns from fewer people than there are, and some labels of the demo are planted
mistakes, which the hidden truth does not have.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from machine import print_facts


def hidden_score(truth: pd.Series, paths: list[str], classes_N: np.ndarray) -> float:
    """Macro-F1 against the hidden truth; a file is known by its name."""
    from photobench.metrics import Counts, confusion, f1, macro

    answers = pd.Series(classes_N, index=[Path(path).name for path in paths]).reindex(truth.index).to_numpy()
    return float(macro(f1(Counts.of(confusion(truth.to_numpy(), answers, 18)))))


def one_seed(seed: int, arguments: argparse.Namespace, options: Mapping[str, Any]) -> dict[str, float]:
    import photobench as pb
    from photobench import workflow
    from photobench.sources.demo import make_demo

    with tempfile.TemporaryDirectory() as folder:
        photos = Path(folder) / "photos"
        make_demo(photos, num_people=arguments.people, num_eval_people=arguments.hidden, seed=seed, size_px=(96, 128))
        with contextlib.redirect_stderr(io.StringIO()):
            bench = pb.init(photos, Path(folder) / "bench")
            folded = bench.train(folds=arguments.folds, **options, **{"split.seed": seed, "train.seed": seed})
            inner = workflow.open_bench(Path(folder) / "bench")
            together = workflow.predict_folds(inner, (), folded.name)
            alone = [workflow.predict(inner, (), run.name) for run in folded.runs]
        truth = pd.read_csv(photos / "truth" / "eval.csv").set_index("ImageID")["ans"]
        said = folded.evaluation.joint.metrics["macro_f1"]
        return {
            "out of fold": said.value,
            "low": said.low,
            "high": said.high,
            "hidden": hidden_score(truth, together.paths, together.classes()),
            "one model": float(np.mean([hidden_score(truth, one.paths, one.classes()) for one in alone])),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--people", type=int, default=100, help="to learn from, 7 photos each")
    parser.add_argument("--hidden", type=int, default=200, help="people whose truth stays hidden")
    parser.add_argument("--backbone", default="resnet18")
    parser.add_argument("--weights", default="none", help="a file of pretrained ones; nothing is downloaded")
    arguments = parser.parse_args()
    options = {
        "model.backbone": arguments.backbone,
        "model.weights": arguments.weights,
        "model.mode": "frozen",
        "probe.classifier": "logistic",
        "size_px": 64,
    }
    print_facts()
    print(f"\n{arguments.folds} folds of {arguments.people} people, {arguments.hidden} hidden ones\n")
    print(f"{'seed':>4}{'out of fold':>13}{'interval':>17}{'hidden':>9}{'':>9}{'one model':>11}")
    rows = []
    for seed in range(arguments.seeds):
        row = one_seed(seed, arguments, options)
        inside = row["low"] <= row["hidden"] <= row["high"]
        rows.append((inside, row["low"] <= row["one model"] <= row["high"]))
        span = f"{row['low']:.3f} – {row['high']:.3f}"
        print(f"{seed:>4}{row['out of fold']:>13.3f}{span:>17}{row['hidden']:>9.3f}{'inside' if inside else 'outside':>9}{row['one model']:>11.3f}",
              flush=True)  # fmt: skip
    both = np.sum(rows, axis=0)
    print(
        f"\nThe interval holds the hidden score of the average in {both[0]} of {len(rows)} seeds, that of one model in {both[1]}."
    )


if __name__ == "__main__":
    main()
