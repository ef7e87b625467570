"""Is an ensemble worth it: every way to combine, fitted to some people and measured on others, beside its best member.

    python bench/ensembles.py DATA [--sets faces demo] [--divisions 20] [--out FOLDER]

DATA holds `faces` (a table with gender and age) and `weights`; the demo is drawn. The members are sets of three folds of linear and
two-layer heads on frozen MobileNetV2s of two sizes, which take seconds each. First what `photobench ensemble` prints; then, for each of
20 random divisions of the people into 60 % and a hidden 40 %: ways are fitted to what was said out of fold of the 60 %, and measured on
the hidden ones. "worse" counts the divisions in which a way is behind the best member, which is chosen on the same 60 %.
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
from photobench.metrics import score
from photobench.workflow import open_bench
from photobench.workflow.answers.choosing_members import find_members
from photobench.workflow.answers.combining import Team

HIDDEN = 0.4


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


def hidden_parts(known: Known, divisions: int) -> dict[str, np.ndarray]:
    """Macro-F1 of each way on the hidden people of each division, (divisions,)."""
    people, marks = np.unique(known.clusters_N), {entry.name: [] for entry in METHODS}
    for seed in range(divisions):
        chosen = np.random.default_rng(seed).permutation(people)[: round(HIDDEN * len(people))]
        hidden_N = np.isin(known.clusters_N, chosen)
        learned, asked = known.rows(~hidden_N), known.rows(hidden_N)
        for entry in METHODS:
            method = entry.build()
            fitted = method.fit(learned, seed)
            said_NK = combine(method, fitted.only(fitted.asked()), asked.probs_MNK[fitted.asked()])
            marks[entry.name].append(score("macro_f1", asked.truth_N, said_NK))
    return {name: np.array(found) for name, found in marks.items()}


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
        found = hidden_parts(Team(inner, find_members(inner)).known, args.divisions)
        print(f"{args.divisions} divisions, measured on {HIDDEN:.0%} of the people\n")
        print(f"{'way':<12}{'macro-F1':>10}{'from the best member':>22}{'lowest':>9}{'highest':>9}{'worse':>7}")
        for way, marks in found.items():
            apart = marks - found["single"]
            print(
                f"{way:<12}{marks.mean():>10.3f}{apart.mean():>+22.3f}{apart.min():>+9.3f}{apart.max():>+9.3f}{(apart < 0).sum():>7}"
            )


if __name__ == "__main__":
    main()
