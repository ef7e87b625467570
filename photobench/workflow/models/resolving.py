"""The options of a run as they took effect, so that its folder alone says how to train it again, wherever it is copied."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from photobench import config
from photobench.project import ProjectOptions
from photobench.sources.manifest import absolute
from photobench.vision.model import ModelSpec


def run_toml(options: ProjectOptions, root: Path, spec: ModelSpec, device: str, name: str) -> str:
    """A project file of a run: what was measured or chosen for it is named, and no path depends on where the file lies.

    Args:
        root: where the relative paths of the options start.
    """
    title = (
        f"The options of run {name}, as they were resolved. In an empty folder, as photobench.toml, this is the project that\n"
        "trains it again; the decisions of its workspace are not in it (photobench decisions export)."
    )
    return config.to_toml(_resolved(options, root, spec, device), title)


def _resolved(options: ProjectOptions, root: Path, spec: ModelSpec, device: str) -> ProjectOptions:
    changes: dict[str, dict[str, Any]] = {
        "train": {"precision": spec.precision, "device": device},
        "pack": {"side_px": spec.pack.size_px},
        "model": {"mean": spec.mean, "std": spec.std},
    }
    for key in _paths(options):
        section, name = key.split(".")
        path = absolute(root, getattr(getattr(options, section), name))
        changes.setdefault(section, {})[name] = path.as_posix()
    sections: dict[str, Any] = {
        section: getattr(options, section).model_copy(update=values) for section, values in changes.items()
    }
    recipe = "" if options.recipe.endswith(".toml") else options.recipe  # a file's values are all written here
    return options.model_copy(update={**sections, "recipe": recipe})


def _paths(options: ProjectOptions) -> list[str]:
    """The options that hold a path which starts at the project file."""
    paths = {
        "source.photos": True,
        "source.table": bool(options.source.table),
        "model.weights": options.model.weights not in ("pretrained", "none"),
        "crop.method": ".py:" in options.crop.method,
        "crop.detector_weights": bool(options.crop.detector_weights),
        "submit.sample": bool(options.submit.sample),
    }
    return [key for key, is_path in paths.items() if is_path]
