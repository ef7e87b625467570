"""What it costs to ask a model about a photo, measured once for a model on a device."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from photobench.evaluation import NAN
from photobench.records import RunRecord, fingerprint
from photobench.workflow.bench import Bench

DECIDES = ("backbone", "args", "size_px", "precision")
"""Of a saved model: how long it takes. Heads take next to nothing."""


def ms_per_photo(bench: Bench, records: Sequence[RunRecord]) -> float:
    """Milliseconds of all these models together, for photos that are decoded already.

    NaN where that was not measured yet and other work goes on here, a training apart from the workspace too: it would be the time beside that
    work, and be kept for good.
    """
    return sum(_of_run(bench, record) for record in records)


def _of_run(bench: Bench, record: RunRecord) -> float:
    folder = bench.workspace.root / record.folder
    saved = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    device = bench.options.train.device
    key = fingerprint("ms per photo", [saved.get(name) for name in DECIDES], device, version("torch"))

    known = bench.workspace.known_fact(key)
    if known is None:
        known = _measured(bench, key, folder, device)
    return float(known)


def _measured(bench: Bench, key: str, folder: Path, device: str) -> str:
    """Kept where nothing else worked here from its beginning to its end."""
    from photobench.predict import load_model, photo_ms  # brings torch

    if bench.workspace.is_busy():
        return repr(NAN)
    value = f"{photo_ms(load_model(folder, device)):.4f}"
    return repr(NAN) if bench.workspace.is_busy() else bench.workspace.fact(key, lambda: value)
