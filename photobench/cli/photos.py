"""Photos before any training: looked at, cut, packed, shown; and the journeys that begin with them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from photobench.cli.app import app
from photobench.cli.shared import (
    RecipeOption,
    SetOption,
    WorkspaceOption,
    bench_of,
    bench_of_runs,
    parsed,
    print_evaluation,
)
from photobench.errors import PhotobenchError

PANEL = "Photos"
"""Of the help."""


@app.command(rich_help_panel=PANEL)
def init(
    photos: Annotated[Path, typer.Argument(help="Folder of the photos. It is never written to.")],
    labels: Annotated[
        Path | None, typer.Option("--labels", "-l", help="Table of the labels: CSV, TSV or Parquet.")
    ] = None,
    workspace: WorkspaceOption = Path(),
    force: Annotated[bool, typer.Option("--force", help="Replace a photobench.toml that is already there.")] = False,
) -> None:
    """Look at what is there, say what it understood, and write a commented photobench.toml."""
    from photobench import workflow

    typer.echo(workflow.init(photos, workspace, labels, force))


@app.command(rich_help_panel=PANEL)
def demo(
    folder: Annotated[Path, typer.Argument(help="Where to put the demo's photos and its workspace.")] = Path("demo"),
    people: Annotated[
        int,
        typer.Option(
            help="People drawn for training, 7 photos each; 60 others are the evaluation set, whatever this is. 5 folds want about 60.",
            min=20,
        ),
    ] = 150,
    draw: Annotated[bool, typer.Option("--draw", help="Only draw the photos; the rest is up to you.")] = False,
    set: SetOption = None,
) -> None:
    """Draw a data set with a known truth, and run the whole journey on it, offline."""
    from photobench import workflow

    if draw:
        typer.echo(
            f"{workflow.draw_demo(folder, people)}: the photos. Begin with: photobench init {folder}/photos -w {folder}"
        )
        return
    record = workflow.demo(folder, people, parsed(set))
    print_evaluation(bench_of(folder, None), record.name)


@app.command(rich_help_panel=PANEL)
def run(workspace: WorkspaceOption = Path(), recipe: RecipeOption = None, set: SetOption = None) -> None:
    """The whole journey: manifest, pack, split, train, evaluate, predict, submission, report. Skips what is up to date."""
    from photobench import workflow

    bench = bench_of(workspace, set, recipe)
    record = workflow.run(bench)
    print_evaluation(bench, record.name)


@app.command(rich_help_panel=PANEL)
def crop(
    preview: Annotated[
        bool,
        typer.Option("--preview", help="Write crop.html: photos with their boxes, the misses and the doubtful first."),
    ] = False,
    export: Annotated[Path | None, typer.Option("--export", help="Write the boxes to FILE.csv, in pixels.")] = None,
    boxes: Annotated[
        Path | None,
        typer.Option("--import", help="Take over the boxes that were changed in FILE.csv; they count from then on."),
    ] = None,
    workspace: WorkspaceOption = Path(),
    set: SetOption = None,
) -> None:
    """Find what matters in each photo (crop.method). What was found is kept: only new and changed photos are looked at."""
    from photobench import workflow

    bench = bench_of(workspace, set)
    if boxes is not None:
        typer.echo(f"{boxes}: {workflow.import_boxes(bench, boxes)}")
    manifest = workflow.crop(bench)
    for note in manifest.notes:
        typer.echo(f"note: {note}")
    if export is not None:
        number = workflow.export_boxes(manifest, export)
        typer.echo(f"{export}: {number:,} photos. Change boxes there, then: photobench crop --import {export}")
    if preview:
        typer.echo(workflow.crop_sheet(bench, manifest))


@app.command(rich_help_panel=PANEL)
def augment(
    preview: Annotated[
        bool,
        typer.Option("--preview", help="Write augment.html: photos as evaluation sees them, and as training does."),
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="What each flip and turn costs the labels, measured by the model of a run.")
    ] = False,
    run: Annotated[
        str | None,
        typer.Option(
            "--run", "-r", help="The run that --check asks, by its name or the start of it; the last one by default."
        ),
    ] = None,
    workspace: WorkspaceOption = Path(),
    set: SetOption = None,
) -> None:
    """What training does to photos (augment.preset): a sheet to look at, and whether it destroys a label."""
    from photobench import workflow

    if check or run is not None:
        found = workflow.check_augmentation(bench_of_runs(workspace, set), run)
        typer.echo("\n".join([found.table(), *found.verdicts, *(f"warning: {warning}" for warning in found.warnings)]))
    if preview or not (check or run is not None):
        typer.echo(workflow.augment_sheet(bench_of(workspace, set)))


@app.command(rich_help_panel=PANEL)
def pack(workspace: WorkspaceOption = Path(), set: SetOption = None) -> None:
    """Read the photos: manifest, pack and split, without training."""
    from photobench import workflow

    manifest = workflow.prepare(bench_of(workspace, set)).manifest
    typer.echo(workflow.describe_split(manifest))
    typer.echo(workflow.split_table(manifest).to_string())
    for note in manifest.notes:
        typer.echo(f"note: {note}")


@app.command(rich_help_panel=PANEL)
def explore(
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="A folder other than explore/ in the workspace.")
    ] = None,
    workspace: WorkspaceOption = Path(),
    set: SetOption = None,
) -> None:
    """What is unusual in the photos and what it means for training: findings in words, figures (PNG, CSV), a map of the photos."""
    from photobench import workflow

    if out is not None and out.is_file():
        raise PhotobenchError(f"--out {out} is a file, and several are written: name a folder.")
    typer.echo(workflow.explore(bench_of(workspace, set), out))
