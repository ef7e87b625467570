"""What is wrong with photos and labels, and what people decided."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from photobench.cli.app import app
from photobench.cli.shared import SetOption, WorkspaceOption, bench_of
from photobench.cli.usage import Commands
from photobench.errors import PhotobenchError
from photobench.words import count

PANEL = "What is wrong with them"
"""Of the help."""


@app.command(rich_help_panel=PANEL)
def audit(
    check: Annotated[
        list[str] | None,
        typer.Option("--check", "-c", help="Only this check; may be given again: photobench list checks"),
    ] = None,
    top: Annotated[
        int | None, typer.Option("--top", help="Findings to print; 20 by default, none with --apply.", min=0)
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write every finding to FILE.csv or FILE.parquet.")
    ] = None,
    new: Annotated[bool, typer.Option("--new", help="Only findings that the previous audit did not have.")] = False,
    apply: Annotated[
        Path | None, typer.Option("--apply", help="Decide on the findings by the rules in RULES.toml.")
    ] = None,
    what_if: Annotated[
        bool, typer.Option("--what-if", help="Train with the decisions and without, in folds: was it worth it?")
    ] = False,
    workspace: WorkspaceOption = Path(),
    set: SetOption = None,
) -> None:
    """What is probably wrong: labels, copies, leaks, bad photos; ranked, with the evidence. Changes nothing by itself."""
    from photobench import workflow
    from photobench.audit import priority, words

    if out is not None:
        workflow.check_table_name(out)
    bench = bench_of(workspace, set)
    if what_if:
        typer.echo(workflow.what_if(bench))
        return
    if apply is not None:
        workflow.check_rules(bench, apply)
    checked = workflow.audit(bench, check or ())
    told = [words.summary(checked, new)] if apply is None else []
    if new:
        checked = workflow.only_new(checked)
    findings = workflow.ranked(checked)
    shown = (0 if apply else 20) if top is None else top
    if shown and findings:
        first = priority.foremost(checked, shown)
        told.append(f"{words.of_all(len(first), len(findings))}\n{words.ranking(first)}")
    if out is not None:
        workflow.write_findings(findings, out)
        told.append(f"{out}: {count(len(findings), 'finding')}")
    if apply is not None:
        told.append(f"{apply}: {workflow.apply_rules(bench, findings, apply)}")
    typer.echo("\n\n".join(told))


decisions = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    help="What people decided about photos: labels changed, photos left out, groups merged.",
)
app.add_typer(decisions, name="decisions", rich_help_panel=PANEL)


@decisions.command("list")
def list_decisions(
    pattern: Annotated[str, typer.Argument(help="Part of the photo's path, of the field or of the person.")] = "",
    workspace: WorkspaceOption = Path(),
    set: SetOption = None,
) -> None:
    """Every decision, who made it, when and why, and whether it stands."""
    from photobench import workflow

    typer.echo(workflow.list_decisions(bench_of(workspace, set), pattern))


@decisions.command()
def undo(
    numbers: Annotated[list[str] | None, typer.Argument(help="Numbers of decisions, or from-to: 3 12-40.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Take back every decision that stands.")] = False,
    workspace: WorkspaceOption = Path(),
    set: SetOption = None,
) -> None:
    """Take decisions back: each restores what stood before it, and is a decision itself. The undo of an undo restores it."""
    from photobench import workflow

    bench = bench_of(workspace, set)
    if bool(numbers) == all_:
        raise PhotobenchError("Name the decisions to take back by their numbers (photobench decisions list), or --all.")
    typer.echo(workflow.undo_all(bench) if all_ else workflow.undo_decision(bench, _numbers(numbers or [])))


@decisions.command("export")
def export_decisions(
    out: Annotated[Path, typer.Argument(help="FILE.csv, a line per decision.")],
    workspace: WorkspaceOption = Path(),
    set: SetOption = None,
) -> None:
    """Write every decision to a CSV file that git can compare: a new decision adds a line."""
    from photobench import workflow
    from photobench.words import count

    number = workflow.export_decisions(bench_of(workspace, set), out)
    typer.echo(f"{out}: {count(number, 'decision')}")


@decisions.command("import")
def import_decisions(
    table: Annotated[Path, typer.Argument(help="Table with columns photo, field and new, such as an exported one.")],
    workspace: WorkspaceOption = Path(),
    set: SetOption = None,
) -> None:
    """Take over what differs in a table from what stands: all of it or, where it has mistakes, none."""
    from photobench import workflow

    typer.echo(f"{table}: {workflow.import_decisions(bench_of(workspace, set), table)}")


@app.command(rich_help_panel=PANEL)
def review(
    name: Annotated[str, typer.Option("--as", help="Who decides; your user name by default.", metavar="NAME")] = "",
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on. Any other than 127.0.0.1 lets the network in.")
    ] = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option(
            "--port", "-p", help="Port to listen on; 0 takes 8642, or the next one that is free.", min=0, max=65535
        ),
    ] = 0,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page in a browser, where there is a screen.")
    ] = True,
    workspace: WorkspaceOption = Path(),
    set: SetOption = None,
) -> None:
    """Look at what the audit found, photo by photo, in a browser, and decide. Every decision is kept at once."""
    from photobench.web.serving import review

    review(bench_of(workspace, set), name, host, port, browser)


def _numbers(texts: list[str]) -> list[int]:
    """`["3", "12-14"]` → `[3, 12, 13, 14]`."""
    found: list[int] = []
    for text in texts:
        first, _, last = text.partition("-")
        if not (first.isdigit() and (last or first).isdigit()):
            raise PhotobenchError(f'"{text}" is no number of a decision. Write numbers or ranges: 3 12-40.')
        if int(last or first) < int(first):
            raise PhotobenchError(f'"{text}" runs backwards. Write the smaller number first: {last}-{first}.')
        found += range(int(first), int(last or first) + 1)
    return found
