"""Source → manifest → pack → split: photos ready for a model."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import pandas as pd

from photobench.data.pack import Pack, PackSpec, build_pack, pack_key
from photobench.data.split import split_counts, split_manifest, split_notes
from photobench.progress import duration, say
from photobench.records import Manifest
from photobench.sources.manifest import build_manifest
from photobench.workflow.bench import Bench


@dataclass(frozen=True)
class Prepared:
    """Photos ready for a model: known, decoded and divided."""

    manifest: Manifest
    pack: Pack


def prepare(bench: Bench, spec: PackSpec | None = None) -> Prepared:
    """Source → manifest → pack → split. The photos are read only where the pack lacks them."""
    options = bench.options
    spec = spec or pack_spec(bench)
    with bench.workspace.lock("photobench pack"):
        manifest = build_manifest(options.source, options.attributes, bench.project.root)
        fresh = not (bench.workspace.packs / pack_key(manifest, spec)).exists()
        started = time.monotonic()
        pack = build_pack(manifest, spec, bench.workspace.packs, options.pack.workers)
        if fresh:
            bench.workspace.add_timing("pack", time.monotonic() - started)
            rate = len(manifest) / max(time.monotonic() - started, 1e-9)
            say(
                f"pack: {len(manifest):,} photos at {spec.size_px} px in {duration(time.monotonic() - started)} ({rate:,.0f}/s)"
            )
        manifest = split_manifest(pack.annotate(manifest), options.split)
        manifest = replace(manifest, notes=(*manifest.notes, *split_notes(manifest)))
        bench.workspace.write(bench.workspace.manifest_file, manifest.to_bytes())
    return Prepared(manifest, pack)


def pack_spec(bench: Bench) -> PackSpec:
    """The stored squares that the project's model wants."""
    options = bench.options
    size_px = options.pack.size_px or round(options.model.size_px / options.model.crop)
    return PackSpec(size_px, options.pack.fit)


def describe_split(manifest: Manifest) -> str:
    """One line: how many photos and groups are on each side, and how many are left out."""
    parts = []
    for split in ("train", "valid", "test", "predict"):
        rows = manifest.rows(split)
        if len(rows):
            groups = manifest.frame["group"].iloc[rows].nunique()
            of = f" of {groups:,} groups" if manifest.has_groups and split != "predict" else ""
            parts.append(f"{split} {len(rows):,}{of}")
    broken = len(manifest.broken())
    return "split: " + " · ".join(parts) + (f" · {broken:,} left out (photobench list problems)" if broken else "")


def split_table(manifest: Manifest) -> pd.DataFrame:
    """Photos per class in train, valid and test."""
    return pd.DataFrame(split_counts(manifest), columns=["train", "valid", "test"], index=manifest.space.class_names)
