"""The table of sources: where photos and labels come from.

A source is `scan(photos, options, table) -> DataFrame`, with a row per photo, sorted by path: `path` (posix,
relative to the photos folder, unique), label columns as found (missing where unlabelled), and optionally
`group`, `split` (train, valid, test, predict or empty) and `reason` (why a row cannot be used).
`attrs["notes"]` holds sentences for the person, `attrs["conflicts"]` the label columns in which several rows
of one photo disagree: {column: (number of photos, examples)}. It never writes into the photos folder.
"""

from __future__ import annotations

import pandas as pd

from photobench.registry import Entry, Registry
from photobench.sources import aistages, folder, table

SOURCES: Registry[pd.DataFrame] = Registry(
    "source",
    Entry("folder", folder.scan, "a folder per class, with or without train / valid / test above"),
    Entry("table", table.scan, "photos anywhere below a folder, and a CSV, TSV or Parquet table of labels"),
    Entry(
        "aistages",
        aistages.scan,
        "the AI Stages mask competition: train/train.csv, train/images, eval/info.csv",
    ),
)
