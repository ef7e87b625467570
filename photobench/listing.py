"""What `photobench list` and `photobench config` print.

The help names what can be listed, so nothing heavy is imported before it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from photobench.errors import PhotobenchError, unknown
from photobench.words import columns

if TYPE_CHECKING:
    from photobench.project import Project
    from photobench.registry import Registry


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
    from photobench import config

    found = config.fields(project.options, project.layers)
    return columns(
        [(f.key, _short(config.shown(f.value)), f.origin, f.help) for f in found],
        ("option", "value", "from", "meaning"),
    )


def _runs(pattern: str, workspace: Path) -> str:
    from photobench.workspace import Workspace

    project_file = Workspace(workspace).project_file
    if not project_file.exists():
        raise PhotobenchError(
            f"There is no {project_file}. Make one with: photobench init PHOTOS. "
            f"What can be chosen by name: photobench list {' | '.join(CHOICES)}"
        )
    from photobench.workflow import open_bench, runs_text

    return runs_text(open_bench(workspace), every=True, pattern=pattern)


def _problems(pattern: str, workspace: Path) -> str:
    from photobench.records import Manifest
    from photobench.workspace import Workspace

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


def _check_any(found: Sequence[object], kind: str, pattern: str, known: Iterable[str], where: str = "") -> None:
    """Raises PhotobenchError where nothing of the kind has the pattern in its name; `where` lists all of a long list."""
    if not found:
        raise PhotobenchError(unknown(f"{kind} with", pattern, known, where))


def _backbones(pattern: str, _: Path) -> str:
    from photobench.vision import zoo

    found, pretrained = zoo.names(pattern), zoo.pretrained_names()
    _check_any(found, "backbone", pattern, zoo.names(), "photobench list backbones")
    return "\n".join(name if name in pretrained else f"{name}   (no pretrained weights)" for name in found)


def _of_registry(module: str, name: str) -> Callable[[str, Path], str]:
    """The entries of a registry, which is imported when it is asked for."""

    def show(pattern: str, _: Path) -> str:
        registry: Registry = getattr(import_module(f"photobench.{module}"), name)
        rows = [(entry.name, entry.line) for entry in registry if pattern in entry.name]
        _check_any(rows, registry.kind, pattern, registry.names())
        return columns(rows, ("name", "what it is"))

    return show


def _optimizers(pattern: str, _: Path) -> str:
    from photobench.vision import zoo

    found = zoo.optimizer_names(pattern)
    _check_any(found, "optimizer", pattern, zoo.optimizer_names(), "photobench list optimizers")
    return "\n".join(found)


def _transforms(pattern: str, _: Path) -> str:
    from photobench.vision.augment import usable

    known = usable()
    rows = [(name, line) for name, line in known.items() if pattern in name]
    _check_any(rows, "transform", pattern, known, "photobench list transforms")
    return columns(rows, ("name", "what it does"))


def _recipes(pattern: str, _: Path) -> str:
    from photobench.project import recipes

    known = recipes()
    rows = [(name, line) for name, line in known.items() if pattern in name]
    _check_any(rows, "recipe", pattern, known)
    return columns(rows, ("name", "what it is for"))


def _checks(pattern: str, _: Path) -> str:
    from photobench.audit.checks import CHECKS

    rows = [(entry.name, entry.line, entry.build().misses) for entry in CHECKS if pattern in entry.name]
    _check_any(rows, "check", pattern, CHECKS.names())
    return columns(rows, ("name", "what it looks for", "what it misses"))


def _kinds(pattern: str, _: Path) -> str:
    from photobench.audit.checks import CHECKS

    rows = [(entry.name, kind.name, kind.line) for entry in CHECKS for kind in entry.build().kinds]
    found = [row for row in rows if pattern in row[0] or pattern in row[1]]
    _check_any(found, "kind of finding", pattern, [kind for _, kind, _ in rows])
    return columns(found, ("check", "kind", "what it is"))


LISTINGS: dict[str, Callable[[str, Path], str]] = {
    "runs": _runs,
    "problems": _problems,
    "backbones": _backbones,
    "augmentations": _of_registry("vision.augment", "AUGMENTATIONS"),
    "checks": _checks,
    "combinations": _of_registry("ensemble.methods", "METHODS"),
    "detectors": _of_registry("crop.detectors", "DETECTORS"),
    "loggers": _of_registry("train.watchers", "WATCHERS"),
    "kinds": _kinds,
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
    "rules": _of_registry("refine.decisions", "RULES"),
    "transforms": _transforms,
    "views": _of_registry("vision.views", "VIEWS"),
}

OF_A_WORKSPACE = ("runs", "problems")
CHOICES = tuple(name for name in LISTINGS if name not in OF_A_WORKSPACE)
"""Of things that can be chosen by name, whatever the workspace."""


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "…"
