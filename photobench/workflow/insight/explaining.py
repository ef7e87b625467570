"""Where a model looks: maps over photos that it did not learn from, as a page of their own and for the report."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from photobench.errors import ImageError, PhotobenchError
from photobench.evaluate import joint_sample, told_paths, worst_mistakes
from photobench.explain.record import Look, PhotoLooks
from photobench.explain.where import region_in_view, share_inside
from photobench.images import read_bytes
from photobench.progress import Progress, progress, say
from photobench.records import Box, Manifest, RunRecord
from photobench.report import ExplainInputs, build_explain_sheet, explained_words
from photobench.sources.inputs import photo_files
from photobench.workflow.answers.answerer import Answerer
from photobench.workflow.answers.answering import find_answerer
from photobench.workflow.bench import Bench
from photobench.workflow.insight.map_habits import explainer_of, habits_of, run_of
from photobench.workflow.models.asking import as_it_was, finder_of, run_manifest, way_of
from photobench.workflow.models.held_out import HeldOut
from photobench.workflow.runs.comparing import check_page_name
from photobench.workspace import disk_errors, write_atomic

if TYPE_CHECKING:
    from photobench.explain.maps import Explainer

SHOWN = 24
MAX_NAMED = 200
SAMPLED = 100
"""Photos of the wrong answers, and of the right ones, on which the habits are measured, at the most."""


def explain(
    bench: Bench, paths: Sequence[str | Path] = (), name: str | None = None, folds: bool = False, out: Path | None = None
) -> Path:  # fmt: skip
    """explain.html: these photos, or the worst mistakes among the held-out ones, with maps of where the model looked.

    Args:
        out: another file than the workspace's own.

    Raises:
        PhotobenchError: `out` is no .html file, none of the photos can be read, or too many are named.
    """
    if out is not None:
        check_page_name(out.expanduser())
    files = photo_files([Path(path) for path in paths], bench.options.source.path_column) if paths else []
    if len(files) > MAX_NAMED:
        raise PhotobenchError(
            f"{len(files):,} photos are named, and at most {MAX_NAMED} can be shown on a page: name fewer."
        )
    answerer = find_answerer(bench, name, folds)
    with bench.stage("explain"):
        made = _of_files(bench, answerer, files) if files else _of_held_out(bench, answerer)
        path = bench.workspace.root / "explain.html" if out is None else out.expanduser().resolve()
        page = build_explain_sheet(made).encode()
        with disk_errors(path, len(page)):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(path, page)
    for sentence in explained_words(made):
        say(f"explain: {sentence}")
    return path


def mistakes_explained(bench: Bench, answerer: Answerer, limit: int) -> list[PhotoLooks]:
    """The worst mistakes among the held-out photos, each by the first run that did not learn from it."""
    held = answerer.held_out()
    worst = worst_mistakes(held.manifest, held.predictions, held.split, limit)["path"].tolist()
    return looks_of(bench, answerer, held, worst)


def _of_held_out(bench: Bench, answerer: Answerer) -> ExplainInputs:
    held = answerer.held_out()
    worst = worst_mistakes(held.manifest, held.predictions, held.split, SHOWN)["path"].tolist()
    sampled = _sampled(held, bench.options.evaluate.seed)
    found = {one.path: one for one in looks_of(bench, answerer, held, list(dict.fromkeys([*worst, *sampled])))}
    return ExplainInputs(
        title=bench.workspace.root.name,
        run=answerer.name,
        split=held.split,
        confidence=bench.options.evaluate.confidence,
        photos=[found[path] for path in worst if path in found],
        are_mistakes=True,
        habits=habits_of(bench, answerer, held, [found[path] for path in sampled if path in found]),
    )


def _sampled(held: HeldOut, seed: int) -> list[str]:
    """As many of the wrong ones and of the right ones, drawn at random, as there are up to SAMPLED."""
    asked = (held.manifest, held.predictions, held.split)
    sample, paths_N = joint_sample(*asked), told_paths(*asked)
    rng = np.random.default_rng(seed)
    wrong_N = sample.truth_N != sample.predicted_N
    sides = [rng.permutation(np.flatnonzero(side))[:SAMPLED] for side in (wrong_N, ~wrong_N)]
    return paths_N[np.concatenate(sides)].tolist()


# --- one photo ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Photo:
    """A photo on its way to a model. Codes are −1 where not known; `said_A` None: what the model itself says."""

    path: str
    stored_SSC: np.ndarray
    box: Box
    width: int
    height: int
    truth_A: np.ndarray
    said_A: np.ndarray | None
    was_learned: bool = False


def looks_of(bench: Bench, answerer: Answerer, held: HeldOut, paths: Sequence[str]) -> list[PhotoLooks]:
    """Held-out photos with their maps, in this order; those that are gone since are left out."""
    chosen = _held_out_by(bench, answerer, paths)
    found: dict[str, PhotoLooks] = {}
    with progress(len(paths), "explain") as bar:
        for record, mine in chosen.items():
            photos = _from_pack(bench, run_of(answerer, record), held, mine)
            found |= {one.path: one for one in _explained(bench, run_of(answerer, record), photos, bar)}
    return [found[path] for path in paths if path in found]


def _held_out_by(bench: Bench, answerer: Answerer, paths: Sequence[str]) -> dict[str, list[str]]:
    """Per run the photos that it explains: those that it knows and did not learn from, and no run before it explains."""
    found: dict[str, list[str]] = {}
    left = list(paths)
    for record in answerer.runs:
        frame = run_manifest(bench, record).frame
        known = set(frame["path"][frame["split"] != "train"])
        found[record.name] = [path for path in left if path in known]
        left = [path for path in left if path not in known]
    return {name: mine for name, mine in found.items() if mine}


def _from_pack(bench: Bench, record: RunRecord, held: HeldOut, paths: Sequence[str]) -> list[_Photo]:
    prepared = as_it_was(bench, run_manifest(bench, record), way_of(bench, record))
    frame = prepared.manifest.frame
    rows = pd.Index(frame["path"]).get_indexer(pd.Index(paths))
    rows = rows[prepared.manifest.usable()[rows]]
    said_NA = held.predictions.space.decompose(held.predictions.classes())
    said_row = {path: row for row, path in enumerate(held.predictions.paths)}
    truth = dict(zip(held.manifest.frame["path"], held.manifest.codes(), strict=True))
    boxes = prepared.manifest.boxes()
    return [
        _Photo(path, np.asarray(prepared.pack.pixels[row]), boxes[row], int(frame["width"].iloc[row]),
               int(frame["height"].iloc[row]), truth[path], said_NA[said_row[path]])
        for row, path in zip(rows, frame["path"].iloc[rows], strict=True)
    ]  # fmt: skip


def _explained(bench: Bench, record: RunRecord, photos: Sequence[_Photo], bar: Progress) -> list[PhotoLooks]:
    """By one run: its model is loaded once."""
    from photobench.explain.maps import BATCH_SIZE

    explainer = explainer_of(bench, record)
    found = []
    for start in range(0, len(photos), BATCH_SIZE):
        batch = photos[start : start + BATCH_SIZE]
        found += _batch(explainer, record, batch)
        bar.advance(len(batch))
    return found


def _batch(explainer: Explainer, record: RunRecord, photos: Sequence[_Photo]) -> list[PhotoLooks]:
    from photobench.vision.preprocess import fixed_view

    spec = explainer.model.spec
    images = fixed_view(np.stack([photo.stored_SSC for photo in photos]), spec.size_px, spec.crop)
    joint_BK = explainer.probabilities(images)
    own_BA = spec.space.decompose(joint_BK.argmax(axis=1))
    said_BA = np.stack(
        [own if photo.said_A is None else photo.said_A for photo, own in zip(photos, own_BA, strict=True)]
    )
    truth_BA = np.stack([photo.truth_A for photo in photos])
    regions = [region_in_view(photo.box, photo.width, photo.height, spec.pack, spec.crop) for photo in photos]
    looks: list[list[Look]] = [[] for _ in photos]
    for number, attribute in enumerate(spec.space.attributes):
        probs_BV = spec.space.marginal(joint_BK, number)
        said_B, truth_B = said_BA[:, number], truth_BA[:, number]
        said_maps = explainer.maps(images, number, said_B)
        wrong = np.flatnonzero((truth_B >= 0) & (truth_B != said_B))
        truth_maps = (
            dict(zip(wrong, explainer.maps(images[wrong], number, truth_B[wrong]), strict=True)) if len(wrong) else {}
        )
        for row in range(len(photos)):
            looks[row].append(Look(
                attribute.name, attribute.values[said_B[row]], attribute.values[truth_B[row]] if truth_B[row] >= 0 else "",
                dict(zip(attribute.values, probs_BV[row].tolist(), strict=True)), said_maps[row], truth_maps.get(row),
                share_inside(said_maps[row], regions[row][0]),
            ))  # fmt: skip
    return [
        PhotoLooks(photo.path, record.name, image, *region, tuple(of), way=explainer.way, was_learned=photo.was_learned)
        for photo, image, region, of in zip(photos, images, regions, looks, strict=True)
    ]


# --- photos that are named -----------------------------------------------------------------------------------------------


def _of_files(bench: Bench, answerer: Answerer, files: Sequence[Path]) -> ExplainInputs:
    found, reasons = files_explained(bench, answerer, files)
    if reasons:
        shown = ", ".join(f"{file} ({reason})" for file, reason in list(reasons.items())[:3])
        text = f"{len(reasons):,} of {len(files):,} photos could not be read: {shown}{', and more' if len(reasons) > 3 else ''}"
        if not found:
            raise PhotobenchError(f"{text}.")
        say(f"explain: {text}")
    return ExplainInputs(
        title=bench.workspace.root.name,
        run=answerer.name,
        split="",
        confidence=bench.options.evaluate.confidence,
        photos=[found[file] for file in dict.fromkeys(files) if file in found],
        are_mistakes=False,
        habits=None,
    )


def files_explained(
    bench: Bench, answerer: Answerer, files: Sequence[Path]
) -> tuple[dict[Path, PhotoLooks], dict[Path, str]]:
    """Files with their maps, and why others could not be read.

    Each is explained by the first run that did not learn from a photo of this content, or by the first run where all did, which is said.
    """
    found: dict[Path, PhotoLooks] = {}
    reasons: dict[Path, str] = {}
    content = {file: _content(file, reasons) for file in files}
    with progress(len(files), "explain") as bar:
        for record, learned, mine in _by_run(
            bench, answerer, [file for file in content if file not in reasons], content
        ):
            photos = _read(bench, record, mine, content, learned, reasons)
            found |= {Path(one.path): one for one in _explained(bench, record, photos, bar)}
    return found, reasons


def _content(file: Path, reasons: dict[Path, str]) -> str:
    try:
        return hashlib.sha256(read_bytes(file)).hexdigest()
    except ImageError as error:
        reasons[file] = str(error)
        return ""


def _by_run(
    bench: Bench, answerer: Answerer, files: Sequence[Path], content: dict[Path, str]
) -> list[tuple[RunRecord, bool, list[Path]]]:
    """Run, whether it learned from them, and its files."""
    found, left = [], list(files)
    for record in answerer.runs:
        frame = run_manifest(bench, record).frame
        learned = set(frame["sha256"][frame["split"] == "train"]) - {""}
        found.append((record, False, [file for file in left if content[file] not in learned]))
        left = [file for file in left if content[file] in learned]
    return [one for one in [*found, (answerer.runs[0], True, left)] if one[2]]


def _read(
    bench: Bench, record: RunRecord, files: Sequence[Path], content: dict[Path, str], learned: bool, reasons: dict[Path, str]
) -> list[_Photo]:  # fmt: skip
    finder, way, manifest = finder_of(bench, record), way_of(bench, record), run_manifest(bench, record)
    truths = _truths(manifest)
    unknown_A = np.full(len(manifest.space.attributes), -1)
    found = []
    with finder.detector.working():
        for file, box in zip(files, finder.find(files), strict=True):
            try:
                stored, photo = way.pack.pixels(file, box)
            except ImageError as error:
                reasons[file] = str(error)
                continue
            truth_A = truths.get(content[file], unknown_A)
            found.append(_Photo(str(file), stored, box, photo.width, photo.height, truth_A, None, learned))
    return found


def _truths(manifest: Manifest) -> dict[str, np.ndarray]:
    """The codes of the labels by the content of the photo."""
    return {
        content: codes_A for content, codes_A in zip(manifest.frame["sha256"], manifest.codes(), strict=True) if content
    }
