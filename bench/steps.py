"""photobench's own trainer on photos of a folder, for benches that call it step by step."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def make_trainer(photos: Path, workspace: Path, **options: Any) -> Any:
    """What `photobench train` would start to train, ready for its first step; photos are packed, nothing is measured yet."""
    import photobench as pb
    from photobench.memory import keep_freed_memory
    from photobench.project import by_name
    from photobench.train.data import TrainingData
    from photobench.train.run import Run
    from photobench.vision.device import choose_device
    from photobench.workflow import open_bench
    from photobench.workflow.models.fitting import new_record, stepwise_trainer, training_model, training_spec
    from photobench.workflow.photos.preparing import prepare

    keep_freed_memory()
    pb.init(photos, workspace)
    bench = open_bench(workspace, [by_name({"weights": "none", **options})])
    prepared, device = prepare(bench), choose_device(bench.options.train.device)
    spec = training_spec(bench, prepared, device)
    run = Run(bench.workspace, new_record(bench, prepared, "", device, spec))
    data = TrainingData(prepared.pack, prepared.manifest)
    return stepwise_trainer(bench.options, data, run, training_model(bench, spec, "none"), device)
