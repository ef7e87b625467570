"""Whether the out-of-fold score keeps its promise: its 95 % interval beside the score on hidden photos, on demos drawn with other seeds.

    python bench/out_of_fold.py [--seeds 20] [--folds 5] [--weights FILE --backbone mobilenetv2_035]
    python bench/out_of_fold.py --models whole --backbone test_resnet --keep last best

Each seed draws people to learn from and others whose truth stays hidden, and trains `--models` fold by fold: logistic regressions on a frozen
backbone, which choose no epoch; linear heads on one, by gradient descent; or whole models. `--keep` names what stays of a training, the last
epoch as in folds by default, or the one that is best on the fold that is then asked about; several are trained side by side on the same folds.
"out of fold" is what photobench says of the way to train, before it has seen a hidden photo; "hidden" is the macro-F1 of the average of all fold
models on the hidden people, and "one model" the mean of the fold models' own. The hidden people are many, so that their score is nearly that of
all people. Two things pull the promise down: a fold's model learns from fewer people than there are, and some labels of the demo are planted
mistakes, which the hidden truth does not have.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import tempfile
from collections.abc import Iterator, Mapping
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


MODELS: dict[str, dict[str, Any]] = {
    "logistic": {"model.mode": "frozen", "probe.classifier": "logistic", "size_px": 64},
    "linear": {"model.mode": "frozen", "probe.classifier": "linear", "probe.epochs": 30, "patience": 30, "size_px": 64},
    "whole": {"epochs": 8, "patience": 8, "lr": 3e-3, "size_px": 48, "precision": "fp32"},
}
"""Patience ends none of them, so that those that keep the last epoch and those that keep the best are as long."""


def one_seed(seed: int, arguments: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """A row per way to keep an epoch, of the same photos in the same folds."""
    import photobench as pb
    from photobench.sources.demo import make_demo

    with tempfile.TemporaryDirectory() as folder:
        photos = Path(folder) / "photos"
        make_demo(photos, num_people=arguments.people, num_eval_people=arguments.hidden, seed=seed, size_px=(96, 128))
        truth = pd.read_csv(photos / "truth" / "eval.csv").set_index("ImageID")["ans"]
        with contextlib.redirect_stderr(io.StringIO()):
            pb.init(photos, Path(folder) / "bench")
            for keep in arguments.keep:
                yield {
                    "seed": seed,
                    "kept": keep,
                    **promised_and_kept(Path(folder) / "bench", truth, seed, keep, arguments),
                }


def promised_and_kept(
    workspace: Path, truth: pd.Series, seed: int, keep: str, arguments: argparse.Namespace
) -> dict[str, float]:
    import photobench as pb
    from photobench import workflow

    options = {
        **MODELS[arguments.models],
        "model.backbone": arguments.backbone,
        "model.weights": arguments.weights,
        "keep": keep,
        "split.seed": seed,
        "train.seed": seed,
    }
    folded = pb.open(workspace).train(folds=arguments.folds, **options)
    bench = workflow.open_bench(workspace)
    together = workflow.predict_folds(bench, (), folded.name)
    alone = [workflow.predict(bench, (), run.name) for run in folded.runs]
    said = folded.evaluation.joint.metrics["macro_f1"]
    return {
        "out of fold": said.value,
        "low": said.low,
        "high": said.high,
        "hidden": hidden_score(truth, together.paths, together.classes()),
        "one model": float(np.mean([hidden_score(truth, one.paths, one.classes()) for one in alone])),
    }


def told(row: Mapping[str, Any]) -> str:
    span = f"{row['low']:.3f} – {row['high']:.3f}"
    where = "inside" if row["low"] <= row["hidden"] <= row["high"] else "outside"
    return f"{row['seed']:>4}{row['kept']:>6}{row['out of fold']:>13.3f}{span:>17}{row['hidden']:>9.3f}{where:>9}{row['one model']:>11.3f}"


def summary(keep: str, rows: pd.DataFrame) -> str:
    """Of all seeds of one way to keep an epoch."""
    inside, alone = (rows[name].between(rows["low"], rows["high"]).sum() for name in ("hidden", "one model"))
    beyond = rows["out of fold"] - rows["one model"]
    error = f" ± {beyond.std() / len(beyond) ** 0.5:.3f} (standard error)" if len(rows) > 1 else ""
    return (
        f"{keep}: the interval holds the hidden score of the average in {inside} of {len(rows)} seeds, that of one model in {alone}. "
        f"Out of fold {rows['out of fold'].mean():.3f}, hidden: one model {rows['one model'].mean():.3f}, the average {rows['hidden'].mean():.3f}; "
        f"promised beyond one model: {beyond.mean():+.3f}{error}."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--people", type=int, default=100, help="to learn from, 7 photos each")
    parser.add_argument("--hidden", type=int, default=200, help="people whose truth stays hidden")
    parser.add_argument("--models", choices=MODELS, default="logistic")
    parser.add_argument("--keep", choices=("last", "best"), nargs="+", default=["last"], help="the epoch that stays")
    parser.add_argument("--backbone", default="resnet18")
    parser.add_argument("--weights", default="none", help="a file of pretrained ones; nothing is downloaded")
    arguments = parser.parse_args()
    print_facts()
    print(
        f"\n{arguments.models}: {arguments.folds} folds of {arguments.people} people, {arguments.hidden} hidden ones\n"
    )
    print(f"{'seed':>4}{'kept':>6}{'out of fold':>13}{'interval':>17}{'hidden':>9}{'':>9}{'one model':>11}")
    rows = []
    for seed in range(arguments.seeds):
        for row in one_seed(seed, arguments):
            rows.append(row)
            print(told(row), flush=True)
    print()
    for keep, of_it in pd.DataFrame(rows).groupby("kept", sort=False):
        print(summary(str(keep), of_it))


if __name__ == "__main__":
    main()
