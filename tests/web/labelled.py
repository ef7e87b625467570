"""A workspace with two labels of every photo and a given split, and findings about both labels."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from photobench.records import Finding
from tests.conftest import draw_folder, project_toml
from tests.web.suspects import CLASSES, write_findings

TABLE = """kind = "table"
table = "labels.csv"
path_column = "path"
split_column = "split"
"""
SIZE = """
[[attributes]]
name = "size"
values = ["large", "small"]
"""
SPLITS = ("train", "train", "valid", "test")
OTHER = {"green": "blue", "blue": "red", "large": "small", "small": "large"}


def make_labelled(root: Path) -> Path:
    """36 photos of 12 people; the label of 24 is suspected, and the size of 12 of them."""
    photos = draw_folder(root / "photos", CLASSES, 4, 3)
    bench = root / "bench"
    bench.mkdir()
    table = labels_of(photos)
    table.to_csv(bench / "labels.csv", index=False)
    toml = project_toml(photos, extra=SIZE).replace('kind = "folder"\n', TABLE)
    (bench / "photobench.toml").write_text(toml)
    write_findings(bench, suspected(table))
    return bench


def labels_of(photos: Path) -> pd.DataFrame:
    """Of every photo; a person has one of each. All labels and sizes are in every split."""
    paths = [path.relative_to(photos).as_posix() for path in sorted(photos.rglob("*.jpg"))]
    people = [int(path.partition("_")[0][-1]) for path in paths]
    return pd.DataFrame(
        {
            "path": paths,
            "label": [path.partition("/")[0] for path in paths],
            "size": [
                ("large", "small")[("green" in path) ^ person % 2] for path, person in zip(paths, people, strict=True)
            ],
            "split": [SPLITS[person] for person in people],
        }
    )


def suspected(table: pd.DataFrame) -> list[Finding]:
    """The most suspicious first, which is no other order of the list."""
    doubted = [(row.path, "label", row.label) for row in table.query("label != 'red'").itertuples()]
    doubted += [(row.path, "size", row.size) for row in table.query("label == 'blue'").itertuples()]
    mixed = [doubted[place * 7 % len(doubted)] for place in range(len(doubted))]
    return [
        Finding("labels", "wrong label", path, name, round(0.99 - place / 50, 2), given, OTHER[given], "relabel", "So it looks.")
        for place, (path, name, given) in enumerate(mixed)
    ]  # fmt: skip
