"""The command line: a thin face over workflow. It parses, calls one verb, prints, and turns errors into a sentence.

Nothing heavy is imported before a command needs it: `photobench --help` answers at once.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from photobench.errors import Interrupted, PhotobenchError
from photobench.parallel import process_number
from photobench.progress import say

if TYPE_CHECKING:
    from photobench.workflow import Bench

app = typer.Typer(
    name="photobench",
    help="From a pile of labelled photos to an image classifier you can trust, and to the submission, report or model you need it for.",
    epilog="A first look: photobench demo. Your own photos: photobench init PHOTOS, then photobench run.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

WorkspaceOption = Annotated[Path, typer.Option("--workspace", "-w", help="Folder with photobench.toml.")]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", "-s", help="Change an option for this call: --set train.epochs=3", metavar="KEY=VALUE"),
]
RecipeOption = Annotated[
    str | None, typer.Option("--recipe", help="Values for what the project file leaves open: photobench list recipes")
]
FixOption = Annotated[bool, typer.Option("--fix", help="Write what was found into photobench.toml; its comments stay.")]
RunOption = Annotated[
    str | None, typer.Option("--run", "-r", help="A run by its name or the start of it; the latest by default.")
]
FoldsOption = Annotated[
    bool,
    typer.Option(
        "--folds", help="The average of the fold models that were trained or asked last, in place of one run."
    ),
]


@app.command()
def init(
    photos: Annotated[Path, typer.Argument(help="Folder of the photos. It is never written to.")],
    labels: Annotated[
        Path | None, typer.Option("--labels", "-l", help="Table of the labels: CSV, TSV or Parquet.")
    ] = None,
    workspace: WorkspaceOption = Path(),
    force: Annotated[bool, typer.Option("--force", help="Replace the photobench.toml that is there.")] = False,
) -> None:
    """Look at what is there, say what it understood, and write a commented photobench.toml."""
    from photobench import workflow

    typer.echo(workflow.init(photos, workspace, labels, force))


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="Where to put the demo's photos and its workspace.")] = Path("demo"),
    people: Annotated[int, typer.Option(help="People drawn for training; 7 photos each.", min=20)] = 150,
    set: SetOption = None,
) -> None:
    """Draw a data set with a known truth, and run the whole journey on it, offline."""
    from photobench import workflow

    record = workflow.demo(folder, people, _sets(set))
    _print_evaluation(_bench(folder, None), record.name)


@app.command()
def run(workspace: WorkspaceOption = Path(), recipe: RecipeOption = None, set: SetOption = None) -> None:
    """The whole journey: manifest, pack, split, train, evaluate, predict, submission, report. Skips what is up to date."""
    from photobench import workflow

    bench = _bench(workspace, set, recipe)
    record = workflow.run(bench)
    _print_evaluation(bench, record.name)


@app.command()
def crop(
    preview: Annotated[
        bool,
        typer.Option("--preview", help="Write crop.html: photos with their boxes, the misses and the doubtful first."),
    ] = False,
    export: Annotated[Path | None, typer.Option("--export", help="Write the boxes to FILE.csv, in pixels.")] = None,
    boxes: Annotated[
        Path | None,
        typer.Option("--import", help="Take over the boxes that were changed in FILE.csv; they win from then on."),
    ] = None,
    workspace: WorkspaceOption = Path(),
    set: SetOption = None,
) -> None:
    """Find what matters in each photo (crop.method). What was found is kept: only new and changed photos are looked at."""
    from photobench import workflow

    bench = _bench(workspace, set)
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


@app.command()
def augment(
    preview: Annotated[
        bool,
        typer.Option("--preview", help="Write augment.html: photos as evaluation sees them, and as training does."),
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="What each flip and turn costs the labels, measured by the model of a run.")
    ] = False,
    run: RunOption = None,
    workspace: WorkspaceOption = Path(),
    set: SetOption = None,
) -> None:
    """What training does to photos (augment.preset): a sheet to look at, and whether it destroys a label."""
    from photobench import workflow

    if check or run is not None:
        found = workflow.check_augmentation(_bench_of_runs(workspace, set), run)
        typer.echo("\n".join([found.table(), *found.verdicts, *(f"warning: {warning}" for warning in found.warnings)]))
    if preview or not (check or run is not None):
        typer.echo(workflow.augment_sheet(_bench(workspace, set)))


@app.command()
def pack(workspace: WorkspaceOption = Path(), set: SetOption = None) -> None:
    """Read the photos: manifest, pack and split, without training."""
    from photobench import workflow

    manifest = workflow.prepare(_bench(workspace, set)).manifest
    typer.echo(workflow.describe_split(manifest))
    typer.echo(workflow.split_table(manifest).to_string())
    for note in manifest.notes:
        typer.echo(f"note: {note}")


@app.command()
def explore(
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Another folder than explore/ in the workspace.", file_okay=False)
    ] = None,
    workspace: WorkspaceOption = Path(),
    set: SetOption = None,
) -> None:
    """What is unusual in the photos and what it means for training: findings in words, figures (PNG, CSV), a map of the photos."""
    from photobench import workflow

    typer.echo(workflow.explore(_bench(workspace, set), out))


@app.command()
def train(
    folds: Annotated[
        int,
        typer.Option("--folds", help="Divide the labelled photos into so many parts, and train a model without each."),
    ] = 0,
    repeats: Annotated[int, typer.Option("--repeats", help="So many divisions into folds.")] = 1,
    workspace: WorkspaceOption = Path(),
    recipe: RecipeOption = None,
    set: SetOption = None,
) -> None:
    """Train a model, or one per fold, or go on with a training that was stopped."""
    from photobench import workflow

    bench = _bench(workspace, set, recipe)
    if folds or repeats != 1:
        folded = workflow.train_folds(bench, folds, repeats)
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


@app.command("find-lr")
def find_lr(
    steps: Annotated[int, typer.Option(help="Steps to try, each at a higher rate than the last.")] = 100,
    fix: FixOption = False,
    workspace: WorkspaceOption = Path(),
    recipe: RecipeOption = None,
    set: SetOption = None,
) -> None:
    """Find the learning rate by trying: real steps at a rising rate, their loss as a curve, and a suggestion. Leaves no run."""
    from photobench import workflow

    bench = _bench(workspace, set, recipe)
    found = workflow.find_lr(bench, steps)
    typer.echo(found)
    if found.suggestion is not None:
        _fix_or_say(bench, "train.lr", found.suggestion, fix)


@app.command("find-batch")
def find_batch(
    fix: FixOption = False, workspace: WorkspaceOption = Path(), recipe: RecipeOption = None, set: SetOption = None
) -> None:
    """Find the batch size by trying: images/s and memory of each size, and the fastest that fits. Leaves no run."""
    from photobench import workflow

    bench = _bench(workspace, set, recipe)
    found = workflow.find_batch(bench)
    typer.echo(found)
    _fix_or_say(bench, "train.batch_size", found.suggestion, fix)


@app.command()
def doctor(
    fix: Annotated[bool, typer.Option("--fix", help="Write what was measured better into photobench.toml.")] = False,
    seconds: Annotated[float, typer.Option("--seconds", help="About as long as it may take.", min=1)] = 30.0,
    workspace: WorkspaceOption = Path(),
    recipe: RecipeOption = None,
    set: SetOption = None,
) -> None:
    """Measure a training here: what limits it, which settings are faster, how long a run takes."""
    from photobench import workflow

    bench = _bench(workspace, set, recipe)
    checkup = workflow.doctor(bench, seconds)
    typer.echo(checkup)
    if fix:
        written = workflow.prescribe(bench, checkup.changes) if checkup.changes else ["There is nothing to write."]
        typer.echo("\n".join(["", *written]))
    elif checkup.changes:
        typer.echo("\nWrite what is better into photobench.toml: photobench doctor --fix")


decisions = typer.Typer(
    no_args_is_help=True, help="What people decided of photos: labels changed, photos left out, groups merged."
)
app.add_typer(decisions, name="decisions")


@decisions.command("list")
def list_decisions(
    pattern: Annotated[str, typer.Argument(help="Part of the photo's path, of the field or of the person.")] = "",
    workspace: WorkspaceOption = Path(),
    set: SetOption = None,
) -> None:
    """Every decision, who made it, when and why, and whether it stands."""
    from photobench import workflow

    typer.echo(workflow.list_decisions(_bench(workspace, set), pattern))


@decisions.command()
def undo(
    numbers: Annotated[list[str] | None, typer.Argument(help="Numbers of decisions, or from-to: 3 12-40.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every decision that stands.")] = False,
    workspace: WorkspaceOption = Path(),
    set: SetOption = None,
) -> None:
    """Take decisions back: each restores what stood before it, and is a decision itself. The undo of an undo restores it."""
    from photobench import workflow

    bench = _bench(workspace, set)
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

    number = workflow.export_decisions(_bench(workspace, set), out)
    typer.echo(f"{out}: {number:,} decision{'' if number == 1 else 's'}")


@decisions.command("import")
def import_decisions(
    table: Annotated[Path, typer.Argument(help="Table with columns photo, field and new, such as an exported one.")],
    workspace: WorkspaceOption = Path(),
    set: SetOption = None,
) -> None:
    """Take over what differs in a table from what stands: all of it or, where it has mistakes, none."""
    from photobench import workflow

    typer.echo(f"{table}: {workflow.import_decisions(_bench(workspace, set), table)}")


@app.command()
def evaluate(workspace: WorkspaceOption = Path(), run: RunOption = None, set: SetOption = None) -> None:
    """Every metric of a run, with its interval: joint, per attribute, class by class."""
    from photobench import evaluate, workflow

    found = workflow.evaluate_run(_bench_of_runs(workspace, set), run).values()
    typer.echo("\n\n".join(evaluate.details(evaluation) for evaluation in found))


@app.command()
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
    typer.echo(workflow.comparison_text(workflow.compare(_bench(workspace, set, recipe), runs or (), asked)))


@app.command()
def audit(
    check: Annotated[
        list[str] | None,
        typer.Option("--check", "-c", help="Only this check; may be given again: photobench list checks"),
    ] = None,
    top: Annotated[int, typer.Option("--top", help="Findings to print.", min=0)] = 20,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write every finding to FILE.csv or FILE.parquet.")
    ] = None,
    apply: Annotated[
        Path | None, typer.Option("--apply", help="Decide what the rules in RULES.toml say of the findings.")
    ] = None,
    what_if: Annotated[
        bool, typer.Option("--what-if", help="Train with the decisions and without, in folds: was it worth it?")
    ] = False,
    workspace: WorkspaceOption = Path(),
    set: SetOption = None,
) -> None:
    """What is probably wrong: labels, copies, leaks, bad photos; ranked, with the evidence. Changes nothing by itself."""
    from photobench import workflow
    from photobench.audit import words

    if out is not None:
        workflow.check_table_name(out)
    bench = _bench(workspace, set)
    if what_if:
        typer.echo(workflow.what_if(bench))
        return
    if apply is not None:
        workflow.check_rules(bench, apply)
    checked = workflow.audit(bench, check or ())
    findings = workflow.ranked(checked)
    typer.echo(words.summary(checked))
    if top and findings:
        typer.echo(f"\n{words.ranking(words.foremost(checked, top))}")
    if out is not None:
        workflow.write_findings(findings, out)
        typer.echo(f"\n{out}: {len(findings):,} findings")
    if apply is not None:
        typer.echo(f"\n{apply}: {workflow.apply_rules(bench, findings, apply)}")


@app.command()
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
    bench = _bench_of_runs(workspace, set)
    _check_one_of(run, folds)
    predictions = workflow.predict_folds(bench, paths or ()) if folds else workflow.predict(bench, paths or (), run)
    if out is None:
        predictions.to_frame().to_csv(sys.stdout, index=False, float_format="%.6f")
        return
    workflow.write_predictions(predictions, out)
    broken = int((~predictions.ok()).sum())
    typer.echo(
        f"{out}: {len(predictions):,} photos by {predictions.run}"
        + (f", {broken:,} of them unreadable (see the reason column)" if broken else "")
    )


@app.command()
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

    bench = _bench_of_runs(workspace, set)
    if check is not None:
        workflow.check_submission(bench, check)
        typer.echo(f"{check} has the form of the sample.")
    else:
        _check_one_of(run, folds)
        path = workflow.submit_folds(bench) if folds else workflow.submit(bench, run)
        typer.echo(f"{path} has the form of the sample.")


@app.command()
def report(workspace: WorkspaceOption = Path(), run: RunOption = None, set: SetOption = None) -> None:
    """One HTML file with the data, the model's evidence and its mistakes. Opens from disk."""
    from photobench import workflow

    typer.echo(workflow.report(_bench_of_runs(workspace, set), run))


@app.command("list")
def list_(
    what: Annotated[
        str,
        typer.Argument(
            help="runs, problems, or what can be chosen: backbones, augmentations, checks, detectors, losses, metrics, mixes, optimizers, probes, recipes, resamplers, samplers, schedules, sources, transforms."
        ),
    ] = "runs",
    pattern: Annotated[str, typer.Argument(help="Part of the name.")] = "",
    workspace: WorkspaceOption = Path(),
) -> None:
    """What there is: your runs, photos with problems, and everything that can be chosen by name."""
    from photobench import listing

    typer.echo(listing.listing(what, pattern, workspace))


@app.command()
def config(workspace: WorkspaceOption = Path(), recipe: RecipeOption = None, set: SetOption = None) -> None:
    """Every option, its value, where the value came from, and what it means."""
    from photobench import listing

    typer.echo(listing.options_table(_bench(workspace, set, recipe).project))


@app.callback(invoke_without_command=True)
def version(show: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False) -> None:
    if show:
        from photobench import __version__

        typer.echo(f"photobench {__version__}")
        raise typer.Exit


def main() -> None:
    """Entry point: 0 for success, 2 for a mistake of the user, 130 for Ctrl-C; a bug keeps its traceback."""
    try:
        app()
    except Interrupted as stop:
        say(f"\n{stop}")
        sys.exit(130)
    except PhotobenchError as error:
        typer.echo(f"photobench: {error}", err=True)
        sys.exit(2)
    except PermissionError as error:
        typer.echo(
            f"photobench: {error.filename} cannot be read: no permission. Give yourself the right to it, or name another place.",
            err=True,
        )
        sys.exit(2)
    except KeyboardInterrupt:
        typer.echo("\nStopped. What was finished is kept, and the same command goes on from there.", err=True)
        sys.exit(130)
    except BrokenPipeError:  # the reader, such as `head`, has what it wanted
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


def _bench(workspace: Path, sets: list[str] | None, recipe: str | None = None) -> Bench:
    from photobench import workflow

    chosen = [{"recipe": recipe}] if recipe else []
    return workflow.open_bench(workspace, [*chosen, *_sets(sets)])


def _bench_of_runs(workspace: Path, sets: list[str] | None) -> Bench:
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
    return _bench(workspace, sets)


def _numbers(texts: list[str]) -> list[int]:
    """`["3", "12-14"]` → `[3, 12, 13, 14]`."""
    found: list[int] = []
    for text in texts:
        first, _, last = text.partition("-")
        if not (first.isdigit() and (last or first).isdigit()):
            raise PhotobenchError(f'"{text}" is no number of a decision. Write numbers or ranges: 3 12-40.')
        found += range(int(first), int(last or first) + 1)
    return found


def _check_one_of(run: str | None, folds: bool) -> None:
    if run is not None and folds:
        raise PhotobenchError("--run names one run and --folds means all of a set of folds: leave one of them out.")


def _sets(sets: list[str] | None) -> list[dict[str, Any]]:
    from photobench.config import parse_set

    return [parse_set(text) for text in sets or ()]


def _fix_or_say(bench: Bench, key: str, value: float, fix: bool) -> None:
    """Write an option that was found into the project file, or say how to."""
    from photobench import workflow

    if fix:
        typer.echo("\n".join(workflow.prescribe(bench, {key: value})))
    else:
        typer.echo(f"Write it into photobench.toml with --fix, or try it once: photobench train --set {key}={value}")


def _print_evaluation(bench: Bench, run: str | None) -> None:
    from photobench import evaluate, workflow

    for evaluation in workflow.evaluate_run(bench, run).values():
        typer.echo(evaluate.table(evaluation))
