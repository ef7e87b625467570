"""From photo files to the same validation score: photobench beside a plain PyTorch loop and fastai's fine_tune, in wall time.

    python bench/to_score.py DATA [--labels labels.csv] --weights mobilenetv2_035_backbone.pth [--crop face] [--epochs 6]

All start from the same weights and have the same photos to learn from and to be asked about: photobench's split, which never
separates a group, is made once before. Each way has a process of its own and all cores, and is watched from outside: the clock
starts with the process, so that its imports, its crops and its pack count, and notes when the score of each epoch is there.

- photobench: `photobench init` and `photobench train` on a fresh workspace, with the options that are printed;
- plain: fp32, torchvision, batches of 32, 224 px; with --crop face, a face detector called in the Dataset, as many seeds have it;
- fastai: vision_learner(...).fine_tune(epochs), its defaults, 224 px, whole photos.

The score to reach is the lowest of the ways' best, so that every way reaches it. A set of people needs --crop face only where the
photos show more than the face.
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from machine import print_facts

OURS = "photobench"
POLL_S = 0.05
MEAN_STD = "[0.5, 0.5, 0.5]"  # of weights that come from TensorFlow
LOG_LINES_SHOWN = 20


class Course(NamedTuple):
    """When the score of each epoch was there, in seconds since the start, and when all was done."""

    seconds: list[float]
    scores: list[float]
    total_s: float

    def reached(self, score: float) -> float:
        return next(at for at, here in zip(self.seconds, self.scores, strict=True) if here >= score)


def watch(commands: Sequence[Sequence[str]], folder: Path) -> Course:
    """Run the commands one after the other; whatever history.csv appears below `folder` is their course."""
    seconds: list[float] = []
    started = time.monotonic()
    with (folder / "log.txt").open("w") as log:
        for command in commands:
            process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
            while process.poll() is None:
                seconds += [time.monotonic() - started] * (len(_scores(folder)) - len(seconds))
                time.sleep(POLL_S)
            if process.returncode:
                end = (folder / "log.txt").read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:]
                raise SystemExit("\n".join([f"{' '.join(command)} ended with {process.returncode}:", *end]))
    total_s, scores = time.monotonic() - started, _scores(folder)
    return Course(seconds + [total_s] * (len(scores) - len(seconds)), scores, total_s)


def _scores(folder: Path) -> list[float]:
    return [score for file in folder.glob("**/history.csv") for score in pd.read_csv(file)["macro_f1"]]


def split_photos(data: Path, labels: Path | None, workspace: Path) -> pd.DataFrame:
    """Path, class and split of each photo that photobench learns from or asks about."""
    import photobench as pb

    manifest = pb.init(data, workspace, labels=labels).manifest(side_px=32)
    table = pd.DataFrame({"path": [str(manifest.root / path) for path in manifest.frame["path"]]})
    table = table.assign(**{"class": manifest.classes(), "split": manifest.frame["split"].to_numpy()})
    return table[table["split"].isin(["train", "valid"])]


def our_commands(args: argparse.Namespace, workspace: Path) -> list[list[str]]:
    timm_args = ", ".join(f"{name} = {json.dumps(value)}" for name, value in json.loads(args.args).items())
    options = {
        "model.backbone": args.backbone,
        "model.weights": str(args.weights),
        "model.args": f"{{ {timm_args} }}",
        "model.mean": MEAN_STD,
        "model.std": MEAN_STD,
        "model.size_px": args.size,
        "crop.method": args.crop,
        "train.epochs": args.epochs,
        "train.patience": args.epochs,
    }
    sets = [f"{name}={value}" for name, value in options.items()] + args.set
    command = [sys.executable, "-m", "photobench"]
    labels = ["--labels", str(args.labels)] if args.labels else []
    return [
        [*command, "init", str(args.data), "--workspace", str(workspace), *labels],
        [*command, "train", "--workspace", str(workspace), *(part for text in sets for part in ("--set", text))],
    ]


def their_command(way: str, args: argparse.Namespace, photos: Path, folder: Path) -> list[str]:
    given = {
        "photos": photos,
        "folder": folder,
        "weights": args.weights,
        "backbone": args.backbone,
        "args": args.args,
        "epochs": args.epochs,
        "size": args.their_size,
        "crop": args.crop,
    }
    options = [part for name, value in given.items() for part in (f"--{name}", str(value))]
    return [sys.executable, str(Path(__file__).with_name("fine_tuning.py")), way, *options]


def courses(args: argparse.Namespace, root: Path) -> Iterator[tuple[str, Course]]:
    """Each way after the other, ours first."""
    photos = root / "photos.csv"
    table = split_photos(args.data, args.labels, root / "split")
    table.to_csv(photos, index=False)
    counts = table["split"].value_counts()
    print(f"\n{args.data.name}: {counts['train']} photos to learn from, {counts['valid']} to be asked about, "
          f"{table['class'].nunique()} classes", flush=True)  # fmt: skip
    commands = {OURS: our_commands(args, root / OURS)}
    for way in filter(None, args.contenders.split(",")):
        commands[way] = [their_command(way, args, photos, root / way)]
    for way, lines in commands.items():
        (root / way).mkdir()
        print(f"\n{way}: {shlex.join(lines[-1][1:])}", flush=True)
        course = watch(lines, root / way)
        print("; ".join(f"{s:.3f} at {at:.1f} s" for at, s in zip(course.seconds, course.scores, strict=True)))
        yield way, course
    _check_same_split(table, root / OURS)


def _check_same_split(table: pd.DataFrame, workspace: Path) -> None:
    """The run's own manifest: an option that moves photos between the sides would make the comparison void."""
    from photobench.records import Manifest

    (file,) = workspace.glob("runs/*/manifest.parquet")
    manifest = Manifest.read(file)
    sides = dict(zip((str(manifest.root / p) for p in manifest.frame["path"]), manifest.frame["split"], strict=True))
    if any(sides[path] != split for path, split in zip(table["path"], table["split"], strict=True)):
        raise SystemExit("photobench trained on another split than the others.")


def table_of(found: dict[str, Course]) -> str:
    target = min(max(course.scores) for course in found.values())
    ours = found[OURS].reached(target)
    lines = [f"Wall time to a validation macro-F1 of {target:.3f}\n"]
    lines += [f"{'way':<14}{'to the score':>14}{'ratio':>9}{'in all':>11}{'last score':>13}{'best':>8}"]
    for way, course in found.items():
        at = course.reached(target)
        lines.append(
            f"{way:<14}{at:>12.1f} s{at / ours:>8.2f}×{course.total_s:>9.1f} s{course.scores[-1]:>13.3f}{max(course.scores):>8.3f}"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="photos with labels, as `photobench init` takes them")
    parser.add_argument("--labels", type=Path, help="the label table, where there is one")
    parser.add_argument("--weights", type=Path, required=True, help="that all ways start from")
    parser.add_argument("--backbone", default="mobilenetv2_035", help="timm's name of the model")
    parser.add_argument("--args", default='{"pad_type": "same", "bn_eps": 0.001}', help="further ones of timm, in JSON")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--size", type=int, default=128, help="side of the photos in photobench, in pixels")
    parser.add_argument("--their-size", type=int, default=224, help="side of the photos in the other ways")
    parser.add_argument("--crop", choices=("face", "none"), default="none")
    parser.add_argument("--contenders", default="plain,fastai")
    parser.add_argument("--set", action="append", default=[], help="a further option of photobench: KEY=VALUE")
    args = parser.parse_args()
    args.data, args.weights = args.data.resolve(), args.weights.resolve()
    args.labels = args.labels.resolve() if args.labels else None
    print_facts()
    with tempfile.TemporaryDirectory(prefix="bench-to-score-") as root:
        found = dict(courses(args, Path(root)))
    print(f"\n{table_of(found)}")


if __name__ == "__main__":
    main()
