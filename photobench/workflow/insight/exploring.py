"""Know the data: what is unusual in it, figures with words, and a map of the photos."""

from __future__ import annotations

from pathlib import Path

from photobench import __version__
from photobench.explore import Figure, PhotoMap, Seen, figures
from photobench.explore.averages import class_means
from photobench.explore.settings import Settings
from photobench.project import ProjectOptions
from photobench.records import fingerprint
from photobench.report import ReportInputs, build_explore_page, example_sheet
from photobench.workflow.bench import Bench
from photobench.workflow.insight.mapping import NO_MAP, make_map
from photobench.workflow.labels.auditing import suspected
from photobench.workflow.labels.last_audit import last_audit
from photobench.workflow.photos.measuring import statistics
from photobench.workflow.photos.preparing import Prepared, prepare, stored_squares
from photobench.workspace import disk_errors, write_atomic


def explore(bench: Bench, out: Path | None = None) -> Path:
    """explore.html: what is unusual, in words first, then every figure; each also as PNG, and its numbers as CSV.

    Args:
        out: another folder than the workspace's own.
    """
    prepared = prepare(bench)
    folder = bench.workspace.explore if out is None else out.expanduser().resolve()
    page = folder / "explore.html"
    with bench.stage("explore"):
        seen = see(bench, prepared, make_map(bench, prepared))
        inputs = explore_inputs(bench, prepared, seen)
        shown = seen_key(seen), list(inputs.notes), sorted(inputs.findings.items()), repr(inputs.settings)
        key = fingerprint(__version__, prepared.manifest.fingerprint(), *shown)
        with bench.workspace.turn(
            bench.workspace.root / ".explore.lock"
        ):  # the files of one exploration belong together
            if out is None:
                _bring_up_to_date(bench, page, key, inputs, seen)
            else:
                _write(folder, page, inputs, seen)
    return page


def _bring_up_to_date(bench: Bench, page: Path, key: str, inputs: ReportInputs, seen: Seen) -> None:
    if bench.workspace.is_current(page, key):
        return
    bench.workspace.forget(page)  # a kill between its figures leaves a page that is made again
    bench.workspace.mark_current(page, key, _write(page.parent, page, inputs, seen))


def see(bench: Bench, prepared: Prepared, kept: PhotoMap | None) -> Seen:
    """What is measured of the photos, from the cache beside their pack."""
    manifest = prepared.manifest
    return Seen(statistics(bench, prepared), lambda: class_means(manifest, prepared.pack.pixels), kept)


def seen_key(seen: Seen) -> str:
    """Of what was measured; labels are not part of it."""
    return fingerprint(seen.map.to_bytes() if seen.map else b"", str(len(seen.statistics)))


def settings_of(options: ProjectOptions) -> Settings:
    """What of the project is set already, for those who give advice."""
    model, train, loss = options.model, options.train, options.loss
    return Settings(
        size_px=model.size_px,
        is_frozen=model.mode == "frozen",
        fit=options.pack.fit,
        preset="" if options.augment.pipeline else options.augment.preset,
        counts_alike=train.metric in ("macro_f1", "macro_recall"),
        favours_rare=train.sampler in ("class_balanced", "class_root")
        or loss.name in ("logit_adjusted", "soft_macro_f1")
        or loss.class_weights != "none",
        evens_groups=train.sampler == "group_balanced",
        for_few=options.recipe in ("small-data", "probe"),
    )


def _write(folder: Path, page: Path, inputs: ReportInputs, seen: Seen) -> bytes:
    """Figures first, the page that shows them last. Returns what is in it."""
    found = figures(inputs.manifest, seen, inputs.settings)
    for figure in [*found, *example_sheet(inputs)]:
        _put(folder / f"{figure.key}.csv", _csv(figure))
        if figure.drawing is not None:
            _put(folder / f"{figure.key}.png", figure.drawing.png())
    content = build_explore_page(inputs, found).encode()
    _put(page, content)
    return content


def explore_inputs(bench: Bench, prepared: Prepared, seen: Seen) -> ReportInputs:
    """What the page shows besides the figures."""
    manifest = prepared.manifest
    notes = [*manifest.notes, *([] if seen.map else [NO_MAP])]
    return ReportInputs(
        title=bench.workspace.root.name,
        manifest=manifest,
        thumbnail=stored_squares(prepared),
        seen=seen,
        settings=settings_of(bench.options),
        notes=notes,
        findings=suspected(last_audit(bench).checks),
    )


def _csv(figure: Figure) -> bytes:
    with_index = figure.data.index.dtype == object  # the first column of a joint table
    return figure.data.to_csv(index=with_index, float_format="%.6g").encode("utf-8")


def _put(path: Path, data: bytes) -> None:
    with disk_errors(path, len(data)):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, data)
