"""The command line: a thin face over workflow. It parses, calls one verb, prints, and turns errors into a sentence."""

# Each adds its commands, in the order of the help.
# ruff: noqa: I001
from photobench.cli import photos
from photobench.cli import labels
from photobench.cli import training
from photobench.cli import results
from photobench.cli import runs
from photobench.cli import submissions
from photobench.cli import ensembles
from photobench.cli.app import app, main

__all__ = ["app", "ensembles", "labels", "main", "photos", "results", "runs", "submissions", "training"]
