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
    check_one_of,
)
from photobench.listing import CHOICES, OF_A_WORKSPACE

PANEL = "What came of it"
"""Of the help."""


@app.command(rich_help_panel=PANEL)
def evaluate(
    workspace: WorkspaceOption = Path(), run: RunOption = None, folds: FoldsOption = False, set: SetOption = None
) -> None:
    """Every metric of a run, with its interval: joint, per attribute, class by class."""
    from photobench import evaluate, workflow

    check_one_of(run, folds)
    found = workflow.find_answerer(bench_of_runs(workspace, set), run, folds).evaluations().values()
    typer.echo("\n\n".join(evaluate.details(evaluation) for evaluation in found))


@app.command(rich_help_panel=PANEL)
def slices(
    run: RunOption = None,
    folds: FoldsOption = False,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write them as a table: FILE.csv or FILE.parquet.")
    ] = None,
    workspace: WorkspaceOption = Path(),
    set: SetOption = None,
) -> None:
    """Where a run fails: kinds of photos with more mistakes than chance explains, by what they cost."""
    from photobench import workflow

    check_one_of(run, folds)
    if out is not None:
        workflow.check_table_name(out)
    found = workflow.slices(bench_of_runs(workspace, set), run, folds)
    typer.echo(found)
    if out is not None:
        workflow.write_table(found.to_frame(), out)


@app.command(rich_help_panel=PANEL)
def explain(
    photos: Annotated[
        list[Path] | None,
        typer.Argument(help="Photos, folders, or tables with a path column; the worst mistakes by default."),
    ] = None,
    run: RunOption = None,
    folds: FoldsOption = False,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write the page here: FILE.html.")] = None,
    workspace: WorkspaceOption = Path(),
    set: SetOption = None,
) -> None:
    """Where a run looks: maps of what speaks for its answers, and whether they may be believed."""
    from photobench import workflow

    check_one_of(run, folds)
    typer.echo(workflow.explain(bench_of_runs(workspace, set), photos or (), run, folds, out))


@app.command(rich_help_panel=PANEL)
def refine(
    run: RunOption = None, folds: FoldsOption = False, workspace: WorkspaceOption = Path(), set: SetOption = None
) -> None:
    """What a trained model gains without training: views of a photo, temperatures, decision rules. Keeps what is worth it."""
    from photobench import workflow

    check_one_of(run, folds)
    typer.echo(workflow.refine_answerer(bench_of_runs(workspace, set), run, folds))


@app.command(rich_help_panel=PANEL)
def predict(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Photos, folders, or tables with a path column; the evaluation set by default."),
    ] = None,
    run: RunOption = None,
    folds: FoldsOption = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Write FILE.csv or FILE.parquet; by default, CSV on standard output."),
    ] = None,
    workspace: WorkspaceOption = Path(),
    set: SetOption = None,
) -> None:
    """What a run says about photos: labels, class, confidence, probabilities."""
    from photobench import workflow

    if out is not None:
        workflow.check_table_name(out)
    bench = bench_of_runs(workspace, set)
    check_one_of(run, folds)
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
def report(
    workspace: WorkspaceOption = Path(), run: RunOption = None, folds: FoldsOption = False, set: SetOption = None
) -> None:
    """One HTML file with the data, the evidence of a run, a set of folds or an ensemble, and its mistakes. Opens from disk."""
    from photobench import workflow

    check_one_of(run, folds)
    typer.echo(workflow.report(bench_of_runs(workspace, set), run, folds))


@app.command("list", rich_help_panel=PANEL)
def list_(
    what: Annotated[
        str,
        typer.Argument(help=f"{', '.join(OF_A_WORKSPACE)}, or what can be chosen: {', '.join(CHOICES)}."),
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
