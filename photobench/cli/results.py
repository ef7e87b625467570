"""What came of it: runs asked, compared and reported; and what there is to choose from."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from photobench.cli.app import app
from photobench.cli.shared import (
    FoldsOption,
    RecipeOption,
    RunOption,
    SetOption,
    WorkspaceOption,
    bench_of,
    bench_of_runs,
)
from photobench.errors import PhotobenchError

PANEL = "What came of it"
"""Of the help."""


@app.command(rich_help_panel=PANEL)
def evaluate(
    workspace: WorkspaceOption = Path(), run: RunOption = None, folds: FoldsOption = False, set: SetOption = None
) -> None:
    """Every metric of a run, with its interval: joint, per attribute, class by class."""
    from photobench import evaluate, workflow

    _check_one_of(run, folds)
    found = workflow.find_answerer(bench_of_runs(workspace, set), run, folds).evaluations().values()
    typer.echo("\n\n".join(evaluate.details(evaluation) for evaluation in found))


@app.command(rich_help_panel=PANEL)
def compare(
    runs: Annotated[list[str] | None, typer.Argument(help="Finished runs, by name or the start of it.")] = None,
    modes: Annotated[
        str, typer.Option("--modes", help="Train in each of these ways and compare: frozen,finetune,lora (model.mode).")
    ] = "",
    workspace: WorkspaceOption = Path(),
    recipe: RecipeOption = None,
    set: SetOption = None,
) -> None:
    """Which is better, by how much, how sure that is, and what each cost. The first is what the others are held against."""
    from photobench import workflow

    asked = [mode.strip() for mode in modes.split(",") if mode.strip()]
    typer.echo(workflow.comparison_text(workflow.compare(bench_of(workspace, set, recipe), runs or (), asked)))


@app.command(rich_help_panel=PANEL)
def predict(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Photos, folders, or tables with a path column; the evaluation set by default."),
    ] = None,
    run: RunOption = None,
    folds: FoldsOption = False,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="FILE.csv or FILE.parquet; CSV on standard output by default.")
    ] = None,
    workspace: WorkspaceOption = Path(),
    set: SetOption = None,
) -> None:
    """What a run says of photos: labels, class, confidence, probabilities."""
    from photobench import workflow

    if out is not None:
        workflow.check_table_name(out)
    bench = bench_of_runs(workspace, set)
    _check_one_of(run, folds)
    predictions = workflow.find_answerer(bench, run, folds).predict(paths or ())
    if out is None:
        predictions.to_frame().to_csv(sys.stdout, index=False, float_format="%.6f")
        return
    workflow.write_predictions(predictions, out)
    broken = int((~predictions.ok()).sum())
    typer.echo(
        f"{out}: {len(predictions):,} photos by {predictions.run}"
        + (f", {broken:,} of them unreadable (see the reason column)" if broken else "")
    )


@app.command(rich_help_panel=PANEL)
def submit(
    workspace: WorkspaceOption = Path(),
    run: RunOption = None,
    folds: FoldsOption = False,
    check: Annotated[
        Path | None, typer.Option("--check", help="Check this file against the sample instead of writing one.")
    ] = None,
    set: SetOption = None,
) -> None:
    """Write the submission in the form of the sample file, and check it."""
    from photobench import workflow

    bench = bench_of_runs(workspace, set)
    if check is not None:
        workflow.check_submission(bench, check)
        typer.echo(f"{check} has the form of the sample.")
    else:
        _check_one_of(run, folds)
        path = workflow.submit_folds(bench) if folds else workflow.submit(bench, run)
        typer.echo(f"{path} has the form of the sample.")


@app.command(rich_help_panel=PANEL)
def report(workspace: WorkspaceOption = Path(), run: RunOption = None, set: SetOption = None) -> None:
    """One HTML file with the data, the model's evidence and its mistakes. Opens from disk."""
    from photobench import workflow

    typer.echo(workflow.report(bench_of_runs(workspace, set), run))


@app.command("list", rich_help_panel=PANEL)
def list_(
    what: Annotated[
        str,
        typer.Argument(
            help="runs, problems, or what can be chosen: backbones, augmentations, checks, combinations, detectors, losses, metrics, mixes, optimizers, probes, recipes, resamplers, samplers, schedules, sources, transforms."
        ),
    ] = "runs",
    pattern: Annotated[str, typer.Argument(help="Part of the name.")] = "",
    workspace: WorkspaceOption = Path(),
) -> None:
    """What there is: your runs, photos with problems, and everything that can be chosen by name."""
    from photobench import listing

    typer.echo(listing.listing(what, pattern, workspace))


@app.command(rich_help_panel=PANEL)
def config(workspace: WorkspaceOption = Path(), recipe: RecipeOption = None, set: SetOption = None) -> None:
    """Every option, its value, where the value came from, and what it means."""
    from photobench import listing

    typer.echo(listing.options_table(bench_of(workspace, set, recipe).project))


def _check_one_of(run: str | None, folds: bool) -> None:
    if run is not None and folds:
        raise PhotobenchError("--run names one run and --folds means all of a set of folds: leave one of them out.")
