"""What ensembles of sets of folds promise, and what they are worth on hidden people: out of fold, as expected on new photos, and there.

    python bench/set_gains.py DATA [--members whole heads] [--draws 0 1 2] [--out FOLDER]

DATA holds `faces` (a table with gender and age) and `weights`. For each draw 40 % of the people are hidden (the test); on the others sets are trained: of
five whole models each (MobileNetV2-1.0 at 112 and 144 px, MobileNetV2-0.35), or of three heads each on frozen ones, as in `ensembles.py`. Then for each choice
of two members or more: every way to combine, its gain over the best member out of fold, the gain that is expected on new photos, which is
estimated without the labels of the hidden people, and the gain on them, paired. First how good the members are, at the end what `photobench ensemble` takes, and what it would
take by the gain out of fold alone. Choices of one draw share members and people, so they are not independent trials.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from ensembles import members as heads
from machine import print_facts
from podium import MODELS

import photobench as pb
from photobench.bootstrap import Sample
from photobench.data.split import clusters_of
from photobench.ensemble import METHODS, Known, Tried, chosen, try_all
from photobench.ensemble.choose import LIKELY, ONE_ERROR
from photobench.ensemble.methods import combine
from photobench.evaluation import Figure
from photobench.metrics import score
from photobench.paired import difference
from photobench.project import by_name
from photobench.words import columns
from photobench.workflow import open_bench
from photobench.workflow.answers.answerer import Answerer
from photobench.workflow.answers.choosing_members import find_members
from photobench.workflow.answers.combining import Team
from photobench.workflow.bench import Bench

HIDDEN, BOOTSTRAPS = 0.4, 1000
FOLDS = {"whole": 5, "heads": 3}
HEADS = (
    "way",
    "out of fold",
    "expected",
    "real",
    "error of the first",
    "of the second",
    "surely worse",
    "surely better",
)


@dataclass(frozen=True)
class Outcome:
    """A way to combine some members: its gain out of fold, as expected, and on the hidden people; no gain of the best member."""

    name: str
    promised: float
    expected: float
    real: Figure


def whole(data: Path) -> Iterator[dict[str, Any]]:
    """Options of each member."""
    for name, size in (("mobilenetv2_100", 112), ("mobilenetv2_035", 112), ("mobilenetv2_100", 144)):
        model = {**MODELS[name], "weights": str(data / "weights" / MODELS[name]["weights"])}
        yield {**model, "backbone": name, "size_px": size, "epochs": 4, "patience": 99}


def trained(data: Path, kind: str, draw: int, out: Path) -> Bench:
    """A workspace with all sets of this draw."""
    space = out / f"{kind}-{draw}"
    if not (space / "photobench.toml").exists():
        pb.init(data / "faces", space, labels=data / "faces" / "labels.csv")
    split = {"split.test": HIDDEN, "split.seed": draw}
    for options in {"whole": whole, "heads": heads}[kind](data):
        pb.open(space, **split, **options).train(folds=FOLDS[kind])
    return open_bench(space, [by_name(split)])


def _told(name: str, real: dict[str, Figure]) -> str:
    return f"{name} ({real[name].text(sign='+')})"


def _alone(bench: Bench, members: Sequence[Answerer]) -> Iterator[str]:
    """Macro-F1 of each member: out of fold, as expected of the mean of its models, and of that on the hidden people."""
    hidden = _hidden(members)
    for member, probs_NK in zip(members, hidden.probs_MNK, strict=True):
        known = Team(bench, [member]).known
        of_one, expected = (
            one.expected(lambda probs_MNK: probs_MNK[0]) for one in (replace(known, noisier_DMNK=None), known)
        )
        real = score("macro_f1", hidden.truth_N, probs_NK)
        yield f"{member.name}: {of_one:.3f} out of fold, {expected:.3f} expected, {real:.3f} on the hidden people"


def outcomes(bench: Bench, members: Sequence[Answerer]) -> tuple[list[Outcome], str, str]:
    """Of every way; the name of the one that is taken, and of the one that the gain out of fold alone would have taken."""
    team = Team(bench, list(members))
    plain, hidden = replace(team.known, noisier_DMNK=None), _hidden(members)
    tried, by_gain = (try_all(one, BOOTSTRAPS, 0.95, 0) for one in (team.known, plain))
    single = hidden.sample(_said("single", plain, hidden))
    found = [
        Outcome(one.name, *_gains(one), _real(hidden, single, _said(one.name, team.known, hidden))) for one in tried
    ]
    return found, chosen(team.known, tried, LIKELY).name, chosen(plain, by_gain, ONE_ERROR).name


def _gains(tried: Tried) -> tuple[float, float]:
    return (tried.gain.value, tried.expected.value) if tried.gain and tried.expected else (0.0, 0.0)


def _real(hidden: Known, single: Sample, said_NK: np.ndarray) -> Figure:
    """No difference is a difference of zero."""
    found = difference(hidden.sample(said_NK), single, BOOTSTRAPS, 0.95, 0)["macro_f1"]
    return found if found.is_known else Figure(found.value, found.value, found.value)


def _hidden(members: Sequence[Answerer]) -> Known:
    """What the members, each the mean of its models, say of the hidden people."""
    held = [member.test() for member in members]
    manifest = held[0].manifest
    rows = manifest.rows("test")
    probs_MNK = np.stack([one.predictions.joint_NK for one in held]).astype(np.float64)
    return Known(probs_MNK, manifest.classes()[rows], clusters_of(manifest)[rows])


def _said(name: str, known: Known, hidden: Known) -> np.ndarray:
    method = METHODS.build(name)
    fitted = method.fit(known, 0)
    return combine(method, fitted.only(fitted.asked()), hidden.probs_MNK[fitted.asked()])


def table(found: Sequence[Outcome]) -> str:
    """A line per way, over all choices of members."""
    names = dict.fromkeys(one.name for one in found if one.name != "single")
    return columns([_row(name, [one for one in found if one.name == name]) for name in names], HEADS)


def _row(name: str, mine: Sequence[Outcome]) -> tuple[str, ...]:
    promised, expected, real = np.array([(one.promised, one.expected, one.real.value) for one in mine]).T
    errors = (f"{np.sqrt(np.mean((told - real) ** 2)):.3f}" for told in (promised, expected))
    means = (f"{one.mean():+.3f}" for one in (promised, expected, real))
    return name, *means, *errors, *_sure([one.real for one in mine])


def _sure(reals: Sequence[Figure]) -> tuple[str, str]:
    """In how many the interval lies below zero, and above."""
    return str(sum(one.high < 0 for one in reals)), str(sum(one.low > 0 for one in reals))


def summary(title: str, taken: Sequence[tuple[str, Figure]]) -> str:
    """What became of what was taken, where an ensemble was."""
    reals = [real for name, real in taken if name != "single"]
    worse, better = _sure(reals)
    mean = f"{np.mean([real.value for real in reals]):+.3f}" if reals else "–"
    return f"{title}: an ensemble in {len(reals)} of {len(taken)}, there {mean} on the hidden people, surely worse in {worse}, surely better in {better}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--members", nargs="+", default=["whole", "heads"], choices=["whole", "heads"])
    parser.add_argument("--draws", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--out", type=Path, default=Path("out/set_gains"))
    args = parser.parse_args()
    print_facts()
    for kind in args.members:
        print(f"\n{_measured(args, kind)}\n", flush=True)


def _measured(args: argparse.Namespace, kind: str) -> str:
    every: list[Outcome] = []
    now, before = [], []
    for draw in args.draws:
        bench = trained(args.data.resolve(), kind, draw, args.out)
        members = find_members(bench)
        print("\n".join(f"draw {draw}, {line}" for line in _alone(bench, members)), flush=True)
        for some in (some for size in range(2, len(members) + 1) for some in combinations(members, size)):
            found, taken, by_gain = outcomes(bench, some)
            real = {one.name: one.real for one in found}
            who = ", ".join(one.name for one in some)
            print(
                f"draw {draw}, {who}: {_told(taken, real)} is taken, {_told(by_gain, real)} by the gain out of fold",
                flush=True,
            )
            every += found
            now.append((taken, real[taken]))
            before.append((by_gain, real[by_gain]))
    lines = (summary("taken", now), summary("by the gain out of fold alone", before))
    return "\n".join([f"{kind}, {len(now)} choices of members", "", table(every), "", *lines])


if __name__ == "__main__":
    main()
