"""The report as a reader's browser gets it: escaped, self-contained, with the right numbers."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from photobench.records import Attribute, ClassSpace, Manifest
from photobench.report import Reported, build_report
from tests.report.made import ALL, make_inputs, make_manifest, make_record
from tests.report.page import check


def test_what_probabilities_mean_is_drawn_and_said():
    from photobench.bootstrap import Sample
    from photobench.reliability import reliability

    truth_N = np.random.default_rng(0).integers(0, 2, 240)
    said_N, groups_N = np.where(np.arange(240) % 3 == 0, 1 - truth_N, truth_N), np.repeat(np.arange(60), 4)
    too_sure = Sample(truth_N, said_N, np.eye(2)[said_N] * 0.8 + 0.1, groups_N, 60)
    measured = reliability(too_sure, 100, 0.95, 0).to_json()
    inputs = make_inputs()
    evaluation = inputs.evaluations["test"]
    for scores in (evaluation["joint"], *evaluation["attributes"].values()):
        scores["reliability"] = measured
    page = check(inputs)
    assert page.sections == [*ALL[:6], "calibration", *ALL[6:]]
    assert (
        "mask: answers are given with 90\u00a0% on average, and 67\u00a0% of them are right: too sure."
        in page.text.replace("90 %", "90\u00a0%").replace("67 %", "67\u00a0%")
    )
    assert "all together: answers are given with" in page.text
    assert "photobench refine --run calm-fox-1" in page.text


def test_all_sections_in_their_order_and_their_numbers():
    inputs = make_inputs()
    page = check(inputs)
    assert page.sections == ALL
    assert (
        "On 48 photos of 12 subjects it never saw, the model is right on 83\u00a0%".replace("\u00a0", " ") in page.text
    )
    for words in (
        "(95 % interval 78 to 88 %)", "one of 6", "Macro F1, in which a rare class counts as much as a common one, is 0.71",
        "Only 12 subjects", "8 epochs; the best is epoch 8, with a macro F1 of 0.64", "Of 8 mistakes", "labelled", "answered",
        "submissions/1.csv", "420 rows", "inside the interval that the test photos gave, 0.66 to 0.76", "train took 86 %",
        "800 photos per second (cpu)", "No photo: every one could be read", "2 rows named no photo", "Run calm-fox-1, 4 March 2025",
        "backbone = \"resnet18\"", inputs.manifest.fingerprint(), "2.7.1",
    ):  # fmt: skip
        assert words in page.text, words


def test_the_same_inputs_give_the_same_bytes():
    assert build_report(make_inputs()) == build_report(make_inputs())


def test_confusion_table_holds_the_counts():
    inputs = make_inputs()
    html = build_report(inputs)
    table = html[html.index('<table class="matrix') :].split("</table>")[0]
    cells = re.findall(r"<td class=[^>]*>([\d,]*)</td>", table)
    assert [int(c or 0) for c in cells] == np.array(inputs.evaluations["test"]["joint"]["confusion"]).ravel().tolist()


def test_broken_photos_are_counted_and_capped():
    page = check(make_inputs(make_manifest(num_groups=1500, broken=5000)))
    assert "5,000 of 6,000 photos were left out" in page.text and "And 4,960 more." in page.text
    assert page.text.count("the file is empty") == 41


@pytest.mark.parametrize("num_classes", [2, 50, 100])
def test_one_attribute_of_many_classes(num_classes):
    space = ClassSpace((Attribute("kind", tuple(f"kind {i}" for i in range(num_classes))),))
    inputs = make_inputs(make_manifest(space, num_groups=200))
    page = check(inputs)
    assert page.sections == ALL and "Each label by itself" not in page.text
    html = build_report(inputs)
    assert len(html) < 1_500_000 and ('class="dense"' in html) == (num_classes > 30)
    assert ("classes with the lowest F1" in page.text) == (num_classes > 40)


def test_user_text_is_escaped_everywhere():
    evil = "<script>alert('x')</script>"
    space = ClassSpace((Attribute(f"a {evil}", (f"v {evil}", 'w" onload="x')), Attribute("b", ("x", "y"))))
    manifest = make_manifest(space, broken=2)
    frame = manifest.frame.assign(path=[f"{i} {evil}.jpg" for i in range(len(manifest))])
    frame.loc[frame["reason"] != "", "reason"] = f"cannot read {evil}"
    manifest = Manifest(frame, space, manifest.root, True, (f"note {evil}",))
    inputs = make_inputs(manifest, title=evil, notes=[evil], timings={evil: 1.0})
    inputs = replace(inputs, submission={"file": evil, "rows": 1, "valid": False, "notes": [evil]})
    page = check(inputs)
    assert "<script" not in build_report(inputs) and evil in page.text and f"v {evil}" in page.text


def test_hangul_labels():
    space = ClassSpace((Attribute("마스크", ("착용", "미착용")), Attribute("나이", ("청년", "노년"))))
    page = check(make_inputs(make_manifest(space)))
    assert "착용 · 청년" in page.text and 'charset="utf-8"' in build_report(make_inputs(make_manifest(space)))


def test_pictures_are_small_webp():
    def large(path: str) -> np.ndarray:
        return np.full((900, 600, 3), 128, dtype=np.uint8)

    images = [attrs for tag, attrs in check(make_inputs(thumbnail=large)).tags if tag == "img"]
    assert len(images) > 30 and all((i["width"], i["height"]) == ("85", "128") for i in images)


def test_changed_data_is_said():
    manifest = make_manifest()
    record = replace(make_record(manifest), dataset="0123456789abcdef")
    assert (
        "the data has changed since the training"
        in check(make_inputs(manifest, model=Reported("calm-fox-1", [record]), dataset_today="fedcba9876543210")).text
    )


def test_too_sure_a_model_is_said():
    inputs = make_inputs(wrong_every=2)
    assert (
        "surer of itself than it should be: its confidence is 70 % on average, and it is right on 50 %"
        in check(inputs).text
    )
