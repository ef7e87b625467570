"""Several runs made one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from photobench.cli.app import app
from photobench.cli.results import PANEL
from photobench.cli.shared import SetOption, WorkspaceOption, bench_of


@app.command(rich_help_panel=PANEL)
def ensemble(
    members: Annotated[
        list[str] | None,
        typer.Argument(help="Runs or sets of folds, by name or the start of it; all that can be compared by default."),
    ] = None,
    method: Annotated[
        str, typer.Option("--method", "-m", help="best, soup, or one of: photobench list combinations")
    ] = "best",
    distil: Annotated[
        bool,
        typer.Option(
            "--distil",
            help="Then train the project's model on its answers, and compare with the same model on labels alone.",
        ),
    ] = False,
    workspace: WorkspaceOption = Path(),
    set: SetOption = None,
) -> None:
    """The best combination of your runs, measured on photos that none of them learned from, and whether it is worth its cost."""
    from photobench import workflow

    bench = bench_of(workspace, set)
    found = workflow.ensemble(bench, members or (), method)
    typer.echo(found)
    name = found.record.alone.name if found.record.method == "single" else found.name
    typer.echo(f"\nAsk it by its name: photobench submit --run {name}")
    if distil:
        typer.echo(f"\n{workflow.distil(bench, found)}")
