"""What photos look like, measured once per pack, and what is known of them without measuring."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from photobench import __version__
from photobench.data.pack import Pack
from photobench.data.packing import open_pack
from photobench.explore.statistics import COLUMNS, MEASURES, photo_statistics
from photobench.records import Manifest, fingerprint, parquet_bytes, read_parquet
from photobench.workflow.bench import Bench
from photobench.workflow.photos.preparing import Prepared, Way


def statistics(bench: Bench, prepared: Prepared) -> pd.DataFrame:
    """A row per photo, measured once per pack: `path` and what `photo_statistics` measures."""
    pack = prepared.pack
    path, key = _kept(pack)
    return _read(bench.workspace.derived(path, key, lambda: _measured(pack)))


def known_measures(bench: Bench, manifest: Manifest, way: Way) -> pd.DataFrame:
    """`path` and the measures of photos as a run saw them, where `statistics` measured them earlier; no rows where it did not."""
    pack = open_pack(manifest, way.pack, bench.workspace.packs)
    kept = bench.workspace.recall(*_kept(pack)) if pack else None
    if kept is not None:
        return _read(kept)[["path", *MEASURES]]
    return pd.DataFrame(columns=["path", *MEASURES]).astype(dict.fromkeys(MEASURES, float))


def _kept(pack: Pack) -> tuple[Path, str]:
    """Where the measures of a pack are kept, and what they are made from."""
    key = fingerprint(__version__, COLUMNS, pack.table["crc32"].tolist(), pack.table["path"].tolist())
    return pack.folder / "statistics.parquet", key


def _measured(pack: Pack) -> bytes:
    found = photo_statistics(pack.pixels, (pack.table["reason"] == "").to_numpy())
    found.insert(0, "path", pack.table["path"].to_numpy())
    return parquet_bytes(found, "photobench.statistics", {})


def _read(kept: bytes) -> pd.DataFrame:
    return read_parquet(kept, "photobench.statistics")[0]
