"""The command itself: its help, its version, and what an error becomes.

Nothing heavy is imported before a command needs it: `photobench --help` answers at once.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from photobench.errors import Interrupted, PhotobenchError
from photobench.progress import say

app = typer.Typer(
    name="photobench",
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
    except (KeyboardInterrupt, SystemExit) as end:  # typer makes the second of the first
        if isinstance(end, SystemExit) and end.code != 130:
            raise
        say("\nStopped. What was finished is kept, and the same command goes on from there.")
        sys.exit(130)
    except BrokenPipeError:  # the reader, such as `head`, has what it wanted
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
