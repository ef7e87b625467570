"""What is handed in, and what comes back: the submission and the ledger of all of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from photobench.cli.app import app
from photobench.cli.results import PANEL
from photobench.cli.shared import (
    FoldsOption,
    RunOption,
    SetOption,
    WorkspaceOption,
    bench_of,
    bench_of_runs,
    check_one_of,
)
from photobench.cli.usage import Commands
from photobench.errors import PhotobenchError

submit = typer.Typer(
    cls=Commands,
    help="Write the submission in the form of the sample file, check it, and keep account of what was sent and what it scored.",
)
app.add_typer(submit, name="submit", rich_help_panel=PANEL)

CheckOption = Annotated[
    Path | None, typer.Option("--check", help="Check this file against the sample instead of writing one.")
]
NumberOption = Annotated[
    int | None, typer.Option("--number", "-n", help="Of the submission, as `photobench submit status` shows it.")
]
FileOption = Annotated[
    Path | None, typer.Option("--file", "-f", help="The file itself; one that was made elsewhere is entered first.")
]
AtOption = Annotated[
    str | None, typer.Option("--at", help='When it was sent, where that is not now: 14:30, "2026-03-01 14:30".')
]


@submit.callback(invoke_without_command=True)
def submit_(
    context: typer.Context,
    workspace: WorkspaceOption = Path(),
    run: RunOption = None,
    folds: FoldsOption = False,
    check: CheckOption = None,
    set: SetOption = None,
) -> None:
    """Write the submission, check it, and keep account of what was sent and what it scored. Alone it is `submit make`."""
    verb = context.invoked_subcommand
    if verb is None:
        make(workspace, run, folds, check, set)
    elif workspace != Path() or run is not None or folds or check is not None or set:
        raise PhotobenchError(
            f"Options come after the command that they are for: photobench submit {verb} --workspace …"
        )


@submit.command()
def make(
    workspace: WorkspaceOption = Path(),
    run: RunOption = None,
    folds: FoldsOption = False,
    check: CheckOption = None,
    set: SetOption = None,
) -> None:
    """Write the submission in the form of the sample file, check it, and enter it in the ledger."""
    from photobench import workflow

    bench = bench_of_runs(workspace, set)
    if check is not None:
        workflow.check_submission(bench, check)
        typer.echo(f"{check} has the form of the sample.")
    else:
        check_one_of(run, folds)
        typer.echo(workflow.hand_in(bench, run, folds))


@submit.command()
def send(
    number: NumberOption = None,
    file: FileOption = None,
    at: AtOption = None,
    workspace: WorkspaceOption = Path(),
    set: SetOption = None,
) -> None:
    """Write down that a submission was sent, before its score is known; or upload it, where ledger.uploader says with what."""
    from photobench import workflow

    typer.echo(workflow.send(bench_of(workspace, set), number, file, at))


@submit.command()
def record(
    score: Annotated[float, typer.Argument(help="What the leaderboard shows, as a share: 0.7612.")],
    number: NumberOption = None,
    file: FileOption = None,
    at: AtOption = None,
    workspace: WorkspaceOption = Path(),
    set: SetOption = None,
) -> None:
    """Write down the score of a submission, of the one that waits for it where none is named. It counts as sent from then on."""
    from photobench import workflow

    typer.echo(workflow.record_score(bench_of(workspace, set), score, number, file, at))


@submit.command()
def undo(
    number: Annotated[int, typer.Argument(help="Of the submission.")],
    workspace: WorkspaceOption = Path(),
    set: SetOption = None,
) -> None:
    """Take back what was written down last of a submission: its score, or that it was sent. Nothing is erased."""
    from photobench import workflow

    typer.echo(workflow.undo_submission(bench_of(workspace, set), number))


@submit.command()
def status(workspace: WorkspaceOption = Path(), set: SetOption = None) -> None:
    """What is left of the day, every submission, and how validation and leaderboard go together."""
    from photobench import workflow

    typer.echo(workflow.ledger_status(bench_of(workspace, set)))


@submit.command()
def plan(workspace: WorkspaceOption = Path(), set: SetOption = None) -> None:
    """What to send next and why: the chance to beat the best score, how much changes, what is learned."""
    from photobench import workflow

    typer.echo(workflow.plan_submissions(bench_of(workspace, set)))


@submit.command()
def share(workspace: WorkspaceOption = Path(), set: SetOption = None) -> None:
    """Take the submissions of the workspace's own ledger over into the team's (ledger.url), with their files and scores."""
    from photobench import workflow

    typer.echo(workflow.share_ledger(bench_of(workspace, set)))


@submit.command()
def export(
    out: Annotated[Path, typer.Argument(help="FILE.csv or FILE.parquet: a row per submission.")],
    number: Annotated[
        int | None, typer.Option("--number", "-n", help="Write the file of this submission instead, as it was made.")
    ] = None,
    workspace: WorkspaceOption = Path(),
    set: SetOption = None,
) -> None:
    """Write the ledger as a table, or a submission's file, whoever in the team made it."""
    from photobench import workflow
    from photobench.words import count

    bench = bench_of(workspace, set)
    if number is not None:
        typer.echo(f"{out}: submission {workflow.take_out(bench, number, out).name}")
        return
    workflow.check_table_name(out)
    rows = workflow.export_ledger(bench, out)
    typer.echo(f"{out}: {count(rows, 'submission')}")
