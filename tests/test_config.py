from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from pydantic import Field

from photobench import config
from photobench.config import Layer, Options, parse_set, resolve
from photobench.errors import ConfigError, unknown
from photobench.project import ProjectOptions, by_name, load
from tests.conftest import project_toml


class Inner(Options):
    epochs: int = Field(3, ge=1, description="times round")
    metric: str = "macro_f1"


class Outer(Options):
    train: Inner = Inner()


def test_later_layers_win_key_by_key() -> None:
    layers = [
        Layer("file", {"train": {"epochs": 5, "metric": "accuracy"}}),
        Layer("command line", {"train": {"epochs": 7}}),
    ]
    options = config.resolve(Outer, layers)
    assert (options.train.epochs, options.train.metric) == (7, "accuracy")
    origins = {f.key: f.origin for f in config.fields(options, layers)}
    assert origins == {"train.epochs": "command line", "train.metric": "file"}


def test_merging_leaves_the_layers_as_they_were() -> None:
    first = {"train": {"epochs": 5}}
    config.merge([Layer("a", first), Layer("b", {"train": {"epochs": 6}})])
    assert first == {"train": {"epochs": 5}}


def test_three_mistakes_are_all_named() -> None:
    values = {"train": {"epochs": 0, "epoch": 3, "lr": "fast"}, "trian": {"x": 1}}
    with pytest.raises(ConfigError) as caught:
        config.resolve(ProjectOptions, [Layer("photobench.toml", values)])
    text = str(caught.value)
    assert len(caught.value.mistakes) == 4
    assert "train.epochs = 0 (photobench.toml): should be greater than or equal to 1" in text
    assert 'there is no option "train.epoch" (photobench.toml). Did you mean train.epochs?' in text
    assert 'train.lr = "fast"' in text
    assert 'there is no section "trian" (photobench.toml). Did you mean train?' in text


ATTRIBUTE = {"name": "mask", "column": "Mask", "values": ["yes", "no"]}


@pytest.mark.parametrize(
    ("attribute", "sentence"),
    [
        (
            {"name": "mask", "vaules": ["yes", "no"]},
            'there is no option "vaules" in [[attributes]] "mask" (photobench.toml). Did you mean values?',
        ),
        (
            {**ATTRIBUTE, "colum": "x"},
            'there is no option "colum" in [[attributes]] "mask" (photobench.toml). Did you mean column?',
        ),
        ({"values": ["yes", "no"]}, '"name" in [[attributes]] number 2 (photobench.toml) is needed and is not set.'),
        (
            {**ATTRIBUTE, "values": "yes"},
            'values = "yes" in [[attributes]] "mask" (photobench.toml): should be a list in [brackets].',
        ),
        (
            {**ATTRIBUTE, "values": ["yes", 3]},
            'values, entry 2 = 3 in [[attributes]] "mask" (photobench.toml): should be a text in "quotes".',
        ),
        (
            {**ATTRIBUTE, "values": ["yes"]},
            "values = ['yes'] in [[attributes]] \"mask\" (photobench.toml): needs 2 entries or more.",
        ),
        (
            {**ATTRIBUTE, "values": ["yes", "yes"]},
            '[[attributes]] "mask" (photobench.toml): the values of mask must differ from each other.',
        ),
    ],
)
def test_a_mistake_in_one_of_several_tables_is_one_sentence_and_names_the_table(attribute: dict, sentence: str) -> None:
    values = {"attributes": [{"name": "age", "values": ["young", "old"]}, attribute]}
    with pytest.raises(ConfigError) as caught:
        config.resolve(ProjectOptions, [Layer("photobench.toml", values)])
    assert caught.value.mistakes == [sentence]


def test_an_entry_of_a_list_is_counted_as_people_count() -> None:
    with pytest.raises(
        ConfigError, match=r'^train\.log, entry 2 = 3 \(command line\): should be a text in "quotes"\.$'
    ):
        config.resolve(ProjectOptions, [Layer("command line", {"train": {"log": ["mlflow", 3]}})])


def test_an_option_in_the_wrong_section_is_told_its_place() -> None:
    for values in ({"model": {"epochs": 3}}, {"epochs": 3}, {"epohcs": 3}):
        with pytest.raises(ConfigError, match=r"Did you mean train\.epochs"):
            config.resolve(ProjectOptions, [Layer("command line", values)])


def test_an_option_that_is_no_more_says_what_does_the_same_today() -> None:
    with pytest.raises(ConfigError) as caught:
        config.resolve(ProjectOptions, [Layer("photobench.toml", {"submit": {"thresholds": True}})])
    assert caught.value.mistakes == [
        'the option "submit.thresholds" (photobench.toml) is no more: leave it out. '
        "Class thresholds are one of the decision rules that `photobench refine` tries and measures."
    ]


def test_a_choice_names_the_choices() -> None:
    with pytest.raises(ConfigError, match=r"pack\.fit = \"stretch\".*'crop', 'squash' or 'pad'"):
        config.resolve(ProjectOptions, [Layer("x", {"pack": {"fit": "stretch"}})])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("train.epochs=3", {"train": {"epochs": 3}}),
        ("train.lr=1e-3", {"train": {"lr": 1e-3}}),
        ("model.weights=a file.pth", {"model": {"weights": "a file.pth"}}),
        ('model.args={pad_type="same"}', {"model": {"args": {"pad_type": "same"}}}),
        ("model.mean=[0.5, 0.5, 0.5]", {"model": {"mean": [0.5, 0.5, 0.5]}}),
        ("pack.x=true", {"pack": {"x": True}}),
        ("source.group_pattern=(a=b)_", {"source": {"group_pattern": "(a=b)_"}}),
    ],
)
def test_set_reads_toml_or_text(text: str, expected: dict) -> None:
    assert config.parse_set(text) == expected


def test_set_without_equals() -> None:
    with pytest.raises(ConfigError, match='has no "="'):
        config.parse_set("train.epochs")
    with pytest.raises(ConfigError, match='has no option before its "="'):
        config.parse_set("=3")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[train]\nepochs = true", "train.epochs = True .*: should be a number, not true or false"),
        ("[train]\nlr = true", "train.lr = True .*: should be a number, not true or false"),
        (
            "[attributes]\nname = 'x'",
            r"attributes .*: there may be several, so each is in the file, under a heading with double brackets: \[\[attributes\]\]",
        ),
    ],
)
def test_what_toml_takes_for_something_else(text: str, sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        config.resolve(ProjectOptions, [Layer("photobench.toml", tomllib.loads(text))])


@pytest.mark.parametrize(("text", "hint"), [("a = b", True), ("a = 1\na = 2", False), ("[a", False)])
def test_quotes_are_named_only_where_they_may_be_missing(tmp_path: Path, text: str, hint: bool) -> None:
    (tmp_path / "photobench.toml").write_text(text)
    with pytest.raises(ConfigError, match="is not valid TOML") as problem:
        config.read_toml(tmp_path / "photobench.toml")
    assert ("quotes on both sides" in str(problem.value)) == hint


def test_written_options_read_back_equal() -> None:
    values = tomllib.loads(project_toml(Path("/photos")))
    options = config.resolve(ProjectOptions, [Layer("x", values)])
    again = config.resolve(ProjectOptions, [Layer("y", tomllib.loads(config.to_toml(options)))])
    assert again == options


def test_only_chosen_values_are_written_live() -> None:
    options = config.resolve(ProjectOptions, [Layer("x", tomllib.loads(project_toml(Path("/photos"))))])
    text = config.to_toml(options, "A title\nof two lines", only={"train": {"epochs": 2}})
    assert text.startswith("# A title\n# of two lines\n")
    assert tomllib.loads(text)["train"] == {"epochs": 2}
    assert "# lr = 0.0005" in text


def test_every_commented_default_is_valid_toml(tmp_path: Path) -> None:
    options = config.resolve(ProjectOptions, [Layer("x", tomllib.loads(project_toml(tmp_path)))])
    text = config.to_toml(options, only={})
    live = [line.removeprefix("# ") for line in text.splitlines() if " = " in line or line.startswith("[")]
    assert config.resolve(ProjectOptions, [Layer("y", tomllib.loads("\n".join(live)))])


def test_every_option_has_its_line_of_help() -> None:
    options = config.resolve(ProjectOptions, [Layer("x", tomllib.loads(project_toml(Path("/photos"))))])
    assert [f.key for f in config.fields(options, []) if not f.help] == []


def test_broken_toml_names_its_place(tmp_path: Path) -> None:
    (tmp_path / "photobench.toml").write_text("[train]\nepochs = three\n")
    with pytest.raises(ConfigError, match="line 2, column"):
        load(tmp_path)


def test_missing_project_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="photobench init PHOTOS"):
        load(tmp_path)


def test_python_callers_use_bare_names() -> None:
    assert by_name({"backbone": "vit", "epochs": 2}) == {"model": {"backbone": "vit"}, "train": {"epochs": 2}}
    assert by_name({"seed": 1, "split.seed": 2}) == {"train": {"seed": 1}, "split": {"seed": 2}}
    with pytest.raises(ConfigError, match=r'"epoch".* Did you mean "epochs"'):
        by_name({"epoch": 3})
    with pytest.raises(ConfigError, match=r'^there is no option "top"\.$'):
        by_name({"top": 3})
    assert by_name({"size_px": 64, "side_px": 80}) == {"model": {"size_px": 64}, "pack": {"side_px": 80}}


def test_a_bare_name_means_one_option() -> None:
    """Where several sections have a name, `train` is one of them, and it is the one that is meant."""
    models = {n: type(f.default) for n, f in ProjectOptions.model_fields.items() if isinstance(f.default, Options)}
    for name in {name for model in models.values() for name in model.model_fields}:
        sections = [section for section, model in models.items() if name in model.model_fields]
        assert len(sections) == 1 or "train" in sections, f"{name} could be of {sections}"


PROJECT = """\
# by hand
[model]
# lr = 3  # not this one

[train]
epochs = 3  # enough
# lr = 0.0005  # peak learning rate

[[attributes]]
name = "label"
"""


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (PROJECT, "lr = 0.0012  # peak learning rate"),
        (PROJECT.replace("# lr = 0.0005", "lr = 0.5"), "lr = 0.0012  # peak learning rate"),
        (PROJECT.replace("# lr = 0.0005", "# lr = what you like"), "lr = 0.0012"),
        (PROJECT.replace("\n", "\r\n"), "lr = 0.0012  # peak learning rate"),
        (PROJECT.replace("[train]\nepochs = 3", "[split]\nseed = 3"), "[train]\nworkers = 2\nlr = 0.0012"),
        ('train = { epochs = 3 }\n[[attributes]]\nname = "label"', "train = { epochs = 3, workers = 2,lr = 0.0012}"),
        ("train.epochs = 3  # dotted", "train.lr = 0.0012"),
    ],
)
def test_values_are_changed_and_all_else_stays(text: str, line: str) -> None:
    changed = config.changed(text, {"train.workers": 2, "train.lr": 0.0012})
    values, before = tomllib.loads(changed), tomllib.loads(text)
    assert (values["train"].pop("lr"), values["train"].pop("workers")) == (0.0012, 2)
    before.setdefault("train", {}).pop("lr", None)
    assert values == before
    assert line in changed
    kept = [row for row in text.splitlines() if "lr" not in row and "{" not in row]
    assert [row for row in changed.splitlines() if row in kept and row] == [row for row in kept if row]
    assert changed.count("\r\n") == (changed.count("\n") if "\r\n" in text else 0)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[train]\nworkers = 0  # none\n", "[train]\nworkers = 2  # none\n"),
        (
            "# top\n[train]\n# workers = -1  # help\n\n[pack]\n",
            "# top\n[train]\nworkers = 2  # help\n\n[pack]\n",
        ),
        ("[train]\r\nlr = 0.1\r\n", "[train]\r\nlr = 0.1\r\nworkers = 2\r\n"),
        ("train.lr = 0.1\n", "train.lr = 0.1\ntrain.workers = 2\n"),
        ("train = {lr = 0.1}\n", "train = {lr = 0.1,workers = 2}\n"),
        ("[pack]\nside_px = 9\n", "[pack]\nside_px = 9\n\n[train]\nworkers = 2\n"),
        ("", "[train]\nworkers = 2\n"),
    ],
)
def test_a_changed_document_keeps_everything_else(before: str, after: str) -> None:
    assert config.changed(before, {"train.workers": 2}) == after


def test_a_table_that_is_one_option_is_replaced_and_a_key_of_it_is_added() -> None:
    layers = [Layer("file", {"model": {"args": {"pad_type": "same", "bn_eps": 1e-3}, "size_px": 64}})]
    cleared = resolve(ProjectOptions, [*layers, Layer("api", {"model": {"args": {}}})]).model
    assert (cleared.args, cleared.size_px) == ({}, 64)
    other = resolve(ProjectOptions, [*layers, Layer("set", parse_set("model.args = { drop_rate = 0.1 }"))])
    assert other.model.args == {"drop_rate": 0.1}
    more = resolve(ProjectOptions, [*layers, Layer("set", parse_set("model.args.bn_eps=0.1"))])
    assert more.model.args == {"pad_type": "same", "bn_eps": 0.1}


@pytest.mark.parametrize("mean", [[0.1, 0.2], [0.1] * 4])
def test_a_list_of_another_length_says_how_many_it_needs(mean: list[float]) -> None:
    with pytest.raises(ConfigError, match=r"^model\.mean \(here\): needs 3 numbers in \[brackets\]\.$"):
        resolve(ProjectOptions, [Layer("here", {"model": {"mean": mean}})])


def test_a_long_list_of_names_says_that_there_are_more_and_where() -> None:
    names = [f"name{number}" for number in range(25)]
    text = unknown("optimizer", "qqq", names, "photobench list optimizers")
    assert text.endswith("name19 and 5 more: photobench list optimizers.")
    assert "more" not in unknown("loss", "qqq", names[:20])
