"""The layout of the AI Stages mask competition: seven photos a person, 18 classes.

    train/train.csv                                       id, gender, race, age, path
    train/images/<path>/{mask1..mask5,incorrect_mask,normal}.{jpg,jpeg,png}
    eval/info.csv                                         ImageID, ans: the sample submission
    eval/images/<ImageID>                                 the photos to predict

Class = 6 × mask + 3 × gender + age band.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from photobench.errors import SourceError
from photobench.sources.files import NO_FILE, complaint, folder_problem, natural_key, photo_paths, source_rows
from photobench.sources.options import AttributeOptions, SourceOptions
from photobench.sources.reading import as_text, read_table, table_problem
from photobench.sources.table import missing_column
from photobench.words import count, examples

ATTRIBUTES = (
    AttributeOptions(name="mask", values=("worn", "incorrect", "not worn")),
    AttributeOptions(name="gender", values=("male", "female")),
    AttributeOptions(name="age", values=("under 30", "30 to 59", "60 and over"), bins=(30, 60)),
)
TRAIN_TABLE = "train/train.csv"
SAMPLE = "eval/info.csv"
_TRAIN, _EVAL = "train/images/", "eval/images/"
_MASK_OF_STEM = {
    **{f"mask{n}": "worn" for n in range(1, 6)},
    "incorrect_mask": "incorrect",
    "normal": "not worn",
}


def recognises(photos: Path) -> bool:
    """Whether this folder holds the competition's train/."""
    return (photos / TRAIN_TABLE).is_file() and (photos / "train/images").is_dir()


def scan(photos: Path, options: SourceOptions, table: Path | None = None) -> pd.DataFrame:
    """Rows with `path`, `mask`, `gender`, `age` in years, `race`, `group` (the person), `split`.

    Rows are sorted by path, as in every source; the order of info.csv is the submission's business.

    Raises:
        SourceError: train.csv, a column or all photos are missing.
    """
    table = table or photos / TRAIN_TABLE
    problems = [p for p in (folder_problem(photos), table_problem(table)) if p]
    if problems:
        raise complaint(problems)
    people = _people(read_table(table, options.encoding), table)
    paths = photo_paths(photos)
    train, notes = _train_rows([p for p in paths if p.startswith(_TRAIN)], people, table)
    predict, more = _eval_rows(photos, [p for p in paths if p.startswith(_EVAL)], options.encoding)
    return source_rows(pd.concat([train, predict], ignore_index=True), notes + more)


def _people(raw: pd.DataFrame, table: Path) -> pd.DataFrame:
    """One row per person, indexed by the folder's name."""
    known = raw.columns.tolist()
    problems = [
        missing_column("AI Stages", name, known, str(table)) for name in ("path", "gender", "age") if name not in known
    ]
    if problems:
        raise complaint(problems)
    people = raw.assign(path=as_text(raw["path"])).dropna(subset=["path"])
    twice = people["path"][people["path"].duplicated()].tolist()
    if twice:
        raise SourceError(
            f"{table} names {count(len(twice), 'folder')} twice: {examples(twice)}. Keep one row of each."
        )
    return people.set_index("path")


def _train_rows(paths: list[str], people: pd.DataFrame, table: Path) -> tuple[pd.DataFrame, list[str]]:
    placed = [(path, *path[len(_TRAIN) :].rpartition("/")[::2]) for path in paths]
    strange = [path for path, person, name in placed if person in people.index and not _mask(name)]
    strangers = sorted(
        {person or "(no folder)" for _, person, _ in placed if person not in people.index}, key=natural_key
    )
    rows = [(path, person, _mask(name)) for path, person, name in placed if person in people.index and _mask(name)]
    frame = pd.DataFrame(rows, columns=["path", "group", "mask"])
    if frame.empty:
        raise SourceError(
            f"None of the {count(len(people), 'folder')} that {table} names holds a photo: it has "
            f"{examples(people.index, 2)}, and they are looked for in {_TRAIN} of the photos folder."
        )
    counts = frame.groupby("group").size()
    absent = [person for person in people.index if person not in counts.index]
    partial = [person for person in counts.index if counts[person] < len(_MASK_OF_STEM)]
    notes = [
        _note(
            absent,
            f"folder of {table.name} without photos on disk",
            f"folders of {table.name} without photos on disk",
        ),
        _note(partial, "person with fewer than seven photos", "people with fewer than seven photos"),
        _note(
            strangers,
            f"folder in {_TRAIN} that {table.name} does not name, not used",
            f"folders in {_TRAIN} that {table.name} does not name, not used",
        ),
        _note(strange, "photo with an unknown name, not used", "photos with unknown names, not used"),
    ]
    labels = people[[c for c in ("gender", "age", "race") if c in people.columns]]
    frame = frame.join(labels, on="group").assign(split="", reason="")
    return frame, [note for note in notes if note]


def _eval_rows(photos: Path, paths: list[str], encoding: str) -> tuple[pd.DataFrame, list[str]]:
    sample = photos / SAMPLE
    if not sample.is_file():
        return pd.DataFrame({"path": paths, "split": "predict", "reason": ""}), []
    info = read_table(sample, encoding)
    if "ImageID" not in info.columns:
        raise SourceError(missing_column("AI Stages", "ImageID", info.columns.tolist(), str(sample)))
    wanted = [f"{_EVAL}{name}" for name in as_text(info["ImageID"]).dropna().unique()]
    there = set(paths)
    missing = [path for path in wanted if path not in there]
    extra = sorted(there - set(wanted))
    frame = pd.DataFrame(
        {"path": wanted, "split": "predict", "reason": ["" if p in there else NO_FILE for p in wanted]}
    )
    notes = [
        _note(missing, f"photo of {SAMPLE} that is not on disk", f"photos of {SAMPLE} that are not on disk"),
        _note(
            extra,
            f"photo in {_EVAL} that info.csv does not name, not used",
            f"photos in {_EVAL} that info.csv does not name, not used",
        ),
    ]
    return frame, [note for note in notes if note]


def _mask(name: str) -> str:
    return _MASK_OF_STEM.get(Path(name).stem.lower(), "")


def _note(items: list[str], singular: str, plural: str) -> str:
    return f"{count(len(items), singular, plural)}: {examples(items)}." if items else ""
