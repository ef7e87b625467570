"""How good somebody is on held-out photos: measured once, then read, until the answers, the labels or the options are others."""

from __future__ import annotations

import json
from pathlib import Path

from photobench import __version__
from photobench.evaluate import evaluate
from photobench.evaluation import Evaluation
from photobench.records import fingerprint
from photobench.workflow.answers.answerer import HeldOut
from photobench.workflow.bench import Bench
from photobench.workspace import read_json


def kept_evaluation(bench: Bench, path: Path, held: HeldOut) -> Evaluation:
    """That in the file, or else what is measured now and written there."""
    options, truth = bench.options.evaluate, held.manifest.classes().tolist()
    key = fingerprint(__version__, held.predictions.to_bytes(), truth, options.model_dump())
    if not bench.workspace.is_current(path, key):
        with bench.stage("evaluate"):
            found = evaluate(held.manifest, held.predictions, held.split, options)
            bench.workspace.write(path, json.dumps(found.to_json(), indent=1, ensure_ascii=False))
        bench.workspace.mark_current(path, key)
    return read_json(path, Evaluation.from_json)


def evaluation_file(folder: Path, split: str) -> Path:
    """Where that of a split lies, in the folder of an ensemble or of a refined one."""
    return folder / f"evaluation-{split.replace(' ', '-')}.json"


def glance_at_evaluation(folder: Path) -> Evaluation | None:
    """That of the held-out photos, as it is kept, without a look at what it was made of; None where there is none."""
    files = sorted(path for path in folder.glob("evaluation-*.json") if path.stem != "evaluation-test")
    return read_json(files[0], Evaluation.from_json) if files else None


def forget_evaluations(folder: Path) -> None:
    """Whose folder it is says something else from now on."""
    for path in folder.glob("evaluation-*.json"):
        path.unlink()
