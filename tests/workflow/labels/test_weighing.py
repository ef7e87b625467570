"""What decisions are worth: trainings with and without, judged on photos that no decision touched."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

import photobench as pb
from photobench import workflow
from photobench.errors import PhotobenchError
from photobench.evaluation import Figure
from photobench.records import Manifest
from photobench.workflow.labels.weighing import Weighed, weigh
from tests.conftest import COLOURS, draw_folder, draw_photo

QUICK = {"epochs": 1, "bootstraps": 60}


def test_with_and_without_are_compared_on_untouched_photos(workspace: Path) -> None:
    bench = pb.open(workspace, **QUICK)
    project_run = bench.train()
    paths = bench.manifest().frame["path"].tolist()
    bench.decide(paths[:2], "exclude", True)
    bench.decide(paths[2], "label", next(c for c in ("red", "green") if not paths[2].startswith(c)))
    bench.decide(paths[5], "group", bench.manifest().frame["group"].iloc[-1])
    said = bench.what_if(folds=2)
    assert "With the 3 decisions macro-F1 is " in said
    assert f"measured on {len(paths) - 3} photos that none of them touched; 2 × 2 trainings" in said
    inner = workflow.open_bench(workspace)
    runs = [run for run in inner.workspace.list_runs() if run.purpose == "what-if"]
    pair = {run.config["source"]["decisions"]: run for run in runs if run.config["split"]["fold"] == 2}
    manifests = {key: workflow.run_manifest(inner, run).frame for key, run in pair.items()}
    assert len(runs) == 4
    assert manifests[True]["split"].tolist() == manifests[False]["split"].tolist()
    frame = bench.manifest().frame
    assert manifests[True]["group"].tolist() == manifests[False]["group"].tolist() == frame["group"].tolist()
    assert pair[True].seed == pair[False].seed and pair[True].fingerprint != pair[False].fingerprint
    assert bench.get_run().name == project_run.name  # what was asked for before is what the next verb means
    assert bench.what_if(folds=2) == said and len(inner.workspace.list_runs()) == 5  # nothing is trained twice
    on_disk = Manifest.read(workspace / "manifest.parquet")
    assert on_disk.frame["reason"].tolist() == frame["reason"].tolist()


def test_where_a_label_has_too_few_groups_it_is_compared_in_fewer_folds(
    workspace: Path, capfd: pytest.CaptureFixture
) -> None:
    bench = pb.open(workspace, **QUICK)
    groups = bench.manifest().frame.groupby("label")["group"].nunique().min()
    bench.decide(bench.manifest().frame["path"].iloc[0], "exclude", True)
    said = pb.open(workspace, **QUICK, **{"audit.num_folds": int(groups) + 2}).what_if()
    assert "3 × 2 trainings" in said
    assert "what-if: 3 × 2 trainings" in capfd.readouterr().err


def test_nothing_to_compare_is_told_before_any_training(workspace: Path) -> None:
    bench = pb.open(workspace, **QUICK)
    frame = bench.manifest().frame
    bench.decide(frame["path"].iloc[0], "label", frame["label"].iloc[0])
    bench.decide(frame["path"].iloc[1], "group", frame["group"].iloc[-1])
    with pytest.raises(PhotobenchError, match="No decision that stands changes a label"):
        bench.what_if()
    with pytest.raises(PhotobenchError, match="there is nothing to compare"):
        bench.what_if(folds=40)  # which the photos are too few for: that is no matter
    assert bench.runs().empty


def test_labels_put_right_make_a_training_better(tmp_path: Path) -> None:
    """Colours that are plain, and most of the green ones called red: putting them right is worth much, beyond doubt."""
    photos = draw_folder(tmp_path / "photos", ("red", "green"), people=16, each=2)
    for n in range(48):  # green photos in the folder of the red ones
        draw_photo(photos / "red" / f"person9{n:02d}_0.jpg", COLOURS["green"], 5000 + n)
    bench = pb.init(photos, tmp_path / "bench")
    tiny = {
        "backbone": "test_resnet",
        "weights": "none",
        "size_px": 32,
        "epochs": 8,
        "batch_size": 8,
        "bootstraps": 200,
    }
    bench = pb.open(tmp_path / "bench", **tiny)
    bench.decide([p for p in bench.manifest().frame["path"] if "person9" in p], "label", "green", why="it is green")
    said = bench.what_if(folds=3)
    found = re.search(r"macro-F1 is (\d\.\d+) better \((\d\.\d+) to", said)
    assert found and float(found[2]) > 0, said


def test_pairs_of_runs_may_be_of_any_splits(workspace: Path) -> None:
    """Pairs of any splits count together, each photo as often as it was asked."""
    bench = pb.open(workspace, **QUICK)
    bench.decide(bench.manifest().frame["path"].iloc[0], "exclude", True)
    pairs = [
        tuple(bench.train(**{"split.seed": seed, "source.decisions": on}).record for on in (True, False))
        for seed in (0, 1)
    ]
    weighed = weigh(workflow.open_bench(workspace), pairs, 1)
    both = [
        set(
            workflow.run_manifest(workflow.open_bench(workspace), a).frame.query("split == 'valid' and reason == ''")[
                "path"
            ]
        )
        for a, _ in pairs
    ]
    assert weighed.num_pairs == 2 and weighed.num_photos == len(both[0] | both[1])


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.0, "macro-F1 is the same, without"), (-0.02, "macro-F1 is 0.020 worse, without"), (0.02, "is 0.020 better, without")],
)  # fmt: skip
def test_where_there_is_no_interval_that_is_said_in_words(value: float, said: str) -> None:
    weighed = str(Weighed(2, Figure(value, math.nan, math.nan), 30, 2, 4.0))
    assert said in weighed and "+0.000" not in weighed
