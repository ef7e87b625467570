from __future__ import annotations

import math
import shutil
from dataclasses import replace
from pathlib import Path

from photobench.workflow import open_bench
from photobench.workflow.answers.inference_cost import ms_per_photo


def test_what_is_measured_beside_a_training_apart_is_not_kept(two_folds: Path, tmp_path: Path) -> None:
    bench = open_bench(shutil.copytree(two_folds, tmp_path / "own"))
    space, model = bench.workspace, bench.workspace.list_runs()[0]
    trial = replace(model, name="009-test_resnet", folder="runs/009-test_resnet", status="running", purpose="tune")
    claim = space.claim_run(trial)
    space.save_run(trial)
    assert claim is not None
    with claim:
        assert math.isnan(ms_per_photo(bench, [model]))
    ms = ms_per_photo(bench, [model])
    assert ms > 0
    again = space.claim_run(trial)
    assert again is not None
    with again:
        assert ms_per_photo(bench, [model]) == ms  # as it was measured alone
