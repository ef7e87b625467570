"""The boxes of a data set: what the table gives, what detectors find (once for each version of a photo), what people decided."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from photobench.crop.cache import LookCache, Version
from photobench.crop.choose import Chosen, choose, fall_back, usual_box
from photobench.crop.detectors import build_detector
from photobench.crop.fixed import Fixed
from photobench.crop.found import Detector
from photobench.crop.given import given_boxes
from photobench.crop.look import Looker, look_at_all
from photobench.crop.options import CropOptions
from photobench.errors import DetectorError
from photobench.progress import progress, say
from photobench.records import BOX_COLUMNS, EVIDENCE_COLUMNS, GIVEN_COLUMNS, Box, Manifest
from photobench.words import duration

Notes = list[str]

HOPELESS = 32
"""Photos, all of which failed, after which a detector is given up."""


@dataclass(frozen=True)
class Boxed:
    """A manifest with its boxes, and what is cut out of a photo of which nothing is known."""

    manifest: Manifest
    usual: Box
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    """Spent on looking at photos in this call."""


def find_boxes(
    manifest: Manifest,
    options: CropOptions,
    decided: Mapping[str, Box],
    root: Path,
    cache: Path,
    threads: int,
    usual: Box | None = None,
) -> Boxed:
    """The manifest with a box for each photo. Photos are looked at only where the cache lacks them.

    Args:
        decided: boxes that people have set, by path. They win.
        root: the folder that relative paths of the options start at.
        cache: the folder in which looks are kept.
        usual: what is cut out where nothing is found; None takes the median of what is found in the labelled photos.

    Raises:
        ConfigError: the method does not exist, or lacks something.
        DetectorError: a detector of the user's own returned nonsense.
        SourceError: the table's boxes are empty or inverted.
    """
    detector = build_detector(options, root)
    manifest, chosen, notes, seconds = _chosen(manifest, options, detector, cache, threads)
    usual = usual or _usual(manifest, chosen, decided)
    boxes = _complete(manifest, options, chosen, decided, usual)
    scores = [one.score if one else np.nan for one in chosen]
    counts = [one.num_found if one else 0 for one in chosen]
    columns = pd.DataFrame(map(astuple, boxes), columns=list(BOX_COLUMNS), index=manifest.frame.index)
    evidence = dict(zip(EVIDENCE_COLUMNS, (scores, counts, detector.fingerprint), strict=True))
    framed = manifest.with_columns(**columns, **evidence)
    return Boxed(framed.without_columns(*GIVEN_COLUMNS, "table_row"), usual, tuple(notes), seconds)


def _chosen(
    manifest: Manifest, options: CropOptions, detector: Detector, cache: Path, threads: int
) -> tuple[Manifest, list[Chosen | None], Notes, float]:
    """What is known of each photo before any fallback, what is to be said of it, and the seconds that looking took.

    The manifest gets the reason of photos that could not be read.
    """
    if isinstance(detector, Fixed):
        if detector.box is None:
            return manifest, *given_boxes(manifest, options), 0.0
        return manifest, [Chosen(detector.box, 1.0, 1)] * len(manifest), [], 0.0
    looks = LookCache(cache, f"{detector.fingerprint} at {options.max_side_px} px")
    versions = _versions(manifest)
    todo = [version for version in versions if version not in looks]
    looker = Looker(detector, options.max_side_px)
    troubles, seconds = _look(manifest, todo, looker, looks, threads) if todo else ({}, 0.0)
    seen = [looks[version] for version in versions]
    unread = np.array(["" if look.failed else look.trouble for look in seen], dtype=object)
    reason = manifest.frame["reason"].to_numpy(dtype=object)
    manifest = manifest.with_columns(reason=np.where(reason == "", unread, reason))
    return manifest, [choose(look, options) for look in seen], about_failures(troubles), seconds


def _look(
    manifest: Manifest, todo: list[Version], looker: Looker, looks: LookCache, threads: int
) -> tuple[dict[str, str], float]:
    """Look at photos, and keep it batch by batch. Returns at which of them the detector failed, why, and the seconds."""
    troubles: dict[str, str] = {}
    num_seen = num_done = 0
    with looker.detector.working(), progress(len(manifest), "crop", done=len(manifest) - len(todo)) as bar:
        started = time.monotonic()
        for numbers, batch in look_at_all(looker, [manifest.root / path for path, _, _ in todo], threads):
            looks.add({todo[number]: look for number, look in zip(numbers, batch, strict=True)})
            troubles |= {todo[n][0]: look.trouble for n, look in zip(numbers, batch, strict=True) if look.failed}
            num_seen += sum(look.width > 0 for look in batch)
            num_done += len(batch)
            all_new, at_end = len(todo) == len(manifest), num_done == len(todo)
            if all_new and 0 < num_seen == len(troubles) and (num_seen >= HOPELESS or at_end):
                raise DetectorError(
                    f"{looker.detector.name} failed at each of the {num_seen:,} photos that it was shown, and first so: "
                    f"{next(iter(troubles.values()))}."
                )
            bar.advance(len(batch))
        seconds = time.monotonic() - started
    say(f"crop: {len(todo):,} photos looked at in {duration(seconds)} ({len(todo) / max(seconds, 1e-9):,.0f} photos/s)")
    return troubles, seconds


def _versions(manifest: Manifest) -> list[Version]:
    columns = manifest.frame[["path", "bytes", "mtime_ns"]]
    return [(path, int(size), int(time)) for path, size, time in columns.itertuples(index=False, name=None)]


def about_failures(troubles: Mapping[str, str]) -> Notes:
    """What is to be said of the photos at which the detector failed (why, by path)."""
    if not troubles:
        return []
    path, trouble = next(iter(troubles.items()))
    photos = f"{len(troubles):,} photo{'s' if len(troubles) > 1 else ''}"
    return [
        f"{photos} at which the detector failed, treated as nothing found: {path} ({trouble})"
        + (", and more." if len(troubles) > 1 else ".")
    ]


def _known(manifest: Manifest, chosen: list[Chosen | None], decided: Mapping[str, Box]) -> list[Box | None]:
    paths = manifest.frame["path"]
    return [decided.get(path) or (one.box if one else None) for path, one in zip(paths, chosen, strict=True)]


def _usual(manifest: Manifest, chosen: list[Chosen | None], decided: Mapping[str, Box]) -> Box:
    """That of the labelled photos: what is to be predicted has no say in what the model learns from."""
    known = zip(_known(manifest, chosen, decided), _labelled(manifest), strict=True)
    return usual_box([box for box, counts in known if box and counts and box.is_around_something])


def _labelled(manifest: Manifest) -> list[bool]:
    return (manifest.frame["split"] != "predict").tolist()


def _complete(
    manifest: Manifest, options: CropOptions, chosen: list[Chosen | None], decided: Mapping[str, Box], usual: Box
) -> list[Box]:
    """A box for every photo: decided, else chosen, else the fallback. That of a labelled photo is from labelled ones."""
    known, labelled = _known(manifest, chosen, decided), _labelled(manifest)
    groups = manifest.frame["group"].astype(str).tolist()
    of_labelled, of_all = _of_group(known, groups, labelled), _of_group(known, groups, [True] * len(known))
    return [
        box or fall_back(options, usual, of_labelled if counts else of_all, group)
        for box, group, counts in zip(known, groups, labelled, strict=True)
    ]


def _of_group(known: list[Box | None], groups: list[str], counts: list[bool]) -> dict[str, Box]:
    """The usual box of each group, of those of its photos that count."""
    members = defaultdict(list)
    for box, group, is_in in zip(known, groups, counts, strict=True):
        if box and is_in:
            members[group].append(box)
    return {group: Box.of(usual_box(boxes).corners, "group") for group, boxes in members.items()}
