"""Whether two submissions say the same, and how much of it differs."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd

from photobench.submission.form import Form

SEPARATOR = "\x1f"
"""No cell of a table holds it."""


def answers_key(frame: pd.DataFrame, form: Form) -> str:
    """A hash of a submission's cells (as text): whatever the order of its rows and the way it is written, it is that of what it says."""
    columns = [form.id_column, *sorted(form.answers)]
    rows = sorted(map(SEPARATOR.join, frame[columns].itertuples(index=False, name=None)))
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def fits(frame: pd.DataFrame, form: Form) -> bool:
    """Whether a table has the columns and photos of the form: one that was sent before the sample changed may not."""
    return {form.id_column, *form.answers} <= set(frame) and set(form.ids) == set(frame[form.id_column])


def changed_share(first: pd.DataFrame, second: pd.DataFrame, form: Form) -> float:
    """The share of photos, in [0, 1], of which two submissions of one form say another label. Of probabilities, the highest counts."""
    ids = form.ids
    mine, theirs = (_labels(frame.set_index(form.id_column).loc[ids], form) for frame in (first, second))
    return float((mine != theirs).any(axis=1).mean())


def _labels(frame: pd.DataFrame, form: Form) -> np.ndarray:
    """What is said of each photo, as text: a column per attribute or class that is answered."""
    told = [frame[c].to_numpy(dtype=str) for c, a in form.answers.items() if a.kind in ("id", "name")]
    for attribute in {a.attribute for a in form.answers.values() if a.kind == "probability"}:
        columns = [c for c, a in form.answers.items() if a.kind == "probability" and a.attribute == attribute]
        probs_NV = frame[columns].to_numpy(dtype=np.float64)
        most_N = probs_NV.argmax(axis=1) if len(columns) > 1 else probs_NV[:, 0] > 0.5
        told.append(most_N.astype(str))
    return np.stack(told, axis=1) if told else np.zeros((len(frame), 0), dtype=str)
