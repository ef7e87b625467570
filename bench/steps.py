"""photobench's own trainer on photos of a folder, for benches that call it step by step."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any


def make_trainer(photos: Path, workspace: Path, **options: Any) -> Any:
    """What `photobench train` would start to train, ready for its first step; photos are packed, nothing is measured yet."""
    import torch

    import photobench as pb
    from photobench.memory import keep_freed_memory
    from photobench.project import by_name
    from photobench.train.loop import Trainer, TrainingData
    from photobench.train.run import Run
    from photobench.vision.device import choose_device
    from photobench.vision.model import build_classifier, make_spec
    from photobench.workflow import open_bench
    from photobench.workflow.fitting import _new_record, _precision
    from photobench.workflow.preparing import prepare

    keep_freed_memory()
    pb.init(photos, workspace)
    bench = open_bench(workspace, [by_name({"weights": "none", **options})])
    prepared, chosen = prepare(bench), bench.options
    device = choose_device(chosen.train.device)
    spec = make_spec(chosen.model, prepared.way.pack, prepared.manifest.space)
    spec = replace(spec, precision=_precision(bench, spec, device))
    run = Run(bench.workspace, _new_record(bench, prepared, "", device, spec))
    torch.manual_seed(chosen.train.seed)
    model, data = build_classifier(spec), TrainingData(prepared.pack, prepared.manifest)
    return Trainer(run, model, data, device, chosen.train, chosen.augment, chosen.loss)
