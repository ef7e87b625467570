"""Training, and what is found out before it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from photobench.cli.app import app
from photobench.cli.shared import FixOption, RecipeOption, SetOption, WorkspaceOption, bench_of, fix_or_say, seconds
from photobench.errors import ConfigError
from photobench.parallel import process_number

PANEL = "Training"
"""Of the help."""


@app.command(rich_help_panel=PANEL)
def train(
    folds: Annotated[
        int,
        typer.Option(
            "--folds", help="Divide the labelled photos into this many parts, and train one model without each of them."
        ),
    ] = 0,
    repeats: Annotated[int, typer.Option("--repeats", help="Divide into folds this many times, each time anew.")] = 1,
    jobs: Annotated[
        int,
        typer.Option(
            "--jobs", "-j", help="Train this many folds at the same time, each with its share of the cores or a card."
        ),
    ] = 1,
    workspace: WorkspaceOption = Path(),
    recipe: RecipeOption = None,
    set: SetOption = None,
) -> None:
    """Train a model, or one per fold, or go on with a training that was stopped."""
    from photobench import workflow

    bench = bench_of(workspace, set, recipe)
    if repeats != 1 and not folds:
        raise ConfigError(
            [f"--repeats {repeats} is about folds, and none are asked for: name their number too, such as --folds 5."]
        )
    if jobs != 1 and not folds:
        raise ConfigError(
            [f"--jobs {jobs} is about folds, and none are asked for: name their number too, such as --folds 5."]
        )
    if folds:
        folded = workflow.train_folds(bench, folds, repeats, jobs)
        if folded:
            typer.echo(folded)
        return
    record = workflow.train(bench)
    if process_number() > 0:
        return  # the first of several processes speaks for all
    shown = ", ".join(f"{name} {record.metrics[name]:.4f}" for name in ("macro_f1", "accuracy"))
    typer.echo(
        f"{record.name}: {shown} on valid (epoch {record.metrics['best_epoch']:.0f}). Intervals: photobench evaluate"
    )


@app.command("find-lr", rich_help_panel=PANEL)
def find_lr(
    steps: Annotated[int, typer.Option(help="Steps to try, each at a higher rate than the last.")] = 100,
    fix: FixOption = False,
    workspace: WorkspaceOption = Path(),
    recipe: RecipeOption = None,
    set: SetOption = None,
) -> None:
    """Find the learning rate by trying: real steps at a rising rate, their loss as a curve, and a suggestion. Leaves no run."""
    from photobench import workflow

    bench = bench_of(workspace, set, recipe)
    found = workflow.find_lr(bench, steps)
    typer.echo(found)
    if found.suggestion is not None:
        fix_or_say(bench, "train.lr", found.suggestion, fix)


@app.command("find-batch", rich_help_panel=PANEL)
def find_batch(
    fix: FixOption = False, workspace: WorkspaceOption = Path(), recipe: RecipeOption = None, set: SetOption = None
) -> None:
    """Find the batch size by trying: images/s and memory of each size, and which to take. Leaves no run."""
    from photobench import workflow

    bench = bench_of(workspace, set, recipe)
    found = workflow.find_batch(bench)
    typer.echo(found)
    fix_or_say(bench, "train.batch_size", found.suggestion, fix)


@app.command(rich_help_panel=PANEL)
def tune(
    trials: Annotated[
        int, typer.Option("--trials", help="Trainings to try in all; the first has the project's own options.")
    ] = 30,
    timeout: Annotated[
        str | None,
        typer.Option("--timeout", help="Stop after this long, such as 2h or 30m; the next call goes on from there."),
    ] = None,
    study: Annotated[
        str | None, typer.Option("--study", help="Name of the search; another name begins another search beside it.")
    ] = None,
    anew: Annotated[bool, typer.Option("--anew", help="Forget what was tried under this name.")] = False,
    folds: Annotated[
        int, typer.Option("--folds", help="Compare the best with the project once more, each as this many fold models.")
    ] = 0,
    fix: FixOption = False,
    workspace: WorkspaceOption = Path(),
    recipe: RecipeOption = None,
    set: SetOption = None,
) -> None:
    """Look for better options: many cheap trainings, then the best in full beside the project as it is. Goes on where it stopped."""
    from photobench import workflow

    timeout_s = seconds(timeout) if timeout else None
    bench = bench_of(workspace, set, recipe)
    tuned = workflow.tune(bench, trials, timeout_s, study, anew, folds)
    typer.echo(tuned)
    if fix and tuned.changes:
        typer.echo("\n".join(["", *workflow.prescribe(bench, tuned.changes), *tuned.caution]))
    elif tuned.changes and not tuned.doubt:
        typer.echo("\nWrite the options of the best into photobench.toml: photobench tune --fix")


@app.command(rich_help_panel=PANEL)
def doctor(
    fix: Annotated[
        bool, typer.Option("--fix", help="Write the better settings into photobench.toml; its comments stay.")
    ] = False,
    seconds: Annotated[float, typer.Option("--seconds", help="Roughly how long it may take.", min=1)] = 30.0,
    workspace: WorkspaceOption = Path(),
    recipe: RecipeOption = None,
    set: SetOption = None,
) -> None:
    """Measure a training here: what limits it, which settings are faster, how long a run takes."""
    from photobench import workflow

    bench = bench_of(workspace, set, recipe)
    checkup = workflow.doctor(bench, seconds)
    typer.echo(checkup)
    if fix:
        written = workflow.prescribe(bench, checkup.changes) if checkup.changes else ["There is nothing to write."]
        typer.echo("\n".join(["", *written]))
    elif checkup.changes:
        typer.echo("\nWrite what is better into photobench.toml: photobench doctor --fix")
