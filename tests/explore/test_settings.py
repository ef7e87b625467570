"""Advice knows what the project has set already."""

from __future__ import annotations

import pytest

from photobench.explore import Figure, Settings, figures
from tests.explore.test_figures import make_manifest


def by_key(settings: Settings, **columns: object) -> dict[str, Figure]:
    return {figure.key: figure for figure in figures(make_manifest(**columns), settings=settings)}  # type: ignore[arg-type]


def test_small_is_what_is_smaller_than_the_model_sees() -> None:
    small = {"width": 96, "height": 128}
    enough, less = (by_key(Settings(size_px=size_px), **small)["sizes"] for size_px in (96, 97))
    assert "Every short side has 96 pixels or more, enough for model.size_px." in enough.words
    assert not enough.unusual
    assert "All photos have a short side below 97 pixels, which is model.size_px" in less.words
    assert "below 97 pixels" in less.unusual[0]


def test_rare_classes_are_not_favoured_twice() -> None:
    counts = (400, 20, 8, 4)
    plain, favoured, by_accuracy = (
        {figure.key: figure for figure in figures(make_manifest(counts), settings=settings)}["classes"].unusual[0]
        for settings in (Settings(), Settings(favours_rare=True), Settings(favours_rare=True, counts_alike=False))
    )
    assert plain.endswith("favour rare classes in sampling and loss (--recipe imbalance).")
    assert favoured.endswith("training favours rare classes already.")
    assert by_accuracy.endswith('judge by macro F1 (train.metric = "macro_f1").')


def test_one_person_who_rules_is_told_of_until_the_sampler_evens_it_out() -> None:
    group = ["one"] * 48 + [f"other {number}" for number in range(20)]
    assert 'train.sampler = "group_balanced" keeps' in by_key(Settings(), group=group)["groups"].unusual[0]
    evened = by_key(Settings(evens_groups=True), group=group)["groups"]
    assert not evened.unusual
    assert evened.words.endswith("keeps it from ruling the training already.")


@pytest.mark.parametrize(
    ("preset", "said"),
    [
        ("light", 'augment.preset = "medium" varies the light'),
        ("medium", 'augment.preset = "medium" varies the light already'),
        ("strong", 'augment.preset = "strong" varies the light already'),
        ("", "see to it that augment.pipeline varies the light"),
    ],
)
def test_a_preset_that_is_set_is_not_proposed(preset: str, said: str) -> None:
    assert Settings(preset=preset).vary("medium", "varies the light").startswith(said)


def test_long_photos_are_told_of_where_something_is_lost() -> None:
    long = {"width": 300, "height": 900}
    lost, distorted, padded = (by_key(Settings(fit=fit), **long)["sizes"].unusual for fit in ("crop", "squash", "pad"))
    assert 'pack.fit = "crop" cuts much off' in lost[-1]
    assert 'pack.fit = "squash" distorts them' in distorted[-1]
    assert not padded
