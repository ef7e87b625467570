"""Photos in folders named after their class, with or without train / valid / test folders above them.

photos/cat/1.jpg                       the class is the first folder, however deep the photo lies
photos/train/cat/1.jpg  photos/val/…   the first folder is the split, the second the class
photos/test/1.jpg                      beside train/: no class folders, so these are the photos to predict
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from photobench.errors import SourceError
from photobench.sources.files import complaint, folder_problem, no_photos, photo_paths, source_rows, split_name
from photobench.sources.options import SourceOptions
from photobench.words import count, examples

COLUMN = "label"
"""The one label column of this source."""


def scan(photos: Path, options: SourceOptions, table: Path | None = None) -> pd.DataFrame:
    """Rows with `path`, `label` (missing outside class folders) and `split`. `table` is not used.

    Raises:
        SourceError: no such folder, no photos, no class folders, or nothing in the folder to predict.
    """
    problem = folder_problem(photos)
    if problem:
        raise SourceError(problem)
    paths = photo_paths(photos)
    if not paths:
        raise SourceError(no_photos(photos))
    predict = predict_paths(paths, options.predict)
    labelled = [p for p in paths if p not in predict]
    problems = []
    if options.predict and not predict:
        problems.append(no_predict(photos, options.predict))
    if not class_folders(labelled):
        problems.append(flat_folder(photos, len(labelled)))
    if problems:
        raise complaint(problems)
    return _rows(paths, predict)


def class_folders(paths: list[str]) -> list[str]:
    """The class names, in no order."""
    return list({label for _, label, used in _placed(paths) if label and used})


def has_given_splits(paths: list[str]) -> bool:
    """Whether the first folders are train (with class folders in it) and perhaps others."""
    return any(split_name(parts[0]) == "train" for parts in map(_parts, paths) if len(parts) >= 3)


def predict_paths(paths: list[str], folder: str) -> set[str]:
    """The photos below the folder that source.predict names."""
    prefix = folder.replace("\\", "/").removeprefix("./").strip("/") + "/"
    return {p for p in paths if p.startswith(prefix)} if folder else set()


def no_predict(photos: Path, folder: str) -> str:
    return (
        f'There is no photo in "{folder}" of {photos}, where source.predict says that the photos to '
        "predict are. Correct it, or leave it out."
    )


def flat_folder(photos: Path, num_photos: int) -> str:
    return (
        f"The {count(num_photos, 'photo')} in {photos} have no labels: there are no class folders. "
        "Sort them into one folder per class, or give a table: photobench init PHOTOS --labels labels.csv"
    )


def _rows(paths: list[str], predict: set[str]) -> pd.DataFrame:
    placed = [("predict", "", True) if p in predict else place for p, place in zip(paths, _placed(paths), strict=True)]
    frame = pd.DataFrame({"path": paths, "split": [s for s, _, _ in placed]})
    frame[COLUMN] = pd.array([label or None for _, label, _ in placed], dtype="string")
    used = [u for _, _, u in placed]
    outside = [p for p, u in zip(paths, used, strict=True) if not u]
    notes = []
    if outside:
        notes.append(
            f"{count(len(outside), 'photo lies', 'photos lie')} beside the split folders and "
            f"{'is' if len(outside) == 1 else 'are'} not used: {examples(outside)}."
        )
    return source_rows(frame[used], notes)


def _placed(paths: list[str]) -> list[tuple[str, str, bool]]:
    """(split, class, whether it is used) of each photo."""
    all_parts = [_parts(p) for p in paths]
    if not has_given_splits(paths):
        return [("", parts[0] if len(parts) > 1 else "", True) for parts in all_parts]
    labelled_test = any(len(parts) >= 3 for parts in all_parts if split_name(parts[0]) == "test")
    placed = []
    for parts in all_parts:
        split = split_name(parts[0]) if len(parts) > 1 else ""
        label = parts[1] if len(parts) >= 3 and split != "predict" else ""
        to_predict = split == "predict" or (split == "test" and not labelled_test)
        placed.append(("predict" if to_predict else split, label, bool(split)))
    return placed


def _parts(path: str) -> list[str]:
    return path.split("/")
