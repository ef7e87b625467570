"""Is an ensemble worth it: every way to combine, fitted to some people and measured on others, beside its best member.

    python bench/ensembles.py DATA [--sets faces demo] [--divisions 20] [--out FOLDER]

DATA holds `faces` (a table with gender and age) and `weights`; the demo is drawn. The members are sets of three folds of linear and
two-layer heads on frozen MobileNetV2s of two sizes, which take seconds each. First what `photobench ensemble` prints; then, for each of
20 random divisions of the people into 60 % and a hidden 40 %: ways are fitted to what was said out of fold of the 60 %, and measured on
the hidden ones. "worse" counts the divisions in which a way is behind the best member, which is chosen on the same 60 %; "surely worse"
those in which the paired 95 % interval of their difference, from resampling the hidden people, lies below zero, and "surely better" those
in which it lies above.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from machine import print_facts

import photobench as pb
from photobench.ensemble import METHODS, Known
from photobench.ensemble.methods import combine
from photobench.evaluation import Figure
from photobench.metrics import score
from photobench.paired import difference
from photobench.workflow import open_bench
from photobench.workflow.answers.choosing_members import find_members
from photobench.workflow.answers.combining import Team

HIDDEN, BOOTSTRAPS = 0.4, 1000


def members(data: Path) -> Iterator[dict]:
    """Options of each member."""
    seen = {"mode": "frozen", "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "precision": "fp32"}
    small = {**seen, "backbone": "mobilenetv2_035", "weights": str(data / "weights" / "mobilenetv2_035_backbone.pth"),
             "args": {"pad_type": "same", "bn_eps": 1e-3}}  # fmt: skip
    large = {**seen, "backbone": "mobilenetv2_100", "weights": str(data / "weights" / "mobilenetv2_100_tf.pth"),
             "args": {"pad_type": "same"}}  # fmt: skip
    yield {**small, "size_px": 96, "classifier": "linear"}
    yield {**small, "size_px": 96, "classifier": "mlp"}
    yield {**small, "size_px": 128, "classifier": "linear"}
    yield {**large, "size_px": 96, "classifier": "linear"}


def workspace(data: Path, name: str, out: Path, people: int) -> Path:
    """A project of the set; the demo is drawn without its journey."""
    root = out / name
    if (root / "photobench.toml").exists():
        return root
    if name == "demo":
        from photobench.sources.demo import make_demo

        make_demo(root / "photos", num_people=people, num_eval_people=10)
        pb.init(root / "photos", root)
    else:
        pb.init(data / name, root, labels=data / name / "labels.csv")
    return root


def hidden_parts(known: Known, divisions: int) -> Iterator[tuple[Known, dict[str, np.ndarray]]]:
    """For each division the hidden people, and what each way says of them, (N, K)."""
    people = np.unique(known.clusters_N)
    for seed in range(divisions):
        chosen = np.random.default_rng(seed).permutation(people)[: round(HIDDEN * len(people))]
        hidden_N = np.isin(known.clusters_N, chosen)
        learned, asked = known.rows(~hidden_N), known.rows(hidden_N)
        said = {}
        for entry in METHODS:
            method = entry.build()
            fitted = method.fit(learned, seed)
            said[entry.name] = combine(method, fitted.only(fitted.asked()), asked.probs_MNK[fitted.asked()])
        yield asked, said


def gains(known: Known, divisions: int) -> tuple[dict[str, list[float]], dict[str, list[Figure]]]:
    """Of each way and division: macro-F1, and how much that is above the best member, with its interval."""
    marks, apart = ({entry.name: [] for entry in METHODS} for _ in range(2))
    for seed, (asked, said) in enumerate(hidden_parts(known, divisions)):
        samples = {way: asked.sample(said_NK) for way, said_NK in said.items()}
        for way, sample in samples.items():
            marks[way].append(score("macro_f1", asked.truth_N, said[way]))
            apart[way].append(difference(sample, samples["single"], BOOTSTRAPS, 0.95, seed)["macro_f1"])
    return marks, apart


def table(marks: dict[str, list[float]], apart: dict[str, list[Figure]]) -> str:
    """A line per way."""
    heads = ("macro-F1", "from the best", "lowest", "highest", "worse", "surely worse", "surely better")
    lines = [f"{'way':<12}" + "".join(f"{head:>15}" for head in heads)]
    for way, figures in apart.items():
        values = np.array([figure.value for figure in figures])
        counts = ((values < 0).sum(), sum(f.high < 0 for f in figures), sum(f.low > 0 for f in figures))
        told = [
            f"{np.mean(marks[way]):.3f}",
            *(f"{v:+.3f}" for v in (values.mean(), values.min(), values.max())),
            *counts,
        ]
        lines.append(f"{way:<12}" + "".join(f"{one:>15}" for one in told))
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", nargs="+", default=["faces", "demo"], choices=["faces", "demo"])
    parser.add_argument("--divisions", type=int, default=20)
    parser.add_argument("--people", type=int, default=80, help="of the demo")
    parser.add_argument("--out", type=Path, default=Path("out/ensembles"))
    args = parser.parse_args()
    print_facts()
    for name in args.sets:
        root = workspace(args.data.resolve(), name, args.out, args.people)
        for options in members(args.data.resolve()):
            pb.open(root, **options).train(folds=3)
        print(f"\n{name}\n{pb.open(root).ensemble()}\n", flush=True)
        inner = open_bench(root)
        known = Team(inner, find_members(inner)).known
        print(f"{args.divisions} divisions, measured on {HIDDEN:.0%} of the people\n")
        print(table(*gains(known, args.divisions)), flush=True)


if __name__ == "__main__":
    main()
