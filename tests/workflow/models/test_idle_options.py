"""What a person set and what cannot take effect is said; what a recipe or a default brings is not."""

from __future__ import annotations

from pathlib import Path

import pytest

import photobench as pb
from photobench.errors import ConfigError
from photobench.project import Project, load
from photobench.workflow.models.idle_options import about_batches, idle_options
from tests.conftest import Cli


def project(root: Path, **values: object) -> Project:
    sections: dict[str, dict[str, object]] = {}
    for key, value in values.items():
        section, _, name = key.partition("_")
        sections.setdefault(section, {})[name] = value
    return load(root, [sections])


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"model_mode": "frozen", "augment_mix": "mixup", "train_sam": 0.05}, "augment.mix, train.batch_size, train.epochs, train.sam without effect"),
        ({"source_table": "labels.csv"}, 'source.table without effect: of source.kind = "table", and it is "folder"'),
        ({"train_teacher_share": 0.7}, "train.teacher_share without effect: train.teacher names nobody"),
        ({"train_pseudo_confidence": 0.7}, "train.pseudo_confidence without effect: train.pseudo names nobody"),
        ({"loss_gamma": 1.0}, 'loss.gamma without effect: of loss.name = "focal", and it is "cross_entropy"'),
        ({"loss_name": "focal", "loss_tau": 0.5}, 'loss.tau without effect: of loss.name = "logit_adjusted", and it is "focal"'),
        ({"loss_label_smoothing": 0.0, "loss_smoothed": ["red"]}, "loss.smoothed without effect: loss.label_smoothing = 0"),
        ({"train_cycles": 2}, 'train.cycles without effect: of train.schedule = "restarts", and it is "cosine"'),
        ({"model_lora_rank": 4}, 'model.lora_rank without effect: of model.mode = "lora", and it is "finetune"'),
        ({"augment_mix_share": 0.3}, 'augment.mix_share without effect: augment.mix = "none"'),
        ({"augment_preset": "none", "augment_strength": 0.5}, 'augment.strength without effect: augment.preset = "none"'),
        ({"model_mode": "frozen", "probe_hidden": 8}, 'probe.hidden without effect: of probe.classifier = "mlp", and it is "linear"'),
        ({"train_workers": 4096}, "train.workers are more than the"),
        ({"probe_classifier": "mlp"}, 'probe.classifier without effect: of model.mode = "frozen"'),
        ({"train_epochs": 4, "train_warmup_epochs": 4}, "train.warmup_epochs is cut to half of the training, 2 of 4 epochs"),
        ({"train_schedule": "restarts", "train_cycles": 5}, "train.cycles are more than the 2 epochs"),
        ({"train_start_share": 0.5}, "train.start_share would begin with photos of 16 px: they begin with 32"),
        ({"model_mode": "frozen", "probe_classifier": "centroid", "probe_resample": "over"}, "probe.resample hardly matters"),
    ],
)  # fmt: skip
def test_it_is_said(workspace: Path, values: dict[str, object], said: str) -> None:
    assert any(text.startswith(said) for text in idle_options(project(workspace, **values)))


def test_what_works_and_what_nobody_chose_is_not_said(workspace: Path) -> None:
    assert idle_options(project(workspace)) == []
    assert idle_options(project(workspace, train_sam=0.05, augment_mix="mixup", train_warmup_epochs=0.5)) == []
    assert (
        idle_options(project(workspace, loss_name="focal", loss_gamma=1.0, augment_mix="mixup", augment_mix_share=0.3))
        == []
    )
    recipe = load(workspace, [{"recipe": "faces"}, {"model": {"mode": "frozen"}, "train": {"average": 0.0}}])
    assert recipe.options.augment.preset != "light"
    assert not any("augment" in text for text in idle_options(recipe))


def test_a_step_of_more_photos_than_there_are_is_said(workspace: Path) -> None:
    options = project(workspace, train_accumulate=8).options
    assert "64 photos a step, and there are 40 to learn from" in about_batches(options, 40)[0]
    assert about_batches(options, 64) == []


def test_joint_classes_have_no_order(workspace: Path) -> None:
    file = workspace / "photobench.toml"
    file.write_text(
        file.read_text() + '[[attributes]]\nname = "second"\ncolumn = "label"\nvalues = ["red", "green", "blue"]\n'
    )
    with pytest.raises(ConfigError, match="joint classes of several attributes have no order"):
        pb.open(workspace).train(**{"loss.name": "ordinal", "head": "joint"})


def test_it_is_told_before_training_and_so_is_why_it_stopped(workspace: Path, cli: Cli) -> None:
    done = cli(
        "train", "-w", workspace, "--set", "train.epochs=30", "--set", "train.patience=1", "--set", "probe.hidden=8"
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("note: probe.hidden without effect") == 1
    assert "stopped: 1 epoch without a better macro_f1 (train.patience)" in done.stderr


def test_every_name_that_is_not_there_is_named_at_once(workspace: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        pb.open(workspace).train(
            **{"loss.name": "focl", "mix": "mixupp", "sampler": "shufle", "backbone": "test_resne"}
        )
    assert len(caught.value.mistakes) == 4
    assert all(name in str(caught.value) for name in ("focal", "mixup", "shuffle", "test_resnet"))
    assert not (workspace / "packs").exists()
