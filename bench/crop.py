"""Finding faces for the crop: facenet-pytorch's MTCNN called on each photo, as a Dataset would, beside photobench's crop stage.

    python bench/crop.py [--data DATA] [--photos 400] [--rounds 3]

Without --data on the demo's drawn photos only. With it also on DATA/masks, DATA/face_detection/rmfd_raw_masked and
DATA/face_detection/group_photos_ultraface, and recall and precision on DATA/face_detection/dlib_faces, whose 43 boxes are known,
with YuNet where DATA/weights has it. Both start at files and end at boxes. Each way runs in a process of its own, with all cores,
in turns; the figures are medians of the rounds. A face of the naive way is found where a box of ours overlaps it by half (IoU).
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from machine import print_facts

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
EPOCHS = 5


def naive(paths: list[str]) -> dict:
    """Pillow, and MTCNN.detect on the full photo. Returns seconds and, per photo, boxes with their scores."""
    import time

    from facenet_pytorch import MTCNN
    from PIL import Image

    detector = MTCNN(keep_all=True)
    found, started = [], time.perf_counter()
    for path in paths:
        try:
            boxes, scores = detector.detect(Image.open(path).convert("RGB"))
        except (
            Exception
        ):  # a photo that Pillow cannot open; facenet-pytorch also fails where its first network finds nothing
            boxes, scores = None, None
        found.append([] if boxes is None else [[*map(float, b), float(s)] for b, s in zip(boxes, scores, strict=True)])
    return {"seconds": time.perf_counter() - started, "found": found}


def ours(paths: list[str], method: str = "face", weights: str = "") -> dict:
    """The crop stage's own look, with its threads and its bounded size; the boxes are those of the full photo."""
    import os
    import time

    from photobench.crop.detectors import build_detector
    from photobench.crop.look import Looker, look_at_all
    from photobench.crop.options import CropOptions

    options = CropOptions(method=method, detector_weights=weights)
    looker, found = Looker(build_detector(options, Path()), options.max_side_px), [[]] * len(paths)
    with looker.detector.working():
        started = time.perf_counter()
        for numbers, looks in look_at_all(looker, [Path(p) for p in paths], os.cpu_count() or 1):
            for number, look in zip(numbers, looks, strict=True):
                boxes_F5 = np.hstack([look.found.boxes_F4, look.found.scores_F[:, None]])
                found[number] = boxes_F5[boxes_F5[:, 4] >= options.min_score].tolist()
    return {"seconds": time.perf_counter() - started, "found": found}


def again(paths: list[str]) -> dict:
    """What an epoch after the first pays for its boxes: they are read from the cache."""
    import tempfile
    import time

    import pandas as pd

    from photobench.crop.options import CropOptions
    from photobench.crop.stage import find_boxes
    from photobench.records import Attribute, ClassSpace, Manifest

    stats = [Path(p).stat() for p in paths]
    frame = pd.DataFrame({"path": [p.lstrip("/") for p in paths], "group": "", "split": ""})
    frame = frame.assign(bytes=[s.st_size for s in stats], mtime_ns=[s.st_mtime_ns for s in stats], reason="")
    manifest = Manifest(frame, ClassSpace((Attribute("x", ("a", "b")),)), Path("/"))
    with tempfile.TemporaryDirectory() as cache:
        find_boxes(manifest, CropOptions(method="face"), {}, Path(), Path(cache), 2)
        started = time.perf_counter()
        find_boxes(manifest, CropOptions(method="face"), {}, Path(), Path(cache), 2)
        return {"seconds": time.perf_counter() - started}


def overlap(first_A4: np.ndarray, second_B4: np.ndarray) -> np.ndarray:
    """IoU of each pair, (A, B)."""
    start = np.maximum(first_A4[:, None, :2], second_B4[None, :, :2])
    end = np.minimum(first_A4[:, None, 2:4], second_B4[None, :, 2:4])
    shared = np.clip(end - start, 0, None).prod(axis=2)
    areas = [(b[:, 2:4] - b[:, :2]).prod(axis=1) for b in (first_A4, second_B4)]
    return shared / np.maximum(areas[0][:, None] + areas[1][None] - shared, 1e-9)


def agreement(reference: list, found: list) -> tuple[int, int, float]:
    """How many faces of the reference are found, of how many, and the mean IoU of those."""
    overlaps = []
    for theirs, mine in zip(reference, found, strict=True):
        if theirs:
            both = overlap(np.array(theirs), np.array(mine).reshape(-1, 5))
            overlaps += both.max(axis=1, initial=0.0).tolist()
    hits = [value for value in overlaps if value > 0.5]
    return len(hits), len(overlaps), float(np.mean(hits)) if hits else 0.0


def against_truth(found: list, truth: list, ignored: list, iou: float = 0.4) -> tuple[int, int, int]:
    """Faces found, faces there, and boxes that are no face; what lies on an ignored box counts neither way."""
    hits = total = wrong = 0
    for mine, known, free in zip(found, truth, ignored, strict=True):
        boxes, faces = np.array(mine).reshape(-1, 5), np.array(known).reshape(-1, 4)
        on_face = overlap(faces, boxes) >= iou
        on_free = overlap(np.array(free).reshape(-1, 4), boxes) >= iou
        hits, total = hits + int(on_face.any(axis=1).sum()), total + len(faces)
        wrong += int((~on_face.any(axis=0) & ~on_free.any(axis=0)).sum())
    return hits, total, wrong


def known_faces(folder: Path) -> tuple[list[str], list, list]:
    import pandas as pd

    table = pd.read_csv(folder / "boxes.csv")
    table = table.assign(right=table["left"] + table["width"], bottom=table["top"] + table["height"])
    paths, truth, ignored = [], [], []
    for name, rows in table.groupby("file"):
        corners = rows[["left", "top", "right", "bottom"]].to_numpy(float)
        paths.append(str(folder / str(name)))
        truth.append(corners[rows["ignore"] == 0].tolist())
        ignored.append(corners[rows["ignore"] == 1].tolist())
    return paths, truth, ignored


def alone(call: str, paths: list[str]) -> dict:
    """A way in a process of its own; `call` is an expression of this module with `paths`."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(paths, file)
        file.flush()
        code = f"import json, crop; paths = json.load(open({file.name!r})); print(json.dumps({call}))"
        code = code.replace("naive(", "crop.naive(").replace("ours(", "crop.ours(").replace("again(", "crop.again(")
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parent)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def photos_below(folder: Path, limit: int) -> list[str]:
    found = sorted(str(p) for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES)
    return [found[i] for i in np.unique(np.linspace(0, len(found) - 1, min(limit, len(found)), dtype=int))]


def compare(name: str, paths: list[str], rounds: int) -> np.ndarray:
    """Prints a row. Returns photos, seconds of the naive way and of ours, faces found, and of how many."""
    runs = [(alone("naive(paths)", paths), alone("ours(paths)", paths)) for _ in range(rounds)]
    slow, fast = (statistics.median(run[i]["seconds"] for run in runs) for i in (0, 1))
    hits, total, iou = agreement(runs[0][0]["found"], runs[0][1]["found"])
    extra = sum(map(len, runs[0][1]["found"])) - hits
    later = alone("again(paths)", paths)["seconds"]
    print(
        f"{name:<12}{len(paths):>7}{len(paths) / slow:>10.1f}{len(paths) / fast:>10.1f}{slow / fast:>8.2f}×"
        f"{hits:>8}/{total:<5}{100 * hits / max(total, 1):>6.1f} %{iou:>7.3f}{extra:>7}"
        f"{EPOCHS * slow:>10.1f} s{fast + (EPOCHS - 1) * later:>8.1f} s",
        flush=True,
    )
    return np.array([len(paths), slow, fast, hits, total])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder with masks, face_detection and weights")
    parser.add_argument("--photos", type=int, default=400, help="photos of each set at the most")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    print_facts()
    print(
        "\nphotos/s from files to boxes; found, IoU and extra against the faces of the naive way; 5 epochs: time for boxes\n"
    )
    print(
        f"{'set':<12}{'photos':>7}{'naive':>10}{'ours':>10}{'ratio':>9}{'found':>12}{'':>10}{'IoU':>7}{'extra':>7}"
        f"{'5 epochs naive, ours':>22}"
    )
    with tempfile.TemporaryDirectory() as folder:
        from photobench.sources.demo import make_demo

        make_demo(Path(folder), num_people=max(20, arguments.photos // 7), num_eval_people=1)
        sums = compare("demo", photos_below(Path(folder) / "train", arguments.photos), arguments.rounds)
    if arguments.data is None:
        return
    faces = arguments.data / "face_detection"
    for name, place in (
        ("masks", arguments.data / "masks"),
        ("rmfd", faces / "rmfd_raw_masked"),
        ("group", faces / "group_photos_ultraface"),
    ):
        sums += compare(name, photos_below(place, arguments.photos), arguments.rounds)
    photos, slow, fast, hits, total = sums
    print(
        f"{'all':<12}{photos:>7.0f}{photos / slow:>10.1f}{photos / fast:>10.1f}{slow / fast:>8.2f}×"
        f"{hits:>8.0f}/{total:<5.0f}{100 * hits / total:>6.1f} %"
    )
    compare_with_truth(arguments.data)


def compare_with_truth(data: Path) -> None:
    paths, truth, ignored = known_faces(data / "face_detection" / "dlib_faces")
    ways = {"naive MTCNN": "naive(paths)", "photobench face": "ours(paths)"}
    yunet = data / "weights" / "yunet_s_dynamic.onnx"
    if yunet.exists():
        ways["photobench yunet"] = f"ours(paths, 'yunet', {str(yunet)!r})"
    print(f"\nOn {len(paths)} photos whose {sum(map(len, truth))} faces are known (IoU 0.4)\n")
    print(f"{'way':<20}{'recall':>16}{'precision':>16}")
    for name, call in ways.items():
        hits, total, wrong = against_truth(alone(call, paths)["found"], truth, ignored)
        recall, precision = (
            f"{hits}/{total} {hits / total:.3f}",
            f"{hits}/{hits + wrong} {hits / max(hits + wrong, 1):.3f}",
        )
        print(f"{name:<20}{recall:>16}{precision:>16}", flush=True)


if __name__ == "__main__":
    main()
