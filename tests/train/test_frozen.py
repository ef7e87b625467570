"""Heads on a frozen backbone: what the backbone saw is kept, the fitted heads become the model's, and each way of fitting learns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

import photobench as pb
from photobench.errors import ConfigError
from photobench.predict import load_model, predict_rows
from photobench.train.embeddings import backbone_key, embed
from photobench.train.options import ProbeOptions
from photobench.train.probe import PROBES, Learned, Standard
from photobench.train.resample import RESAMPLERS
from photobench.vision.loss import HeadsLoss
from photobench.vision.model import build_classifier
from photobench.vision.options import LossOptions
from photobench.workflow import open_bench, prepare, run_manifest
from photobench.workspace import Workspace
from tests.conftest import project_toml

FROZEN = {"model.mode": "frozen"}


def blobs(
    per_class: tuple[int, ...] = (30, 30, 30), apart: float = 6.0, size: int = 4
) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    centres = np.eye(len(per_class), size) * apart
    classes = np.repeat(np.arange(len(per_class)), per_class)
    return (centres[classes] + rng.normal(0, 1, (len(classes), size))).astype(np.float32), classes


def learned(
    points: np.ndarray, classes: np.ndarray, sizes: tuple[int, ...], loss: LossOptions | None = None
) -> Learned:
    codes = torch.from_numpy(classes)[:, None]
    counts = [torch.from_numpy(np.bincount(classes, minlength=sizes[0]))]
    return Learned(torch.from_numpy(points), codes, sizes, HeadsLoss(loss or LossOptions(), counts), 0.0, seed=0)


# --- the contract of every probe and resampler ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", PROBES.names())
def test_every_probe_learns_what_is_apart(kind: str) -> None:
    points, classes = blobs()
    fit = PROBES.get(kind).build(
        learned(points, classes, (3,)), ProbeOptions(classifier=kind, epochs=60, lr=1e-2, hidden=16)
    )
    for heads in fit:  # noqa: B007 -- the last are the best here
        pass
    assert not heads.training
    logits = heads[0](torch.from_numpy(points))
    assert logits.shape == (90, 3)
    assert (logits.argmax(dim=1).numpy() == classes).mean() > 0.95


@pytest.mark.parametrize("kind", PROBES.names())
def test_a_value_without_a_photo_is_never_the_answer(kind: str) -> None:
    points, classes = blobs((20, 20))
    classes = classes * 2  # 0 and 2: nothing is a 1
    fit = PROBES.get(kind).build(learned(points, classes, (3,)), ProbeOptions(classifier=kind, epochs=60, lr=1e-2))
    for heads in fit:  # noqa: B007
        pass
    assert set(heads[0](torch.from_numpy(points)).argmax(dim=1).tolist()) == {0, 2}


@pytest.mark.parametrize("kind", PROBES.names())
def test_every_probe_fits_the_same_twice(kind: str) -> None:
    points, classes = blobs(apart=2.0)
    states = []
    for _ in range(2):
        for heads in PROBES.get(kind).build(learned(points, classes, (3,)), ProbeOptions(classifier=kind, epochs=3)):  # noqa: B007
            pass
        states.append(heads.state_dict())
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


@pytest.mark.parametrize("kind", ["linear", "logistic"])
def test_class_weights_move_the_border_towards_the_frequent(kind: str) -> None:
    points, classes = blobs((90, 6), apart=1.5)
    found = []
    for weights in ("none", "balanced"):
        options = ProbeOptions(classifier=kind, epochs=100, lr=1e-2)
        given = learned(points, classes, (2,), LossOptions(class_weights=weights))
        for heads in PROBES.get(kind).build(given, options):  # noqa: B007
            pass
        found.append(int((heads[0](torch.from_numpy(points)).argmax(dim=1) == 1).sum()))
    assert found[1] > found[0]


@pytest.mark.parametrize("name", RESAMPLERS.names())
def test_every_resampler_keeps_the_photos_and_evens_the_classes(name: str) -> None:
    if name != "none":
        pytest.importorskip("imblearn")
    points, classes = blobs((40, 12, 2), apart=1.0)
    more, labels = RESAMPLERS.get(name).build((points, classes), seed=0)
    assert np.array_equal(more[: len(points)], points) or sorted(map(tuple, points)) == sorted(map(tuple, points))
    counts = np.bincount(labels)
    if name == "none":
        assert counts.tolist() == [40, 12, 2]
    else:
        assert counts.min() >= 30
        assert {tuple(p) for p in points} <= {tuple(p) for p in np.asarray(more)}


def test_smote_puts_points_between_neighbours() -> None:
    pytest.importorskip("imblearn")
    points, classes = blobs((40, 12), apart=8.0)
    more, labels = RESAMPLERS.get("smote").build((points, classes), seed=0)
    made = more[len(points) :]
    assert len(made) == 28
    assert set(labels[len(points) :]) == {1}
    low, high = points[classes == 1].min(axis=0), points[classes == 1].max(axis=0)
    assert ((made >= low - 1e-5) & (made <= high + 1e-5)).all()


def test_standardisation_is_folded_into_the_heads() -> None:
    points, classes = blobs()
    points = points * [1, 10, 100, 0] + [5, 0, -3, 7]  # the last number is always the same
    seen = torch.from_numpy(points.astype(np.float32))
    standard = Standard.of(seen)
    for kind in ("linear", "mlp"):
        given = learned(standard(seen).numpy(), classes, (3,))
        for heads in PROBES.get(kind).build(given, ProbeOptions(classifier=kind, epochs=2)):  # noqa: B007
            pass
        before = heads[0](standard(seen))
        after = standard.folded_into(heads)[0](seen)
        assert torch.allclose(before, after, atol=1e-3)


# --- in a workspace ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", PROBES.names())
def test_a_frozen_run_is_a_run_like_any_other(workspace: Path, kind: str) -> None:
    run = pb.open(workspace).train(**FROZEN, **{"probe.classifier": kind, "probe.epochs": 30})
    model = load_model(run.folder)
    bench = open_bench(workspace)
    manifest = run_manifest(bench, run.record)
    rows = manifest.rows("valid")
    said = predict_rows(model, prepare(bench).pack, rows).argmax(axis=1)
    assert run.metrics["accuracy"] == pytest.approx((said == manifest.classes()[rows]).mean())
    assert run.history["macro_f1"].max() == run.metrics["macro_f1"]
    assert len(run.history) == (1 if kind in ("logistic", "centroid") else len(run.history)) > 0
    assert set(run.evaluate()) == {"valid"}


def test_photos_are_seen_once_by_a_backbone(workspace: Path, cli) -> None:
    assert cli("train", "-w", workspace, "-s", "model.mode=frozen").returncode == 0
    kept = {p: p.stat().st_mtime_ns for p in (workspace / "embeddings").rglob("*.npz")}
    assert kept
    again = cli("train", "-w", workspace, "-s", "model.mode=frozen", "-s", "probe.classifier=centroid")
    assert "002-" in again.stdout
    assert {p: p.stat().st_mtime_ns for p in (workspace / "embeddings").rglob("*.npz")} == kept
    assert cli("train", "-w", workspace, "-s", "model.mode=frozen", "-s", "train.seed=5").returncode == 0
    assert (
        len(list((workspace / "embeddings").iterdir())) == 2
    )  # another seed, another backbone: this one has no weights


def test_a_damaged_or_half_written_file_is_made_again(workspace: Path, tmp_path: Path) -> None:
    bench = open_bench(workspace)
    prepared = prepare(bench)
    run = pb.open(workspace).train(**FROZEN)
    model = load_model(run.folder, "cpu")
    rows = prepared.manifest.rows("train")
    first = embed(model, prepared.pack, rows, tmp_path / "kept")
    (file,) = (tmp_path / "kept").glob("*.npz")
    file.write_bytes(file.read_bytes()[:200])
    assert np.array_equal(embed(model, prepared.pack, rows, tmp_path / "kept"), first)
    some = embed(model, prepared.pack, rows[5:7], tmp_path / "kept")
    assert np.array_equal(some, first[5:7])


def test_another_backbone_or_view_has_another_key(workspace: Path) -> None:
    run = pb.open(workspace).train(**FROZEN)
    spec = load_model(run.folder).spec
    torch.manual_seed(0)
    one = build_classifier(spec)
    torch.manual_seed(1)
    other = build_classifier(spec)
    assert backbone_key(one) == backbone_key(one) != backbone_key(other)


@pytest.mark.parametrize("head", ["attributes", "joint"])
def test_resampling_with_several_attributes(head: str, workspace: Path, photos: Path) -> None:
    """The classes that are made equal are the joint ones; the heads still learn their own codes."""
    pytest.importorskip("imblearn")
    paths = sorted(p.relative_to(photos).as_posix() for p in photos.rglob("*.jpg"))
    lines = [f"{path},{path.split('/')[0]},{'odd' if int(path[-5]) % 2 else 'even'}" for path in paths]
    (workspace / "labels.csv").write_text("path,colour,parity\n" + "\n".join(lines))
    (workspace / "photobench.toml").write_text(
        project_toml(photos)
        .replace('kind = "folder"', 'kind = "table"\ntable = "labels.csv"')
        .replace('name = "label"', 'name = "colour"')
        .replace("[model]", '[[attributes]]\nname = "parity"\nvalues = ["even", "odd"]\n\n[model]')
    )
    run = pb.open(workspace).train(**FROZEN, **{"probe.resample": "smote", "model.head": head, "probe.lr": 1e-2})
    assert run.metrics["colour/macro_f1"] > 0.5
    assert "parity/macro_f1" in run.metrics


def test_a_misspelt_probe_is_told_before_the_photos_are_read(workspace: Path, cli) -> None:
    wrong = cli("train", "-w", workspace, "-s", "probe.classifier=liner")
    assert wrong.returncode == 2
    assert 'probe.classifier (command line): there is no probe "liner"' in wrong.stderr
    assert '"linear"' in wrong.stderr
    assert not (workspace / "packs").exists()


# --- LoRA ---------------------------------------------------------------------------------------------------------------


def test_heads_that_cannot_be_fitted_leave_a_run_that_says_so(workspace: Path, photos: Path) -> None:
    for path in sorted((photos / "red").iterdir())[8:]:  # a rare class, far from the others: ADASYN finds no border
        path.unlink()
    bench = pb.open(workspace)
    with pytest.raises(ConfigError, match='Set "over" or "smote"'):
        bench.train(**FROZEN, **{"probe.resample": "adasyn"})
    assert [record.status for record in Workspace(workspace).list_runs()] == ["failed"]


def test_lora_learns_additions_and_leaves_a_plain_model(workspace: Path) -> None:
    run = pb.open(workspace).train(
        epochs=3, lr=1e-2, **{"model.mode": "lora", "model.backbone": "test_vit", "model.args": {"img_size": 32}}
    )
    model = load_model(run.folder)
    torch.manual_seed(0)
    fresh = build_classifier(model.spec).state_dict()
    kept = load_file(run.folder / "model.safetensors")
    assert kept.keys() == fresh.keys()
    moved = {name for name in kept if not torch.equal(kept[name], fresh[name])}
    assert any("qkv.weight" in name for name in moved)
    assert all("attn" in name or name.startswith("heads.") for name in moved)
    change = kept["backbone.blocks.0.attn.qkv.weight"] - fresh["backbone.blocks.0.attn.qkv.weight"]
    assert torch.linalg.matrix_rank(change, rtol=1e-3) <= 8


def test_lora_wants_attention(workspace: Path) -> None:
    with pytest.raises(ConfigError, match="wants a backbone with attention"):
        pb.open(workspace).train(**{"model.mode": "lora"})
    assert not (workspace / "packs").exists()
    assert not (workspace / "runs").exists()
