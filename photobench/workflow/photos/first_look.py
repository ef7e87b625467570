"""`init`: look at the photos, say what was understood, write a commented project file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from photobench import config
from photobench.config import Layer
from photobench.errors import ConfigError
from photobench.project import ProjectOptions, check_apart
from photobench.sources.clues import Guess
from photobench.sources.guess import guess
from photobench.workspace import Workspace


def init(
    photos: Path,
    workspace: Path,
    labels: Path | None = None,
    force: bool = False,
    chosen: Mapping[str, Any] | None = None,
) -> str:
    """Look at the photos, write a commented project file, and say what was understood.

    Args:
        chosen: further values to write, by section.

    Raises:
        SourceError: the photos or the labels are not there, or not understood.
        ConfigError: there is a project file already, and `force` is not given.
    """
    space = Workspace(workspace)
    if space.project_file.exists() and not force:
        raise ConfigError(
            [
                f"There is a {space.project_file} already. Edit it, choose another folder with --workspace, or replace it with --force."
            ]
        )
    check_apart(space.root, photos)
    found = guess(photos, labels)
    values = {**_understood(found, space.root), **(chosen or {})}
    options = config.resolve(ProjectOptions, [Layer("init", values)])
    text = "\n".join(
        [
            "What photobench init understood:",
            *(f"- {clue}" for clue in found.clues),
            *_about_weights(options),
            *(f"! {w}" for w in found.warnings),
        ]
    )
    title = f"A photobench project. {text}\n\nLines that begin with # hold defaults: take the # away to change one."
    space.write(space.project_file, config.to_toml(options, title, only=values))
    return f"{text}\n\nWritten: {space.project_file}\nRead it, then: photobench run{_where(workspace)}"


def _about_weights(options: ProjectOptions) -> list[str]:
    """Said now: the only thing for which the network is asked."""
    if options.model.weights != "pretrained":
        return []
    return [
        f"- The model is {options.model.backbone} with pretrained weights, downloaded once, at the first training. "
        'Offline: model.weights = "FILE" or "none".'
    ]


def _understood(found: Guess, root: Path) -> dict[str, Any]:
    """What differs from the defaults, with paths relative to the project file where they are near it."""
    source = {key: _near(value, root) if key in ("photos", "table") else value for key, value in found.source.items()}
    submit_options = {"sample": _near(found.sample, root)} if found.sample else {}
    return {"source": source, "attributes": found.attributes, "submit": submit_options}


def _near(path: str | Path, root: Path) -> str:
    """Relative when below the project's folder or its neighbour, so that both can be moved together; else absolute."""
    relative = Path(os.path.relpath(path, root))
    return (Path(path) if relative.parts[:2] == ("..", "..") else relative).as_posix()


def _where(workspace: Path) -> str:
    return "" if workspace.resolve() == Path.cwd() else f" --workspace {workspace}"
