"""Source → manifest → merged groups → boxes → pack → split → decided labels: photos ready for a model."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from photobench.crop.options import NO_CROP, CropOptions
from photobench.crop.stage import Boxed, find_boxes
from photobench.crop.words import box_counts
from photobench.data.options import SplitOptions
from photobench.data.pack import Pack, PackSpec, pack_bytes, pack_key
from photobench.data.packing import build_pack, is_settled, open_pack
from photobench.data.split import check_sides, split_counts, split_manifest, split_notes
from photobench.decisions.applying import decide_labels, merge_groups
from photobench.decisions.standing import standing
from photobench.decisions.words import decided_in, decision_notes
from photobench.errors import PhotobenchError
from photobench.progress import say
from photobench.records import BOX, GROUP, Box, Manifest
from photobench.sources.groups import propose_for
from photobench.sources.manifest import build_manifest
from photobench.words import duration, size_text
from photobench.workflow.bench import Bench
from photobench.workflow.photos.changes import changes


@dataclass(frozen=True)
class Way:
    """What a photo goes through before a model sees it: where it is cut, and the stored square."""

    crop: CropOptions
    pack: PackSpec
    usual: Box | None = None
    """Cut out where nothing is found: a run's own; None finds it among today's photos."""


@dataclass(frozen=True)
class Prepared:
    """Photos ready for a model: known, cut, decoded and divided."""

    manifest: Manifest
    pack: Pack
    way: Way


def prepare(bench: Bench, way: Way | None = None) -> Prepared:
    """Source → manifest → boxes → pack → split → labels as decided. The photos are read only where boxes or pack lack them.

    Raises:
        WorkspaceError: photos have to be read, and another process holds the workspace.
    """
    way = way or project_way(bench)
    key = bench.options.split, bench.options.source.decisions
    if (way, key) in bench.prepared:
        return bench.prepared[way, key]
    whole = undivided(bench, way)
    manifest = divided(bench, whole, bench.options.split)
    manifest = replace(manifest, notes=(*manifest.notes, *split_notes(manifest), *_about_groups(manifest)))
    if _is_of_project(bench, way):  # whoever reads it means the photos as the project cuts them
        bench.workspace.keep(bench.workspace.manifest_file, manifest.to_bytes())
    prepared = replace(whole, manifest=manifest)
    bench.prepared.update({(way, key): prepared, (prepared.way, key): prepared})
    return prepared


def divided(bench: Bench, whole: Prepared, split: SplitOptions) -> Manifest:
    """The photos divided by the labels as they were given, then with those that people decided."""
    given = whole.manifest
    return whole.pack.annotate(_decided(bench, split_manifest(given, split), given.frame["split"]))


def undivided(bench: Bench, way: Way) -> Prepared:
    """The photos before the split, which is all that the folds of a training differ in."""
    if way not in bench.prepared:
        boxed = boxes(bench, way)
        if way.crop.method != "none":
            say(f"crop: {box_counts(boxed.manifest)}")
        pack = _pack(bench, boxed.manifest, way.pack)
        whole = Prepared(pack.annotate(boxed.manifest), pack, replace(way, usual=boxed.usual))
        bench.prepared.update({way: whole, whole.way: whole})
    return bench.prepared[way]


def boxes(bench: Bench, way: Way) -> Boxed:
    """Source → manifest → boxes; what is said of them is among the manifest's notes."""
    options, crop = bench.options, way.crop
    columns = crop.box_columns if crop.method == "box" else ()
    manifest = build_manifest(options.source, options.attributes, bench.project.root, columns)
    for line in bench.new_notes(changes(bench, manifest)):
        say(line)
    manifest = merge_groups(manifest, standing(bench.workspace.numbered_decisions(GROUP)))  # before anything is divided
    decided = {path: Box(**box, how="decided") for path, box in bench.workspace.decided(BOX).items()}
    threads = options.pack.workers or os.cpu_count() or 1
    boxed = find_boxes(manifest, crop, decided, bench.project.root, bench.workspace.looks, threads, way.usual)
    if boxed.seconds:
        bench.workspace.add_timing("crop", boxed.seconds)
    return replace(boxed, manifest=replace(boxed.manifest, notes=(*boxed.manifest.notes, *boxed.notes)))


def _decided(bench: Bench, manifest: Manifest, given_split: pd.Series) -> Manifest:
    """The divided photos with the labels that people decided, and what is to be said of it."""
    decisions = bench.workspace.numbered_decisions()
    notes = decision_notes(manifest, decisions)
    if bench.options.source.decisions:
        given, manifest = manifest, decide_labels(manifest, standing(decisions), given_split)
        if manifest is not given:
            check_sides(manifest, "Decisions took it away. Look at them: photobench decisions list")
    effect = decided_in(manifest)
    return replace(manifest, notes=(*manifest.notes, *([effect] if effect else []), *notes))


def _pack(bench: Bench, manifest: Manifest, spec: PackSpec) -> Pack:
    """The pack of these photos; where there is none yet, its size is said before, and its speed after."""
    packs = bench.workspace.packs
    there = open_pack(manifest, spec, packs)
    # What could not be read is tried again, but not while another process works.
    if there and (is_settled(there) or bench.workspace.is_in_use()):
        return there
    with bench.workspace.lock("photobench pack"):
        if (packs / pack_key(manifest, spec)).exists():
            return build_pack(manifest, spec, packs, bench.options.pack.workers)
        return _built(bench, manifest, spec)


def _built(bench: Bench, manifest: Manifest, spec: PackSpec) -> Pack:
    packs, workers = bench.workspace.packs, bench.options.pack.workers
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
    proposal = propose_for(manifest)
    if proposal is None:
        return [f"{warning}. Set source.group_column or source.group_pattern."]
    return [f"{warning}. The names suggest source.group_pattern = '{proposal.pattern}' ({proposal.evidence})."]


def project_way(bench: Bench) -> Way:
    """The way that the project's options describe."""
    options = bench.options
    size_px = options.pack.side_px or round(options.model.size_px / options.model.crop)
    if options.crop.method == "none":
        return Way(NO_CROP, PackSpec(size_px, options.pack.fit))
    aspect = 1.0 if options.crop.align else options.crop.aspect  # what is turned is a square, whatever the angle
    return Way(options.crop, PackSpec(size_px, options.pack.fit, options.crop.margin, aspect))


def _is_of_project(bench: Bench, way: Way) -> bool:
    """Whether the photos are cut as the project would. A run's own usual box is no other cut where every box is known without it."""
    is_usual_free = way.usual is None or way.crop.method in ("none", "center")
    return is_usual_free and replace(way, usual=None) == project_way(bench)


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


def stored_squares(prepared: Prepared) -> Callable[[str], np.ndarray]:
    """The stored square of a photo by its path; PhotobenchError where it was removed since."""
    row_of = {path: row for row, path in enumerate(prepared.manifest.frame["path"])}

    def thumbnail(path: str) -> np.ndarray:
        if path not in row_of:
            raise PhotobenchError(f"{path} is no longer among the photos.")
        return np.asarray(prepared.pack.pixels[row_of[path]])

    return thumbnail
