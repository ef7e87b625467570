"""How often `photobench slices` names a kind of photos where there is none, and whether it finds one that was planted.

    python bench/slices.py [--sets 60]

Drawn answers: facts of photos (labels, light, sharpness, size, cut), persons who differ in how hard they are, and errors that have nothing
to do with the facts; then the same with dark photos wrong more often by 35 points.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from machine import print_facts

sys.path.insert(0, str(Path(__file__).parents[1]))
CASES = ((0.15, 399, 7), (0.05, 400, 1), (0.3, 1995, 7))
"""Error rate, photos, photos of each person."""
DARK, WORSE = 0.36, 0.35


def draw(rng: np.random.Generator, num: int, each: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Facts of photos, and who is in each."""
    person = np.repeat(np.arange(num // each), each)
    facts = pd.DataFrame(
        {
            "label:mask": rng.choice(["worn", "wrong", "none"], num, p=[0.7, 0.15, 0.15]),
            "label:gender": rng.choice(["m", "f"], num // each)[person],
            "label:age": rng.choice(["young", "middle", "old"], num // each, p=[0.6, 0.35, 0.05])[person],
            "brightness": np.clip(rng.normal(0.5, 0.15, num), 0, 1),
            "contrast": rng.gamma(5, 0.04, num),
            "sharpness": rng.gamma(4, 5, num),
            "colour": rng.gamma(5, 6, num),
            "side_px": rng.choice([200.0, 300.0, 400.0], num),
            "bits_per_pixel": rng.gamma(5, 1, num),
            "box_how": rng.choice(["found", "median"], num, p=[0.93, 0.07]),
        }
    )
    return facts, person


def names(facts: pd.DataFrame, wrong_N: np.ndarray, person: np.ndarray, seed: int) -> tuple[list[str], int]:
    """What is named, the clearest first, and of how many."""
    from photobench.slices.conditions import conditions
    from photobench.slices.find import search

    known = conditions(facts)
    return [known[pick.place].words for pick in search(wrong_N, person, known, 0.95, seed)], len(known)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", type=int, default=60)
    sets = parser.parse_args().sets
    print_facts()
    for rate, num, each in CASES:
        alarms, first, more, kinds, started = 0, 0, 0, 0, time.perf_counter()
        for seed in range(sets):
            rng = np.random.default_rng(seed)
            facts, person = draw(rng, num, each)
            hard = np.clip(rate + rng.normal(0, 0.12 if each > 1 else 0, num // each), 0.01, 0.99)[person]
            alarms += bool(names(facts, rng.random(num) < hard, person, seed)[0])
            dark = facts["brightness"].to_numpy() < DARK
            found, kinds = names(facts, rng.random(num) < hard + WORSE * dark, person, seed)
            first += bool(found) and found[0].startswith("are dark")
            more += len(found) > 1
        ms = 1000 * (time.perf_counter() - started) / (2 * sets)
        print(
            f"{num} photos, {each} of a person, {100 * rate:.0f} % wrong, about {kinds} kinds: without a weakness one is named in "
            f"{alarms} of {sets} sets; dark photos are named first in {first}, anything else beside them in {more}; {ms:.0f} ms a set"
        )


if __name__ == "__main__":
    main()
