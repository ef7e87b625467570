"""How often a 95 % interval of the macro-F1 holds the truth, for every way to make one that was considered.

    python bench/intervals.py --sims 1000 --groups 30 150

The population is that of a mask competition: a person has 7 photos (five with a mask, one worn wrong, one without), gender
and age are unbalanced, 3 × 2 × 3 values make 18 classes. The simulated model errs on gender and age per person (some people
are hard in all seven photos) and on the mask per photo, so photos of one person are far from independent. The truth is the
macro-F1 over the 18 classes of 400,000 persons. Each simulation draws G persons and makes every interval from the same
resamplings. "above" and "below" say how often the whole interval lay above or below the truth; 2.5 % each is wanted.
"""

from __future__ import annotations

import argparse
from statistics import NormalDist

import numpy as np

from photobench import bootstrap
from photobench.metrics import Counts, accuracy, f1, macro

MASKS = np.array([0, 0, 0, 0, 0, 1, 2])
GENDER_P, AGE_P = [0.4, 0.6], [0.47, 0.46, 0.07]
K = 18
TAIL = np.array([0.025, 0.975])
NORMAL = NormalDist()

Interval = tuple[float, float]


def draw_counts(rng: np.random.Generator, num_groups: int, skill: float) -> np.ndarray:
    """(3, G, K): hits, truth and predicted of each person."""
    gender_G, age_G = rng.choice(2, num_groups, p=GENDER_P), rng.choice(3, num_groups, p=AGE_P)
    hard_G = rng.random(num_groups) ** 3  # most people are easy, some are hard in every photo
    shape = (num_groups, 7)
    wrong_gender = rng.random(shape) < (0.25 * (1 - skill) * hard_G)[:, None]
    wrong_age = rng.random(shape) < np.minimum(2.0 * (1 - skill) * hard_G, 0.95)[:, None]
    wrong_mask = rng.random(shape) < 0.08 * (1 - skill)
    either = rng.choice([-1, 1], num_groups, p=[0.7, 0.3])
    step_G = np.where(age_G == 1, either, np.where(age_G == 0, 1, -1))
    mask = np.broadcast_to(MASKS, shape)
    truth = mask * 6 + (gender_G * 3 + age_G)[:, None]
    guess_mask = np.where(wrong_mask, (mask + 1) % 3, mask)
    guess_age = age_G[:, None] + step_G[:, None] * wrong_age
    predicted = guess_mask * 6 + (gender_G[:, None] ^ wrong_gender) * 3 + guess_age
    return np.stack([tally(truth, truth == predicted), tally(truth), tally(predicted)])


def tally(ids_GN: np.ndarray, keep_GN: np.ndarray | None = None) -> np.ndarray:
    cells = np.repeat(np.arange(len(ids_GN)), ids_GN.shape[1]) * K + ids_GN.ravel()
    weights = None if keep_GN is None else keep_GN.ravel().astype(float)
    return np.bincount(cells, weights, len(ids_GN) * K).reshape(len(ids_GN), K).astype(float)


def macro_f1(sums_3BK: np.ndarray) -> np.ndarray:
    return macro(f1(Counts(*sums_3BK)))


def influence(sums_3BK: np.ndarray, counts_3GK: np.ndarray) -> np.ndarray:
    """(B, G): by how much a bit more weight on a person changes the macro-F1 (infinitesimal jackknife)."""
    hits, truth, predicted = sums_3BK
    occurs = truth + predicted > 0
    slope_BK = np.where(occurs, 1 / np.maximum(truth + predicted, 1e-9), 0) / occurs.sum(axis=1)[:, None]
    score_BK = np.nan_to_num(f1(Counts(hits, truth, predicted)))
    return 2 * slope_BK @ counts_3GK[0].T - (slope_BK * score_BK) @ (counts_3GK[1] + counts_3GK[2]).T


def intervals(counts_3GK: np.ndarray, rng: np.random.Generator, num_boot: int) -> dict[str, Interval]:
    """Every candidate's 95 % interval of the macro-F1."""
    G = counts_3GK.shape[1]
    weights_BG = rng.multinomial(G, np.full(G, 1 / G), num_boot).astype(float)
    total = counts_3GK.sum(axis=1, keepdims=True)
    value, left_out_G = float(macro_f1(total)[0]), macro_f1(total - counts_3GK)
    sums = weights_BG @ counts_3GK
    reps_B = macro_f1(sums)
    low, high = np.quantile(reps_B, TAIL)
    bias, spread = reps_B.mean() - value, 1.96 * reps_B.std()
    jackknife = 1.96 * np.sqrt(left_out_G.var() * (G - 1))
    chosen = bootstrap.interval(np.array(value), reps_B, left_out_G, 0.95)
    error = np.sqrt((influence(total, counts_3GK)[0] ** 2).sum())
    errors_B = np.sqrt((weights_BG * influence(sums, counts_3GK) ** 2).sum(axis=1))
    t_low, t_high = np.quantile((reps_B - value) / np.maximum(errors_B, 1e-6), TAIL)
    return {
        "chosen": (float(chosen[0]), float(chosen[1])),
        "percentile": (low, high),
        "basic": (2 * value - high, 2 * value - low),
        "percentile, centred": (low - bias, high - bias),
        "BC": accelerated(value, reps_B, 0.0),
        "BCa": accelerated(value, reps_B, acceleration(left_out_G)),
        "studentised": (value - t_high * error, value - t_low * error),
        "normal, bootstrap": (value - spread, value + spread),
        "normal, jackknife": (value - jackknife, value + jackknife),
        "normal, linearised": (value - 1.96 * error, value + 1.96 * error),
        "Bayesian bootstrap": bayesian(counts_3GK, rng, num_boot),
    }


def accelerated(value: float, reps_B: np.ndarray, a: float) -> Interval:
    """Efron's bias-corrected (and accelerated) interval; a bootstrap tie counts half."""
    share = float(np.clip((np.mean(reps_B < value) + np.mean(reps_B <= value)) / 2, 1e-3, 1 - 1e-3))
    z0 = NORMAL.inv_cdf(share)
    z = [z0 + NORMAL.inv_cdf(q) for q in TAIL]
    low, high = np.quantile(reps_B, [NORMAL.cdf(z0 + x / (1 - a * x)) for x in z])
    return float(low), float(high)


def acceleration(left_out_G: np.ndarray) -> float:
    d_G = left_out_G.mean() - left_out_G
    return float((d_G**3).sum() / (6 * max((d_G**2).sum(), 1e-12) ** 1.5))


def bayesian(counts_3GK: np.ndarray, rng: np.random.Generator, num_boot: int) -> Interval:
    """Exponential weights instead of counts: no class ever vanishes."""
    weights_BG = rng.exponential(size=(num_boot, counts_3GK.shape[1]))
    low, high = np.quantile(macro_f1(weights_BG @ counts_3GK), TAIL)
    return float(low), float(high)


def run(num_groups: int, skill: float, num_sims: int, num_boot: int, seed: int) -> None:
    """Simulate and print a table."""
    population = draw_counts(np.random.default_rng(99), 400_000, skill).sum(axis=1)[:, None]
    truth = float(macro_f1(population)[0])
    missed: dict[str, list[tuple[bool, bool, float]]] = {}
    values = []
    for sim in range(num_sims):
        rng = np.random.default_rng([seed, num_groups, sim])
        counts = draw_counts(rng, num_groups, skill)
        values.append(float(macro_f1(counts.sum(axis=1)[:, None])[0]))
        for name, (low, high) in intervals(counts, rng, num_boot).items():
            ends = max(low, 0.0), min(high, 1.0)
            missed.setdefault(name, []).append((ends[0] > truth, ends[1] < truth, ends[1] - ends[0]))
    print(
        f"\n{num_groups} groups × 7 photos: macro-F1 of the population {truth:.3f}, "
        f"of a sample {np.mean(values):.3f} ± {np.std(values):.3f}; "
        f"accuracy {float(accuracy(Counts(*population))[0]):.3f}; {num_sims} simulations"
    )
    print(f"  {'method':20s} coverage   above   below   width")
    for name, rows in missed.items():
        above, below, width = np.mean(rows, axis=0)
        print(f"  {name:20s} {1 - above - below:8.1%} {above:7.1%} {below:7.1%} {width:7.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--groups", type=int, nargs="+", default=[30, 150], help="persons in a sample")
    parser.add_argument("--skill", type=float, nargs="+", default=[0.5, 0.8], help="of the simulated model")
    parser.add_argument("--sims", type=int, default=1000)
    parser.add_argument("--bootstraps", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    for num_groups in args.groups:
        for skill in args.skill:
            run(num_groups, skill, args.sims, args.bootstraps, args.seed)


if __name__ == "__main__":
    main()
