"""Figures of a manifest: the numbers in their tables and words, and SVG that any page can take in."""

from __future__ import annotations

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from photobench.explore import Figure, figures, tables, words
from photobench.explore.drawing import leaderboard_scatter
from photobench.ledger.calibration import calibrate
from photobench.records import Attribute, ClassSpace, Manifest

SPACE = ClassSpace((Attribute("mask", ("worn", "not worn")), Attribute("age", ("young", "old"))))


def make_manifest(
    counts: tuple[int, ...] = (40, 20, 8, 0), space: ClassSpace = SPACE, has_groups: bool = True, **columns: object
) -> Manifest:
    """`counts` photos of each class in turn, 4 photos a group, every fifth group in valid."""
    ids_N = np.repeat(np.arange(len(counts)), counts)
    codes_NA = space.decompose(ids_N)
    rows = np.arange(len(ids_N))
    frame = pd.DataFrame({"path": [f"photos/{i:05d}.jpg" for i in rows]})
    for column, attribute in enumerate(space.attributes):
        frame[attribute.name] = np.array(attribute.values)[codes_NA[:, column]]
    frame["group"] = [f"g{i // 4}" if has_groups else f"g{i}" for i in rows]
    frame["split"] = np.where(rows // 4 % 5 == 4, "valid", "train")
    frame = frame.assign(bytes=1, mtime_ns=1, sha256="0", width=384, height=512, reason="").assign(**columns)
    return Manifest(frame, space, Path("/nowhere"), has_groups)


def by_key(manifest: Manifest) -> dict[str, Figure]:
    return {figure.key: figure for figure in figures(manifest)}


def test_every_figure_has_words_numbers_and_valid_svg():
    found = by_key(make_manifest())
    assert list(found) == ["classes", "attributes", "combinations", "sizes", "groups"]
    for figure in found.values():
        assert figure.title and figure.words.endswith(".") and len(figure.data)
        if figure.svg:
            root = ET.fromstring(figure.svg)
            ids = [e.get("id") for e in root.iter() if e.get("id")]
            assert len(ids) == len(set(ids)) and all(i.startswith(f"fig-{figure.key}") for i in ids)
            assert "var(--figure-ink" in figure.svg and "purl.org" not in figure.svg


def test_class_counts_and_their_words():
    figure = by_key(make_manifest())["classes"]
    assert figure.data["photos"].tolist() == [40, 20, 8, 0]
    assert "68 photos with a label, in 3 classes" in figure.words
    assert "“worn · young” has the most (40)" in figure.words and "“not worn · young” the fewest (8)" in figure.words
    assert "5.0 times as many" in figure.words and "“not worn · old” has no photo" in figure.words
    assert ">40</text>" in figure.svg and ">worn · young</text>" in figure.svg


def test_even_classes_need_no_advice():
    assert "accuracy to be a fair summary" in by_key(make_manifest((20, 20, 20, 20)))["classes"].words


def test_unreadable_photos_are_not_counted():
    reasons = np.array([""] * 68, dtype=object)
    reasons[:10] = "the file is empty"
    assert tables.class_counts(make_manifest(reason=reasons))["photos"].tolist() == [30, 20, 8, 0]


def test_attribute_shares_per_split():
    shares = tables.attribute_shares(make_manifest())
    assert shares.groupby(["attribute", "split"])["share"].sum().round(9).eq(1).all()
    worn = shares[(shares["attribute"] == "mask") & (shares["value"] == "worn")]
    assert worn.set_index("split")["photos"].to_dict() == {"train": 48, "valid": 12}


def test_uneven_splits_are_named():
    split = np.where(np.arange(68) < 40, "train", "valid")
    text = by_key(make_manifest(split=split))["attributes"].words
    assert "The splits differ: age = “young”: 100.0\u00a0% in train, 28.6\u00a0% in valid" in text


def test_before_the_split():
    found = by_key(make_manifest(split=""))
    assert "not split yet" in found["attributes"].words and ">all photos<" not in found["attributes"].svg


def test_photos_without_labels():
    manifest = make_manifest()
    frame = manifest.frame.assign(mask=None, age=None, split="predict")
    assert set(by_key(Manifest(frame, SPACE, Path("/nowhere")))) == {"sizes"}


def test_a_link_between_labels_is_found():
    text = by_key(make_manifest((45, 5, 5, 45)))["combinations"].words
    assert "has 5 photos, where 25 would be expected if age did not depend on mask" in text and "shortcut" in text


def test_combinations_of_three_attributes():
    space = ClassSpace((*SPACE.attributes, Attribute("hat", ("yes", "no"))))
    counts = tables.joint_counts(make_manifest((1, 2, 3, 4, 5, 6, 7, 8), space))
    assert counts is not None and counts.to_numpy().tolist() == [[1, 2], [3, 4], [5, 6], [7, 8]]
    assert counts.index.tolist() == ["worn · young", "worn · old", "not worn · young", "not worn · old"]


def test_one_size_is_said_in_words():
    figure = by_key(make_manifest())["sizes"]
    assert figure.svg == "" and "All 68 photos are 384 × 512 pixels" in figure.words


@pytest.mark.parametrize("num_sizes", [5, 2000])
def test_many_sizes_stay_small(num_sizes):
    rng = np.random.default_rng(0)
    width = rng.integers(100, 100 + num_sizes, 4000)
    figure = by_key(make_manifest((1000,) * 4, width=width, height=300))["sizes"]
    assert len(figure.svg) < 400_000 and "different sizes" in figure.words
    assert ("%" in figure.words) and "short side below 224" in figure.words


def test_no_sizes_before_the_pack():
    manifest = make_manifest()
    bare = Manifest(manifest.frame.drop(columns=["width", "height"]), SPACE, Path("/nowhere"), True)
    assert "sizes" not in by_key(bare)


def test_groups():
    assert "68 photos of 17 subjects, 4 each" in by_key(make_manifest())["groups"].words
    unknown = by_key(make_manifest(has_groups=False))["groups"]
    assert unknown.svg == "" and "Nothing says which" in unknown.words


def test_many_classes_show_the_extremes():
    space = ClassSpace((Attribute("kind", tuple(f"kind {i}" for i in range(120))),))
    figure = by_key(make_manifest(tuple(range(1, 121)), space))["classes"]
    assert figure.svg.count(">kind ") == tables.MAX_BARS and "smallest 40 of 120 classes" in figure.words
    assert "logarithmic" in figure.svg


def test_hangul_dollars_and_angle_brackets_stay_text():
    names = ("마스크 착용", "$5 to $10", "<script>alert(1)</script>", "_hidden")
    space = ClassSpace((Attribute("라벨", names), Attribute("b", ("x", "y"))))
    found = by_key(make_manifest((40, 30, 20, 10, 8, 6, 4, 2), space))
    joined = "".join(f.svg for f in found.values())
    assert "마스크 착용" in joined and "$5 to $10" in joined and "_hidden" in joined
    assert "<script" not in joined and "&lt;script&gt;" in joined
    assert "<script" not in "".join(f._repr_html_() for f in found.values())


def test_the_same_data_draws_the_same_bytes_in_threads():
    manifest = make_manifest()
    alone = [f.svg for f in figures(manifest)]
    with ThreadPoolExecutor(3) as pool:
        for together in pool.map(lambda _: [f.svg for f in figures(manifest)], range(3)):
            assert together == alone


def test_settings_and_figures_of_a_notebook_are_left_alone():
    import matplotlib
    from matplotlib import pyplot as plt

    matplotlib.rcParams["font.size"] = 17
    before, numbers = dict(matplotlib.rcParams), plt.get_fignums()
    figures(make_manifest())
    assert dict(matplotlib.rcParams) == before and plt.get_fignums() == numbers
    matplotlib.rcdefaults()


def test_importing_explore_draws_in_nothing_heavy():
    code = "import sys, photobench.explore, photobench.report; print({'seaborn', 'matplotlib'} & set(sys.modules))"
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_small_words():
    assert words.photos(1) == "1 photo" and words.photos(1200) == "1,200 photos"
    assert words.percent(0.001) == "< 1\u00a0%" and words.percent(0.845) == "84\u00a0%"
    assert words.listed(["a"]) == "a" and words.listed(["a", "b", "c"]) == "a, b and c"
    assert words.listed([str(i) for i in range(20)], 2) == "0, 1 and 18 more"
    short = words.shortened("a very long class name · with its last part", 20)
    assert len(short) <= 20 and short.endswith("part")


def test_photos_to_predict_are_no_subjects() -> None:
    manifest = make_manifest()
    predict = manifest.frame["split"].copy()
    predict.iloc[: len(predict) // 2] = "predict"
    counted = tables.group_sizes(manifest.with_columns(split=predict))
    assert (counted["photos_per_group"] * counted["groups"]).sum() == (predict != "predict").sum()


def test_the_leaderboard_tells_the_correlation_with_its_interval_from_four_scores_on() -> None:
    expected, scores = np.array([0.70, 0.74, 0.78, 0.80]), np.array([0.65, 0.72, 0.71, 0.75])
    for num in (3, 4):
        found = calibrate(expected[:num], scores[:num])
        points = pd.DataFrame({"number": range(num), "kind": "runs", "expected": expected[:num], "score": scores[:num]})
        points = points.assign(low=points["expected"] - 0.03, high=points["expected"] + 0.03)
        svg = leaderboard_scatter(points, "macro F1", found.bias.value, found.pearson).svg()
        one = found.pearson
        told = f"correlation {one.value:+.2f} (95 % interval {one.low:+.2f} to {one.high:+.2f}), from 4 scores"
        assert ("correlation" in svg, told in svg) == (num > 3, num > 3)
