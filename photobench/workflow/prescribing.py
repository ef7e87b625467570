"""What was measured or found better, written into the project file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from photobench import config
from photobench.project import by_name
from photobench.workflow.bench import Bench


def prescribe(bench: Bench, changes: Mapping[str, Any]) -> list[str]:
    """Write options into the project file, where its comments stay. A line for each: old -> new.

    Raises:
        ConfigError: the project would not hold together with them.
    """
    path = bench.workspace.project_file
    bench.project.changed(by_name(changes), "--fix")
    old = {field.key: field.value for field in config.fields(bench.options, bench.project.layers)}
    with bench.workspace.lock("photobench --fix"):
        bench.workspace.write(path, config.changed(path.read_bytes().decode("utf-8-sig"), changes))
    return [f"{path}: {key} {config.shown(old[key])} -> {config.shown(new)}" for key, new in changes.items()]
