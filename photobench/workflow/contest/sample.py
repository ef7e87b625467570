"""The competition's sample submission: where it is, and the form that it gives."""

from __future__ import annotations

from pathlib import Path

from photobench.errors import SubmissionError
from photobench.sources.options import class_space
from photobench.submission.form import Form, read_form
from photobench.workflow.bench import Bench


def sample_file(bench: Bench) -> Path:
    """Raises SubmissionError where none is set, or it is not there."""
    if not bench.options.submit.sample:
        raise SubmissionError("submit.sample is not set: name the competition's sample submission in photobench.toml.")
    sample = bench.project.path(bench.options.submit.sample)
    if not sample.is_file():
        raise SubmissionError(f"There is no sample submission {sample}: correct submit.sample in photobench.toml.")
    return sample


def sample_form(bench: Bench) -> Form:
    """Its columns and what they mean, as the project file or the sample itself says."""
    options = bench.options.submit
    return read_form(sample_file(bench), class_space(bench.options.attributes), options.id_column, options.columns)
