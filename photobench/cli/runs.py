"""Runs: the table of them, one told whole, compared, tagged, and removed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from photobench.cli.app import app
from photobench.cli.results import PANEL
from photobench.cli.shared import RecipeOption, SetOption, WorkspaceOption, bench_of
from photobench.cli.usage import Commands
from photobench.errors import PhotobenchError

runs = typer.Typer(
    cls=Commands, help="All runs with their scores and in what they differ; show, compare, tag and prune them."
)
app.add_typer(runs, name="runs", rich_help_panel=PANEL)


@runs.callback(invoke_without_command=True)
def table(
    context: typer.Context,
    every: Annotated[
        bool, typer.Option("--all", help="Also each run of a set, and those made for the audit and other checks.")
    ] = False,
    pattern: Annotated[str, typer.Option("--name", help="Only runs with this in their name or tags.")] = "",
    workspace: WorkspaceOption = Path(),
) -> None:
    """All runs: score, interval, what it was measured on, time, size, and only the options in which they differ."""
    from photobench import workflow

    if context.invoked_subcommand is None:
        typer.echo(workflow.runs_text(bench_of(workspace, None), every, pattern))
    elif every or pattern or workspace != Path():
        verb = context.invoked_subcommand
        raise PhotobenchError(f"Options stand behind the verb: photobench runs {verb} … -w {workspace}")


def compare(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="RUNS", help="Runs or sets of folds, by name or the start of it.")
    ] = None,
    modes: Annotated[
        str, typer.Option("--modes", help="Train in each of these ways and compare: frozen,finetune,lora (model.mode).")
    ] = "",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write FILE.html: where they differ, with the photos.")
    ] = None,
    workspace: WorkspaceOption = Path(),
    recipe: RecipeOption = None,
    set: SetOption = None,
) -> None:
    """Which run is better, by how much, how sure that is, where the difference lies, and what each cost. All are compared with the first."""
    from photobench import workflow

    if out is not None:
        workflow.check_page_name(out)
    asked = [mode.strip() for mode in modes.split(",") if mode.strip()]
    bench = bench_of(workspace, set, recipe)
    comparison = workflow.compare(bench, names or (), asked)
    typer.echo(workflow.comparison_text(comparison))
    if out is not None:
        workflow.write_comparison(bench, comparison, out)
        typer.echo(f"\n{out}")


runs.command()(compare)
app.command(rich_help_panel=PANEL)(compare)  # it was there before there was `runs`


@runs.command()
def show(
    name: Annotated[str, typer.Argument(metavar="RUN", help="A run or a set of folds, by name or the start of it.")],
    workspace: WorkspaceOption = Path(),
) -> None:
    """Everything about one run: scores with intervals, curves, options that are not the default, time, size, notes."""
    from photobench import workflow

    typer.echo(workflow.show_run(bench_of(workspace, None), name))


@runs.command()
def tag(
    name: Annotated[str, typer.Argument(metavar="RUN", help="A run or a set of folds, by name or the start of it.")],
    word: Annotated[str, typer.Argument(metavar="TAG", help="A word such as baseline; --run baseline then finds it.")],
    remove: Annotated[bool, typer.Option("--remove", help="Take the tag away.")] = False,
    workspace: WorkspaceOption = Path(),
) -> None:
    """Give a run a word by which it is found, and which keeps it from being pruned."""
    from photobench import workflow

    typer.echo(workflow.tag(bench_of(workspace, None), name, word, remove))


@runs.command()
def prune(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="RUNS", help="Only these; a set goes with its runs. By default, all that nothing needs."
        ),
    ] = None,
    keep: Annotated[int, typer.Option("--keep", help="Keep this many runs with the highest macro-F1.")] = 1,
    leftovers: Annotated[
        bool, typer.Option("--leftovers", help="Only runs that were not finished, or were made for a check.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Remove them; without it, you are only told what would go.")
    ] = False,
    workspace: WorkspaceOption = Path(),
) -> None:
    """Remove runs that nothing needs: none of a set, a search or a submission, none with a tag, never the latest. Says first what would go."""
    from photobench import workflow

    typer.echo(workflow.prune(bench_of(workspace, None), names or (), keep, leftovers, yes))
