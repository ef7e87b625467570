"""What training does to photos: shown on a sheet, and asked of a trained model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from photobench.errors import PhotobenchError
from photobench.invariance import LabelCheck
from photobench.progress import progress, say
from photobench.records import Manifest
from photobench.report import AugmentInputs, AugmentRow, MixedPhotos, build_augment_sheet
from photobench.vision.turns import TURNS
from photobench.workflow.bench import Bench
from photobench.workflow.models.label_check import check_labels, label_check
from photobench.workflow.photos.preparing import Prepared, prepare

if TYPE_CHECKING:
    from photobench.vision.augment import Augment

MAX_ROWS, VERSIONS, MAX_MIXED = 8, 6, 4
LEAST_SHARE, MAX_DRAWS = 0.25, 50
"""A mix is shown where each photo has this share: many draws of mixup are nearly one photo alone, which tells nothing."""


def check_augmentation(bench: Bench, name: str | None = None) -> LabelCheck:
    """What each flip and turn costs the labels of a run (the latest for None), by its own model."""
    return check_labels(bench, bench.workspace.find_run(name), TURNS)


def augment_sheet(bench: Bench) -> Path:
    """augment.html: photos as evaluation sees them, and as training does.

    Raises:
        ConfigError: the augmentation has mistakes (all are named).
        PhotobenchError: there is no labelled photo to train on.
    """
    say("augment: loading the transforms")
    from photobench.vision.augment import AUGMENTATIONS, check_augmentation
    from photobench.vision.mix import MIXES

    augment = bench.options.augment
    bench.project.check(
        {"augment.preset": lambda: AUGMENTATIONS.get(augment.preset), "augment.mix": lambda: MIXES.get(augment.mix)}
    )
    check_augmentation(augment, bench.options.model.size_px)
    bench.workspace.write(bench.workspace.augment_sheet, build_augment_sheet(_inputs(bench, prepare(bench))))
    return bench.workspace.augment_sheet


def _inputs(bench: Bench, prepared: Prepared) -> AugmentInputs:
    from photobench.vision.augment import AUGMENTATIONS, Augment, images_per_s
    from photobench.vision.mix import MIXES

    options, model = bench.options.augment, bench.options.model
    rows = shown_rows(prepared.manifest, MAX_ROWS)
    if not len(rows):
        raise PhotobenchError("There is no labelled photo to train on, so none to show. See: photobench list problems")
    augment = Augment(options, model.size_px, prepared.way.pack.size_px, model.crop)
    say(f"augment: measuring how fast one core applies {_name(bench)}")
    line = AUGMENTATIONS.get(options.preset).line
    return AugmentInputs(
        title=bench.workspace.root.name,
        name=_name(bench),
        line=f'transforms by their names, after the crop of "{options.preset}"' if options.pipeline else line,
        transforms=augment.names,
        images_per_s=images_per_s(augment, [prepared.pack.pixels[row] for row in rows]),
        size_px=model.size_px,
        rows=_rows(prepared, augment, rows, model.crop),
        mix=options.mix,
        mix_line=MIXES.get(options.mix).line,
        mix_share=options.mix_share,
        mixed=_mixed(prepared, augment, rows, options.mix),
        warnings=_warnings(bench),
    )


def _name(bench: Bench) -> str:
    options = bench.options.augment
    return "augment.pipeline" if options.pipeline else options.preset


def shown_rows(manifest: Manifest, limit: int) -> np.ndarray:
    """Training photos of as many classes as fit, spread evenly over them, each of another group where there is one."""
    rows = np.random.default_rng(0).permutation(manifest.rows("train"))
    classes, groups = manifest.classes()[rows], manifest.frame["group"].to_numpy(dtype=str)[rows]
    present = np.unique(classes)
    chosen = present[np.unique(np.linspace(0, len(present) - 1, min(limit, len(present)), dtype=int))]
    each = max(1, limit // max(1, len(chosen)))
    found: list[int] = []
    for number in chosen:
        of_class = np.flatnonzero(classes == number)
        _, first = np.unique(groups[of_class], return_index=True)
        varied = [*of_class[np.sort(first)], *np.delete(of_class, first)]
        found += [int(rows[at]) for at in varied[:each]]
    return np.array(found, dtype=int)


def _rows(prepared: Prepared, augment: Augment, rows: np.ndarray, crop: float) -> list[AugmentRow]:
    from photobench.vision.preprocess import fixed_view

    manifest, pixels = prepared.manifest, prepared.pack.pixels
    names, classes, paths = manifest.space.class_names, manifest.classes(), manifest.frame["path"]
    originals, found = fixed_view(pixels[rows], augment.size_px, crop), []
    with progress(len(rows) * VERSIONS, "augment", "pictures") as bar:
        for row, original in zip(rows, originals, strict=True):
            versions = list(augment([pixels[row]] * VERSIONS, seed=int(row)))
            found.append(AugmentRow(paths.iloc[row], names[classes[row]], original, versions))
            bar.advance(VERSIONS)
    return found


def _mixed(prepared: Prepared, augment: Augment, rows: np.ndarray, mix: str) -> list[MixedPhotos]:
    """Some of the shown photos mixed as a batch would mix them, each with what it is mixed with."""
    from photobench.vision.mix import MIXES

    images = augment([prepared.pack.pixels[row] for row in rows], seed=0)
    codes, names = prepared.manifest.classes()[rows], prepared.manifest.space.class_names
    found: list[MixedPhotos] = []
    for number, image in enumerate(images):
        draws = (
            MIXES.build(mix)(codes[:, None], augment.size_px, np.random.default_rng((number, draw)))
            for draw in range(MAX_DRAWS)
        )
        mixing = next((one for one in draws if LEAST_SHARE <= one.share <= 1 - LEAST_SHARE), None)
        if mixing is None:
            continue
        partner = int(mixing.partner_B[number])
        if partner != number:
            labels = names[codes[number]], names[codes[partner]]
            found.append(MixedPhotos(image, images[partner], mixing.of(images)[number], mixing.share, *labels))
    return found[:MAX_MIXED]


def _warnings(bench: Bench) -> list[str]:
    """What was measured of the latest run."""
    latest = bench.workspace.latest_run()
    check = label_check(bench, latest) if latest else None
    return check.warnings if check else []
