"""The organiser's machine: scores a submission against the hidden truth of the demo's evaluation photos.

    leaderboard PHOTOS SUBMISSION [--final]

As in a real contest, half of the photos count while it runs (the public score), and the other half at its end (the final one).
"""

from __future__ import annotations

import argparse
from pathlib import Path
from zlib import crc32

import numpy as np
import pandas as pd
from sklearn.metrics import f1_score


def score(photos: Path, submission: Path, final: bool) -> float:
    truth = pd.read_csv(photos / "truth" / "eval.csv").set_index("ImageID")
    sent = pd.read_csv(submission).set_index("ImageID")["ans"].reindex(truth.index)
    half = np.array([crc32(str(name).encode()) % 2 for name in truth.index]) == (1 if final else 0)
    return float(f1_score(truth["ans"][half], sent[half], average="macro"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("submission", type=Path)
    parser.add_argument("--final", action="store_true")
    args = parser.parse_args()
    print(f"{score(args.photos, args.submission, args.final):.4f}")


if __name__ == "__main__":
    main()
