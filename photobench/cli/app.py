"""The command itself: its help, its version, and what an error becomes.

Nothing heavy is imported before a command needs it: `photobench --help` answers at once.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated, NoReturn

import typer

from photobench.cli.usage import Commands, UsageError, asks_for_help, sentence
from photobench.errors import Interrupted, PhotobenchError
from photobench.progress import say

app = typer.Typer(
    name="photobench",
    cls=Commands,
    help="From a pile of labelled photos to an image classifier you can trust, and to the submission, report or model you need it for.",
    epilog="A first look: photobench demo. Your own photos: photobench init PHOTOS, then photobench run.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def version(show: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False) -> None:
    if show:
        from photobench import __version__

        typer.echo(f"photobench {__version__}")
        raise typer.Exit


def main() -> None:
    """Entry point: 0 for success, 2 for a mistake of the user, 130 for Ctrl-C; a bug keeps its traceback."""
    try:
        code = app(prog_name="photobench", standalone_mode=False)
    except Interrupted as stop:
        say(f"\n{stop}")
        sys.exit(130)
    except PhotobenchError as error:
        _refuse(str(error))
    except UsageError as error:
        if not asks_for_help(error):
            _refuse(sentence(error))
        sys.exit(2)
    except PermissionError as error:
        _refuse(
            f"{error.filename} cannot be read: no permission. Give yourself the right to it, or name another place."
        )
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:  # the reader, such as `head`, has what it wanted
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    if code == 130:  # typer makes it of Ctrl-C
        say("\nStopped. What was finished is kept, and the same command goes on from there.")
    sys.exit(code)


def _refuse(text: str) -> NoReturn:
    typer.echo(f"photobench: {text}", err=True)
    sys.exit(2)
