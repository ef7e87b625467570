"""What `photobench list` and `photobench config` print."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from photobench import config
from photobench.errors import ConfigError, PhotobenchError, unknown
from photobench.progress import columns
from photobench.project import Project
from photobench.records import RunRecord
from photobench.registry import Registry
from photobench.sources.files import count
from photobench.workspace import Workspace

PURPOSES = {"tune": "tune"}
"""Purposes of runs that take no article."""


def listing(what: str, pattern: str, workspace: Path) -> str:
    """A table of the things of one kind whose names hold `pattern`.

    Raises:
        PhotobenchError: there is no such kind (the nearest is named).
    """
    if what not in LISTINGS:
        raise PhotobenchError(unknown("list", what, LISTINGS))
    return LISTINGS[what](pattern, workspace)


def options_table(project: Project) -> str:
    """Every option with its value, the layer that gave it, and its line of help."""
    found = config.fields(project.options, project.layers)
    return columns(
        [(f.key, _short(config.shown(f.value)), f.origin, f.help) for f in found],
        ("option", "value", "from", "meaning"),
    )


def _runs(pattern: str, workspace: Path) -> str:
    project_file = Workspace(workspace).project_file
    if not project_file.exists():
        raise PhotobenchError(
            f"There is no {project_file}. Make one with: photobench init PHOTOS. "
            f"What can be chosen by name: photobench list {' | '.join(name for name in LISTINGS if name not in ('runs', 'problems'))}"
        )
    records = sorted((r for r in Workspace(workspace).list_runs() if pattern in r.name), key=lambda r: r.name)
    if not records:
        return f"No runs in {workspace.resolve()}. Train one with: photobench train"
    shown = [r for r in records if pattern or r.purpose != "tune" or r.status == "finished"]
    rows = []
    for r in shown:
        scores = [f"{r.metrics[m]:.4f}" if m in r.metrics else "" for m in ("macro_f1", "accuracy")]
        seconds = f"{r.timings['train']:.0f} s" if "train" in r.timings else ""
        status = f"{r.status}, for {PURPOSES.get(r.purpose, f'the {r.purpose}')}" if r.purpose else r.status
        rows.append((r.name, status, _fold(r), *scores, f"{len(r.history)}", seconds, r.created[:16].replace("T", " ")))
    table = columns(rows, ("run", "status", "fold", "macro_f1", "accuracy", "epochs", "time", "begun"))
    hidden = len(records) - len(shown)
    return table + (
        f"\nand {count(hidden, 'trial')} of photobench tune: see tune/, or photobench list runs 0" if hidden else ""
    )


def _fold(record: RunRecord) -> str:
    """`2/5`, or empty for a run on the whole."""
    split = record.config.get("split", {})
    if not split.get("folds"):
        return ""
    return f"{split['fold']}/{split['folds']}" + (f" of division {split['repeat'] + 1}" if split["repeat"] else "")


def _problems(pattern: str, workspace: Path) -> str:
    from photobench.records import Manifest

    path = Workspace(workspace).manifest_file
    if not path.exists():
        raise PhotobenchError(
            f"The photos of {workspace.resolve()} have not been read yet. Read them with: photobench pack"
        )
    manifest = Manifest.read(path)
    broken = manifest.broken()
    broken = broken[broken["path"].str.contains(pattern, regex=False)]
    notes = "".join(f"\nnote: {note}" for note in manifest.notes)
    if not len(broken):
        return f"Every photo can be used.{notes}"
    return columns(list(broken.itertuples(index=False)), ("photo", "left out because")) + notes


def _backbones(pattern: str, _: Path) -> str:
    from photobench.vision import zoo

    found, pretrained = zoo.names(pattern), zoo.pretrained_names()
    if not found:
        raise ConfigError([unknown("backbone with", pattern, zoo.names(), "photobench list backbones")])
    return "\n".join(name if name in pretrained else f"{name}   (no pretrained weights)" for name in found)


def _of_registry(module: str, name: str) -> Callable[[str, Path], str]:
    """The entries of a registry, which is imported when it is asked for."""

    def show(pattern: str, _: Path) -> str:
        registry: Registry = getattr(import_module(f"photobench.{module}"), name)
        return columns([(e.name, e.line) for e in registry if pattern in e.name], ("name", "what it is"))

    return show


def _optimizers(pattern: str, _: Path) -> str:
    from photobench.vision import zoo

    found = zoo.optimizer_names(pattern)
    if not found:
        raise ConfigError([unknown("optimizer with", pattern, zoo.optimizer_names(), "photobench list optimizers")])
    return "\n".join(found)


def _transforms(pattern: str, _: Path) -> str:
    from photobench.vision.augment import usable

    rows = [(name, line) for name, line in usable().items() if pattern in name]
    return columns(rows, ("name", "what it does"))


def _recipes(pattern: str, _: Path) -> str:
    from photobench.project import recipes

    return columns([(name, line) for name, line in recipes().items() if pattern in name], ("name", "what it is for"))


def _checks(pattern: str, _: Path) -> str:
    from photobench.audit.checks import CHECKS

    rows = [(entry.name, entry.line, entry.build().misses) for entry in CHECKS if pattern in entry.name]
    return columns(rows, ("name", "what it looks for", "what it misses"))


LISTINGS: dict[str, Callable[[str, Path], str]] = {
    "runs": _runs,
    "problems": _problems,
    "backbones": _backbones,
    "augmentations": _of_registry("vision.augment", "AUGMENTATIONS"),
    "checks": _checks,
    "detectors": _of_registry("crop.detectors", "DETECTORS"),
    "loggers": _of_registry("train.watchers", "WATCHERS"),
    "losses": _of_registry("vision.loss", "LOSSES"),
    "metrics": _of_registry("metrics", "METRICS"),
    "mixes": _of_registry("vision.mix", "MIXES"),
    "optimizers": _optimizers,
    "probes": _of_registry("train.probe", "PROBES"),
    "recipes": _recipes,
    "resamplers": _of_registry("train.resample", "RESAMPLERS"),
    "samplers": _of_registry("train.sampling", "SAMPLERS"),
    "schedules": _of_registry("train.schedule", "SCHEDULES"),
    "sources": _of_registry("sources.table_of_sources", "SOURCES"),
    "transforms": _transforms,
}


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "…"
