"""What the commands share: their options, and the project that they speak of."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from photobench.errors import ConfigError, PhotobenchError

if TYPE_CHECKING:
    from photobench.workflow import Bench

WorkspaceOption = Annotated[Path, typer.Option("--workspace", "-w", help="Folder with photobench.toml.")]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", "-s", help="Change an option for this call: --set train.epochs=3", metavar="KEY=VALUE"),
]
RecipeOption = Annotated[
    str | None,
    typer.Option("--recipe", help="Recipe that fills in what the project file leaves open: photobench list recipes"),
]
FixOption = Annotated[bool, typer.Option("--fix", help="Write what was found into photobench.toml; its comments stay.")]
RunOption = Annotated[
    str | None,
    typer.Option(
        "--run",
        "-r",
        help="A run, a set of folds, a refined one or an ensemble, by its name, the start of it, or a tag; by default, what was trained last.",
    ),
]
FoldsOption = Annotated[
    bool,
    typer.Option(
        "--folds", help="The average of the fold models that were trained or asked last, in place of one run."
    ),
]


def bench_of(workspace: Path, sets: list[str] | None, recipe: str | None = None) -> Bench:
    from photobench import workflow

    chosen = [{"recipe": recipe}] if recipe else []
    return workflow.open_bench(workspace, [*chosen, *parsed(sets)])


def bench_of_runs(workspace: Path, sets: list[str] | None) -> Bench:
    """For verbs that ask a finished run: what decides a training has no effect on them, which is said."""
    decided = ("crop.", "split.", "model.", "augment.", "loss.", "train.")
    late = [
        text for text in sets or () if text.strip().startswith(decided) and not text.strip().startswith("train.device")
    ]
    if late:
        typer.echo(
            f"note: {', '.join(late)}: without effect on a run that is trained already. Another run: --run NAME",
            err=True,
        )
    return bench_of(workspace, sets)


def parsed(sets: list[str] | None) -> list[dict[str, Any]]:
    from photobench.config import parse_set

    return [parse_set(text) for text in sets or ()]


def fix_or_say(bench: Bench, key: str, value: float, fix: bool) -> None:
    """Write an option that was found into the project file, or say how to."""
    from photobench import workflow

    if fix:
        typer.echo("\n".join(workflow.prescribe(bench, {key: value})))
    else:
        typer.echo(f"Write it into photobench.toml with --fix, or try it once: photobench train --set {key}={value}")


def print_evaluation(bench: Bench, run: str | None) -> None:
    from photobench import evaluate, workflow

    for evaluation in workflow.evaluate_run(bench, run).values():
        typer.echo(evaluate.table(evaluation))


def check_one_of(run: str | None, folds: bool) -> None:
    """Raises PhotobenchError where both are given."""
    if run is not None and folds:
        raise PhotobenchError("--run names one run and --folds means all of a set of folds: leave one of them out.")


def seconds(text: str) -> float:
    """`"90"`, `"90s"`, `"30m"`, `"2h"`, `"1h30m"` → seconds.

    Raises:
        ConfigError: it is none of these.
    """
    found = re.fullmatch(
        r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m(?:in)?)?(?:(\d+(?:\.\d+)?)s?)?", text.strip().replace(" ", "")
    )
    if not found or not any(found.groups()):
        raise ConfigError([f'"{text}" is no time: write it as 2h, 30m, 1h30m or 90s.'])
    hours, minutes, rest = (float(part or 0) for part in found.groups())
    return 3600 * hours + 60 * minutes + rest
