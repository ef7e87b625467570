"""What it costs to ask a model about a photo, measured once for a model on a device."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.metadata import version

from photobench.evaluation import NAN
from photobench.records import RunRecord, fingerprint
from photobench.workflow.bench import Bench

DECIDES = ("backbone", "args", "size_px", "precision")
"""Of a saved model: how long it takes. Heads take next to nothing."""


def ms_per_photo(bench: Bench, records: Sequence[RunRecord]) -> float:
    """Milliseconds of all these models together, for photos that are decoded already.

    NaN where that was not measured yet and another process works here: it would be the time beside that work.
    """
    return sum(_of_run(bench, record) for record in records)


def _of_run(bench: Bench, record: RunRecord) -> float:
    folder = bench.workspace.root / record.folder
    saved = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    device = bench.options.train.device
    key = fingerprint("ms per photo", [saved.get(name) for name in DECIDES], device, version("torch"))

    if bench.workspace.is_in_use():
        return float(bench.workspace.known_fact(key) or NAN)

    def measure() -> str:
        from photobench.predict import load_model, photo_ms  # brings torch

        return f"{photo_ms(load_model(folder, device)):.4f}"

    return float(bench.workspace.fact(key, measure))
