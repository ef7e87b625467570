"""What a person chose of the options of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from photobench.compare.table import unlike
from photobench.project import ProjectOptions

OF_PROJECT = ("attributes", "source.")
"""Where the photos are, and the labels: those are the project's."""


def chosen_options(config: Mapping[str, Any]) -> list[str]:
    """`"train.lr = 0.001"` for each of its resolved options that is not the default."""
    default = ProjectOptions().model_dump(mode="json")
    return [line for line in unlike(config, default) if not line.startswith(OF_PROJECT)]
