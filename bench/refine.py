"""What `photobench refine` promises beside what it was on photos that it never saw.

    python bench/refine.py DATA [--sets masks faces demo] [--divisions 20] [--photos 1600] [--out FOLDER]

DATA holds `masks`, `faces` and `weights/mobilenetv2_035_backbone.pth`. One model is trained per set on 40 % of the groups. What it says of the
others, view by view, is divided by chance into two halves of whole groups, so many times: everything is chosen on one half, and measured
on the other. For each refinement: how often it was used, what it promised there and what it was, the mean over all divisions.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from machine import print_facts

import photobench as pb
from photobench.bootstrap import Sample
from photobench.data.folds import divide
from photobench.refine.decisions import RULES
from photobench.refine.outcome import DECISION, VIEWS, Refinement
from photobench.refine.search import refine
from photobench.refine.temperature import fit_temperatures, lost
from photobench.refine.told import PLAIN, Measure, Told
from photobench.reliability import reliability
from photobench.words import columns
from photobench.workflow import find_answerer, open_bench, train
from photobench.workflow.answers.judging_folds import clustered_sample

ALL_VIEWS = ("flip", "five-crop", "scales", "colour")
MEASURE = Measure("macro_f1", 200, 0.95, 0)
TRAINING = {
    "masks": {"mode": "frozen"},
    "faces": {"mode": "finetune", "epochs": 4, "lr": 1e-3},
    "demo": {"mode": "finetune", "epochs": 8, "lr": 2e-3},
}


def told(name: str, data: Path, out: Path, most: int) -> Told:
    """What one model says of the photos that it did not learn from: validation and test together."""
    bench = open_bench(_workspace(name, data, out, most), [_options(name, data)])
    base = find_answerer(bench, train(bench).name)
    by_view: dict[str, np.ndarray] = {}
    for view in (PLAIN, *ALL_VIEWS):
        seen = base.with_views((view,))
        halves = [one for one in (seen.held_out(), seen.test()) if one is not None]
        samples = [clustered_sample(one.manifest, one.predictions, one.split) for one in halves]
        by_view[view] = np.concatenate([sample.probs_NK for sample in samples]).astype(np.float64)
    groups_N = np.concatenate([samples[0].groups_N, samples[1].groups_N + samples[0].num_groups])
    truth_N, num = np.concatenate([sample.truth_N for sample in samples]), sum(s.num_groups for s in samples)
    return Told(by_view, truth_N, groups_N, num, halves[0].manifest.space)


def _workspace(name: str, data: Path, out: Path, most: int) -> Path:
    space = out / name
    if (space / "photobench.toml").exists():
        return space
    photos = data / name
    if name == "demo":
        from photobench.sources.demo import make_demo

        photos = out / "demo-photos"
        make_demo(photos, num_people=max(20, most // 14), num_eval_people=1)
    pb.init(photos, space, labels=_fewer(photos, space, most) if name == "faces" else None)
    return space


def _fewer(photos: Path, space: Path, most: int) -> Path:
    """The table of some of the photos."""
    table = pd.read_csv(photos / "labels.csv").sample(frac=1, random_state=0)[:most]
    space.mkdir(parents=True, exist_ok=True)
    table.to_csv(space / "labels.csv", index=False)
    return space / "labels.csv"


def _options(name: str, data: Path) -> dict:
    how = dict(TRAINING[name])
    model = {
        "backbone": "mobilenetv2_035",
        "weights": str((data / "weights" / "mobilenetv2_035_backbone.pth").resolve()),
        "args": {"pad_type": "same"},
        "mean": [0.5, 0.5, 0.5],
        "std": [0.5, 0.5, 0.5],
        "size_px": 96,
        "mode": how.pop("mode"),
    }
    return {
        "model": model,
        "train": {**how, "precision": "fp32"},
        "split": {"valid": 0.3, "test": 0.3},
        "pack": {"side_px": 112},
    }


def gained(told: Told, first_N: np.ndarray, second_N: np.ndarray) -> float:
    return Measure("macro_f1", 0, 0.95, 0).gain(told, first_N, second_N).value


def hidden_worth(found: Refinement, seen: Told, hidden: Told) -> dict[tuple[str, str], float]:
    """Of each that was tried, fitted to the photos that were seen, and of what was kept, on the hidden ones."""
    usual_N = hidden.plain_NK.argmax(axis=1)
    worth = {
        (VIEWS, one.name): gained(hidden, hidden.seen((PLAIN, one.name)).argmax(axis=1), usual_N)
        for one in found.tried
        if one.part == VIEWS
    }
    heat = found.chosen.temperatures
    mine, theirs = (heat.apply(one.plain_NK, one.space) if heat else one.plain_NK for one in (seen, hidden))
    for one in found.tried:
        if one.part == DECISION:
            rule = RULES.build(one.name, probs_NK=mine, truth_N=seen.truth_N, space=seen.space)
            worth[DECISION, one.name] = gained(hidden, rule.classes(theirs, seen.space), theirs.argmax(axis=1))
    probs_NK = found.chosen.probs(hidden.seen(found.chosen.views), hidden.space)
    worth["together", ""] = gained(hidden, found.chosen.decision.classes(probs_NK, hidden.space), usual_N)
    return worth


def honest(told: Told, probs_NK: np.ndarray) -> float:
    sample = Sample(told.truth_N, probs_NK.argmax(axis=1), probs_NK, told.groups_N, told.num_groups)
    return reliability(sample, 0, 0.95, 0).ece.value


def rows(whole: Told, divisions: int) -> list[dict]:
    found_rows = []
    for seed in range(divisions):
        half_N = divide(whole.truth_N[:, None], whole.groups_N, 2, seed) == 0
        halves = [_anew(whole.only(one)) for one in (half_N, ~half_N)]
        seen, hidden = halves
        found, _ = refine("base", seen, ALL_VIEWS, MEASURE)
        worth = hidden_worth(found, seen, hidden)
        for one in found.tried:
            if (one.part, one.name) in worth:
                found_rows.append(
                    {
                        "part": one.part,
                        "tried": one.name,
                        "used": one.used,
                        "promised": one.gain.value,
                        "was": worth[one.part, one.name],
                    }
                )
        together = {"part": "together", "tried": "", "used": found.chosen.changes_answers, "promised": found.gain.value}
        found_rows.append({**together, "was": worth["together", ""]})
        form = "one" if len(hidden.space.attributes) == 1 else "per label"
        heat = fit_temperatures(seen.plain_NK, seen.truth_N, seen.space, form)
        tempered_NK = heat.apply(hidden.plain_NK, hidden.space)
        for name, before, after in (
            ("log-loss", *(lost(p, hidden.truth_N).mean() for p in (hidden.plain_NK, tempered_NK))),
            ("ECE", *(honest(hidden, p) for p in (hidden.plain_NK, tempered_NK))),
        ):
            found_rows.append(
                {"part": f"hidden {name}", "tried": "before, after", "used": True, "promised": before, "was": after}
            )
    return found_rows


def _anew(half: Told) -> Told:
    """With parts of its own."""
    return Told(half.by_view, half.truth_N, half.groups_N, half.num_groups, half.space)


def means(whole: Told) -> list[tuple[str, ...]]:
    """The mean of the views' probabilities beside that of their logarithms, as they are and with a temperature."""
    names = (PLAIN, *ALL_VIEWS)
    logs = np.mean([np.log(np.maximum(whole.by_view[name], 1e-12)) for name in names], axis=0)
    geometric = np.exp(logs) / np.exp(logs).sum(axis=1, keepdims=True)
    usual_N = whole.plain_NK.argmax(axis=1)
    return [
        (
            name,
            f"{gained(whole, probs.argmax(axis=1), usual_N):+.4f}",
            f"{lost(probs, whole.truth_N).mean():.4f}",
            f"{_tempered_loss(whole, probs):.4f}",
        )
        for name, probs in (("probabilities", whole.seen(names)), ("logarithms", geometric))
    ]


def _tempered_loss(whole: Told, probs_NK: np.ndarray) -> float:
    heat = fit_temperatures(probs_NK, whole.truth_N, whole.space, "one")
    return float(lost(heat.apply(probs_NK, whole.space), whole.truth_N).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", nargs="+", default=list(TRAINING), choices=list(TRAINING))
    parser.add_argument("--divisions", type=int, default=20)
    parser.add_argument("--photos", type=int, default=1600)
    parser.add_argument("--out", type=Path, default=Path("out/refine"))
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    print_facts()
    for name in args.sets:
        whole = told(name, args.data, args.out, args.photos)
        print(
            f"\n{name}: {len(whole):,} photos in {whole.num_groups:,} groups, {whole.space.num_classes} classes; {args.divisions} divisions"
        )
        print(columns(means(whole), ("all views, mean of", "macro-F1", "log-loss", "with a temperature")), flush=True)
        frame = pd.DataFrame(rows(whole, args.divisions))
        table = frame.groupby(["part", "tried"], sort=False).agg(
            used=("used", "sum"), promised=("promised", "mean"), was=("was", "mean"), least=("was", "min"), most=("was", "max")
        )  # fmt: skip
        shown = [(*key, f"{row.used:.0f}", *(f"{v:+.4f}" for v in row[1:])) for key, row in table.iterrows()]
        print(columns(shown, ("part", "tried", "used", "promised", "was", "least", "most")), flush=True)


if __name__ == "__main__":
    main()
