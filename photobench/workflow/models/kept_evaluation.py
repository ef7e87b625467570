"""How good somebody is on held-out photos: measured once, then read, until the answers, the labels or the options are others."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from photobench import __version__
from photobench.evaluate import evaluate
from photobench.evaluation import Evaluation
from photobench.records import fingerprint
from photobench.workflow.bench import Bench
from photobench.workflow.models.held_out import HeldOut
from photobench.workspace import read_json

ANSWERS = "answers"
"""Of the file: the fingerprint of what was evaluated."""


def kept_evaluations(bench: Bench, folder: Path, held: Iterable[HeldOut | None]) -> dict[str, Evaluation]:
    """Of what is held out, by the name of its split; each in a file of the folder of a run, an ensemble or a refined one."""
    return {one.split: kept_evaluation(bench, evaluation_file(folder, one.split), one) for one in held if one}


def kept_evaluation(bench: Bench, path: Path, held: HeldOut) -> Evaluation:
    """That in the file, or else what is measured now and written there."""
    options, truth, answers = bench.options.evaluate, held.manifest.classes().tolist(), held.predictions.to_bytes()
    key = fingerprint(__version__, answers, truth, options.model_dump())

    def measured() -> str:
        with bench.stage("evaluate"):
            found = evaluate(held.manifest, held.predictions, held.split, options)
        return json.dumps({**found.to_json(), ANSWERS: fingerprint(answers)}, indent=1, ensure_ascii=False)

    return Evaluation.from_json(json.loads(bench.workspace.derived(path, key, measured)))


def evaluation_file(folder: Path, split: str) -> Path:
    """Where that of a split lies, in the folder of a run, an ensemble or a refined one."""
    return folder / f"evaluation-{split.replace(' ', '-')}.json"


def glance_at_evaluation(folder: Path, answers: str = "") -> Evaluation | None:
    """That of the held-out photos, as it is kept; None where there is none, or it is of other answers.

    Args:
        answers: their fingerprint; without it nothing of what the evaluation was made of is looked at.
    """
    files = sorted(path for path in folder.glob("evaluation-*.json") if path.stem != "evaluation-test")

    def if_of_these(kept: dict[str, Any]) -> Evaluation | None:
        is_of_others = answers and kept.get(ANSWERS, answers) != answers
        return None if is_of_others else Evaluation.from_json(kept)

    return read_json(files[0], if_of_these) if files else None


def forget_evaluations(folder: Path) -> None:
    """Whose folder it is says something else from now on."""
    for path in folder.glob("evaluation-*.json"):
        path.unlink()
