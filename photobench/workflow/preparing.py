"""Source → manifest → pack → split: photos ready for a model."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import pandas as pd

from photobench.data.pack import Pack, PackSpec, build_pack, pack_bytes, pack_key, size_text
from photobench.data.split import split_counts, split_manifest, split_notes
from photobench.progress import duration, say
from photobench.records import Manifest
from photobench.sources.groups import propose
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
    if spec in bench.prepared:
        return bench.prepared[spec]
    with bench.workspace.lock("photobench pack"):
        manifest = build_manifest(options.source, options.attributes, bench.project.root)
        pack = _pack(bench, manifest, spec)
        manifest = split_manifest(pack.annotate(manifest), options.split)
        manifest = replace(manifest, notes=(*manifest.notes, *split_notes(manifest), *_about_groups(manifest)))
        bench.workspace.write(bench.workspace.manifest_file, manifest.to_bytes())
    bench.prepared[spec] = Prepared(manifest, pack)
    return bench.prepared[spec]


def _pack(bench: Bench, manifest: Manifest, spec: PackSpec) -> Pack:
    """The pack of these photos; where there is none yet, its size is said before, and its speed after."""
    packs, workers = bench.workspace.packs, bench.options.pack.workers
    if (packs / pack_key(manifest, spec)).exists():
        return build_pack(manifest, spec, packs, workers)
    num, started = len(manifest), time.monotonic()
    say(f"pack: {num:,} photos at {spec.size_px} px, {size_text(pack_bytes(num, spec))} in {packs}")
    pack = build_pack(manifest, spec, packs, workers)
    seconds = time.monotonic() - started
    bench.workspace.add_timing("pack", seconds)
    say(f"pack: done in {duration(seconds)} ({num / max(seconds, 1e-9):,.0f} photos/s)")
    return pack


def _about_groups(manifest: Manifest) -> list[str]:
    """The warning without which people split photos instead of people."""
    if manifest.has_groups:
        return []
    warning = "Who or what is in a photo is not known, so each is split by itself: if several show the same, validation is too good"
    frame = manifest.frame
    first = frame["path"].iloc[0].split("/") if len(frame) else []
    classes = {value for attribute in manifest.space.attributes for value in attribute.values}
    depth = next((number for number, part in enumerate(first, 1) if part in classes), 0)  # folders that mean the class
    labels = dict(zip(frame["path"], frame[manifest.space.attributes[0].name].fillna("").astype(str), strict=True))
    proposal = propose(frame["path"].tolist(), depth, labels)
    if proposal is None:
        return [f"{warning}. Set source.group_column or source.group_pattern."]
    return [f"{warning}. The names suggest source.group_pattern = '{proposal.pattern}' ({proposal.evidence})."]


def pack_spec(bench: Bench) -> PackSpec:
    """The stored squares that the project's model wants."""
    options = bench.options
    size_px = options.pack.side_px or round(options.model.size_px / options.model.crop)
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
