"""The verbs in Python."""

from __future__ import annotations

from pathlib import Path

import pytest

import photobench as pb
from photobench import workflow
from tests.conftest import draw_folder


def test_a_notebook_session(tmp_path: Path) -> None:
    photos = draw_folder(tmp_path / "photos")
    bench = pb.init(photos, tmp_path / "bench")
    assert len(bench.manifest()) == 54
    assert len(bench.runs()) == 0
    tiny = {"backbone": "test_resnet", "weights": "none", "size_px": 32, "epochs": 1, "bootstraps": 20}
    run = bench.train(**tiny)
    assert 0 <= run.metrics["macro_f1"] <= 1
    assert len(run.history) == 1
    assert len(run.predict(photos / "red")) == 18
    assert len(run.predict([photos / "red" / "person00_0.jpg"])) == 1
    figure = run.evaluate()["valid"].joint.metrics["macro_f1"]
    assert figure.value == pytest.approx(run.metrics["macro_f1"])
    assert run.report().exists()
    assert bench.runs()["run"].tolist() == [run.name]
    assert bench.get_run().name == bench.get_run("001").name == run.name
    assert bench.options.model.backbone == "resnet18"  # the project's own; the changes were of one call
    assert "001-test_resnet" in repr(run)


def test_the_latest_run_is_the_one_asked_for_last(workspace: Path) -> None:
    bench = pb.open(workspace, epochs=1)
    first, second = bench.train(), bench.train(seed=1)
    assert bench.get_run().name == second.name
    assert bench.train().name == first.name
    assert bench.get_run().name == first.name


def test_mistakes_are_told_when_the_bench_is_opened(workspace: Path, tmp_path: Path) -> None:
    with pytest.raises(pb.PhotobenchError, match=r'no option "epoch"'):
        pb.open(workspace, epoch=3)
    with pytest.raises(pb.PhotobenchError, match=r"train\.epochs = 0 \(argument\)"):
        pb.open(workspace, epochs=0)
    with pytest.raises(pb.PhotobenchError, match="photobench init"):
        pb.open(tmp_path / "nowhere")
    with pytest.raises(AttributeError):
        _ = pb.nonsense


def test_every_verb_can_be_reached_whatever_was_imported_before() -> None:
    """A submodule with a verb's name would take its place once it is imported."""
    packages = {module.partition(".")[0] for module in workflow.VERBS}
    for module, verbs in workflow.VERBS.items():
        for verb in verbs:
            assert callable(getattr(workflow, verb)), f"{verb} of {module}"
            assert verb not in packages, f"a submodule is called {verb}"
