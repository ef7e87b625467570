"""Each recipe that comes with photobench is read, says what it is for, and trains."""

from __future__ import annotations

from pathlib import Path

import pytest

import photobench as pb
from photobench import config
from photobench.config import Layer
from photobench.errors import ConfigError
from photobench.project import ProjectOptions, load, read_recipe, recipes
from photobench.vision import zoo
from photobench.workflow import open_bench
from photobench.workflow.search.searching import searched
from tests.conftest import TINY, Cli

SMALL = {**TINY, "train.epochs": 2, "train.batch_size": 8, "probe.epochs": 2}
VIT = {"model.backbone": "test_vit", "model.args": {"img_size": 32}}


@pytest.mark.parametrize("name", recipes())
def test_it_says_what_it_is_for_and_names_what_there_is(name: str) -> None:
    assert len(recipes()[name]) > 40
    options = config.resolve(ProjectOptions, [Layer("recipe", read_recipe(name))])
    zoo.check(options.model.backbone)


@pytest.mark.parametrize("name", [name for name in recipes() if "tune" in read_recipe(name)])
def test_its_search_space_holds_what_options_take(name: str, workspace: Path) -> None:
    tiny = {"model": {"backbone": "test_resnet", "weights": "none", "size_px": 32}}
    assert set(searched(open_bench(workspace, [{"recipe": name}, tiny])).space) == set(
        read_recipe(name)["tune"]["space"]
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", recipes())
def test_it_trains(name: str, workspace: Path) -> None:
    (workspace / "photobench.toml").write_text(
        (workspace / "photobench.toml").read_text().replace("[train]", "[train]\npatience = 9")
    )
    run = pb.open(workspace, recipe=name).train(**{**SMALL, **(VIT if "vit" in name else {})})
    assert run.record.config["recipe"] == name
    assert len(run.history) == 2


def test_the_project_file_wins_over_the_recipe_and_the_command_line_over_both(workspace: Path) -> None:
    found = load(workspace, [{"recipe": "small-data", "train": {"average": 0.5}}])
    assert found.options.train.epochs == 2  # of the project file
    assert found.options.augment.mix == "cutmix"  # of the recipe
    assert found.options.train.average == 0.5  # of the command line
    origins = {field.key: field.origin for field in config.fields(found.options, found.layers)}
    assert origins["augment.mix"] == "recipe small-data"


def test_a_recipe_of_ones_own_is_a_file(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("[loss]\ngamma = 3.0\n")
    assert load(workspace, [{"recipe": str(tmp_path / "mine.toml")}]).options.loss.gamma == 3.0


def test_a_recipe_of_the_project_file_lies_beside_it_and_one_of_the_command_where_it_is_called(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workspace / "mine.toml").write_text("[loss]\ngamma = 3.0\n")
    file = workspace / "photobench.toml"
    file.write_text('recipe = "mine.toml"\n' + file.read_text())
    (tmp_path / "mine.toml").write_text("[loss]\ngamma = 4.0\n")
    monkeypatch.chdir(tmp_path)
    assert load(workspace).options.loss.gamma == 3.0
    assert load(workspace, [{"recipe": "mine.toml"}]).options.loss.gamma == 4.0
    (tmp_path / "mine.toml").unlink()
    assert load(workspace, [{"recipe": "mine.toml"}]).options.loss.gamma == 3.0
    with pytest.raises(ConfigError, match=r'There is no recipe "your\.toml" in .* or .*: correct its path'):
        load(workspace, [{"recipe": "your.toml"}])


def test_a_misspelt_recipe_is_answered_with_the_nearest(workspace: Path, cli: Cli) -> None:
    with pytest.raises(ConfigError, match=r'no recipe "face"\. Did you mean "faces"'):
        load(workspace, [{"recipe": "face"}])
    done = cli("run", "--recipe", "imbalanced", "-w", workspace)
    assert done.returncode == 2
    assert 'Did you mean "imbalance"' in done.stderr
