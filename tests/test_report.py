"""The report as a reader's browser gets it: balanced, escaped, self-contained, with the right numbers, whatever is missing."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from photobench.errors import ImageError
from photobench.records import Attribute, ClassSpace, Manifest, Predictions, RunRecord
from photobench.report import HardPhoto, HardToLearn, Reported, ReportInputs, build_report
from photobench.report.figures import biggest_confusions, curve_words, where_mistakes_are
from photobench.report.numbers import estimate, probability
from photobench.report.tables import truth_words

SPACE = ClassSpace((Attribute("mask", ("worn", "not worn")), Attribute("age", ("young", "middle", "old"))))
VOID = {"meta", "link", "img", "br", "hr", "input", "col", "source"}
ALL = [
    "headline", "examples", "data", "learning", "confusion", "classes", "mistakes", "submission", "timings",
    "left-out", "reproduce",
]  # fmt: skip


class Page(HTMLParser):
    """Checks the nesting while it reads, and keeps what the tests ask for."""

    def __init__(self, html: str):
        super().__init__(convert_charrefs=True)
        self.stack: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()
        assert self.stack == [], self.stack

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.stack and self.stack.pop() == tag, f"</{tag}> closes the wrong element"

    def handle_data(self, data: str) -> None:
        if not self.stack or self.stack[-1] != "style":
            self.texts.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.texts))

    @property
    def sections(self) -> list[str | None]:
        return [attrs["id"] for tag, attrs in self.tags if tag == "section"]


def check(inputs: ReportInputs) -> Page:
    """Builds the page and holds it to what is true of every report."""
    html = build_report(inputs)
    page = Page(html)
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids)), "an id occurs twice"
    assert not {"script", "iframe", "object", "link", "base", "form"} & {tag for tag, _ in page.tags}
    for tag, attrs in page.tags:
        assert not [name for name in attrs if name.startswith("on")], (tag, attrs)
        for name in ("src", "href", "action", "data", "poster", "srcset"):
            assert (attrs.get(name) or "#").startswith(("#", "data:image/webp;base64,")), (tag, attrs)
    loads = re.findall(r"url\(([^)]*)\)|@import", html)
    assert all(load.startswith("#") for load in loads)
    links = [attrs["href"][1:] for tag, attrs in page.tags if tag == "a" and attrs.get("href")]
    assert set(links) <= set(ids)
    return page


def make_manifest(
    space: ClassSpace = SPACE, num_groups: int = 60, broken: int = 0, has_groups: bool = True
) -> Manifest:
    rng = np.random.default_rng(0)
    group_N = np.repeat(np.arange(num_groups), 4)
    codes_NA = space.decompose(rng.integers(0, space.num_classes, len(group_N)))
    frame = pd.DataFrame({"path": [f"photos/{i:05d}.jpg" for i in range(len(group_N))]})
    for column, attribute in enumerate(space.attributes):
        frame[attribute.name] = np.array(attribute.values)[codes_NA[:, column]]
    frame["group"] = [f"g{g}" for g in group_N] if has_groups else frame["path"]
    frame["split"] = np.array(["train", "train", "train", "valid", "test"])[group_N % 5]
    frame = frame.assign(bytes=1, mtime_ns=1, sha256="0", width=384, height=512, reason="")
    frame.loc[frame.index[:broken], "reason"] = "the file is empty"
    return Manifest(frame, space, Path("/nowhere"), has_groups)


def bounds(value: float | None) -> dict[str, float | None]:
    return {
        "value": value,
        "low": None if value is None else max(value - 0.05, 0.0),
        "high": None if value is None else min(value + 0.05, 1.0),
    }


def make_scores(names: list[str], truth_N: np.ndarray, said_N: np.ndarray) -> dict[str, Any]:
    confusion = np.zeros((len(names), len(names)), dtype=int)
    np.add.at(confusion, (truth_N, said_N), 1)
    right, support = np.diag(confusion), confusion.sum(axis=1)
    recall = [bounds(r / s) if s else bounds(None) for r, s in zip(right, support, strict=True)]
    rows = [
        {"name": n, "support": int(s), "precision": bounds(0.5), "recall": r, "f1": bounds(0.6), "auc": bounds(None)}
        for n, s, r in zip(names, support, recall, strict=True)
    ]
    metrics = {"accuracy": bounds(right.sum() / max(support.sum(), 1)), "macro_f1": bounds(0.71), "auc": bounds(None)}
    return {"names": names, "metrics": metrics, "per_class": rows, "confusion": confusion.tolist()}


def make_predictions(manifest: Manifest, split: str, wrong_every: int) -> Predictions:
    rows = manifest.rows(split)
    said_N = manifest.classes()[rows].copy()
    if wrong_every:
        said_N[::wrong_every] = (said_N[::wrong_every] + 1) % manifest.space.num_classes
    joint_NK = np.full((len(rows), manifest.space.num_classes), 0.3 / (manifest.space.num_classes - 1))
    joint_NK[np.arange(len(rows)), said_N] = 0.7
    return Predictions(manifest.frame["path"].iloc[rows].tolist(), joint_NK, manifest.space, run="calm-fox-1")


def make_evaluation(manifest: Manifest, predictions: Predictions, split: str) -> dict[str, Any]:
    rows, space = manifest.rows(split), manifest.space
    truth_N, said_N = manifest.classes()[rows], predictions.classes()
    truth_NA, said_NA = space.decompose(truth_N), space.decompose(said_N)
    attributes = {
        a.name: make_scores(list(a.values), truth_NA[:, i], said_NA[:, i]) for i, a in enumerate(space.attributes)
    }
    return {
        "run": "calm-fox-1", "split": split, "num_photos": len(rows), "has_groups": manifest.has_groups,
        "num_groups": int(manifest.frame["group"].iloc[rows].nunique()), "attributes": attributes,
        "joint": make_scores(space.class_names, truth_N, said_N),
    }  # fmt: skip


def make_record(manifest: Manifest, num_epochs: int = 8) -> RunRecord:
    history = [
        {
            "epoch": e, "train_loss": 2 / e, "valid_loss": 2.2 / e, "macro_f1": 0.7 - 0.5 / e, "accuracy": 0.8 - 0.5 / e,
            "lr": 1e-3 / e, "seconds": 3.0, "images_per_s": 800.0,
            **{f"{a.name}/macro_f1": 0.9 - 0.4 / e for a in manifest.space.attributes},
        }
        for e in range(1, num_epochs + 1)
    ]  # fmt: skip
    config = {
        "model": {"backbone": "resnet18", "weights": None},
        "train": {"epochs": num_epochs, "note": 'a "quoted" <b>'},
    }
    return RunRecord(
        "calm-fox-1", "finished", "2025-03-04T10:21:33+09:00", "f00d", config, 7, manifest.fingerprint(), "runs/calm-fox-1",
        {"best_epoch": num_epochs, "macro_f1": 0.64, "accuracy": 0.74}, history, {"train": 24.0},
        {"torch": "2.7.1", "device": "cpu", "precision": "32"},
    )  # fmt: skip


def thumbnail(path: str) -> np.ndarray:
    seed = int(re.findall(r"\d+", path)[0])
    return np.random.default_rng(seed).integers(0, 256, (40, 30, 3), dtype=np.uint8)


def make_inputs(manifest: Manifest | None = None, wrong_every: int = 6, **changes: Any) -> ReportInputs:
    manifest = manifest or make_manifest()
    predictions = {split: make_predictions(manifest, split, wrong_every) for split in ("valid", "test")}
    evaluations = {split: make_evaluation(manifest, p, split) for split, p in predictions.items()}
    test = predictions["test"]
    truth_N, said_N = manifest.classes()[manifest.rows("test")], test.classes()
    wrong = np.flatnonzero(truth_N != said_N)
    mistakes = pd.DataFrame({"path": np.array(test.paths, dtype=object)[wrong], "truth": truth_N[wrong],
                             "predicted": said_N[wrong], "prob_truth": 0.06, "confidence": 0.7})  # fmt: skip
    everything: dict[str, Any] = {
        "title": "Masks & ages", "manifest": manifest, "model": Reported("calm-fox-1", [make_record(manifest)], can_be_refined=True), "evaluations": evaluations,
        "predictions": predictions, "mistakes": mistakes, "thumbnail": thumbnail,
        "submission": {"file": "submissions/1.csv", "rows": 420, "valid": True, "notes": ["in the order of the sample"]},
        "timings": {"pack": 4.0, "train": 24.0}, "notes": ["2 rows named no photo"], "truth_score": {"value": 0.7, "n": 420},
    }  # fmt: skip
    return ReportInputs(**{**everything, **changes})


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


def test_data_only():
    page = check(ReportInputs("Only data", make_manifest()))
    assert page.sections == ["headline", "data", "left-out", "reproduce"]
    assert "240 photos of 60 subjects in 6 classes, and no model yet." in page.text


@pytest.mark.parametrize("piece", ["model", "mistakes", "thumbnail", "submission", "truth_score"])
def test_one_piece_missing(piece):
    page = check(make_inputs(**{piece: None}))
    gone = {"model": "learning", "thumbnail": "examples"}.get(piece)
    assert page.sections == [s for s in ALL if s != gone]


@pytest.mark.parametrize("piece", ["evaluations", "predictions", "timings", "notes"])
def test_one_collection_empty(piece):
    page = check(make_inputs(**{piece: [] if piece == "notes" else {}}))
    assert {"headline", "data", "reproduce"} <= set(page.sections)


def test_run_without_evaluation():
    page = check(make_inputs(evaluations={}, predictions={}, mistakes=pd.DataFrame()))
    assert "a model that was not evaluated yet" in page.text and "macro F1 0.64" in page.text


def test_no_test_split_is_said():
    full = make_inputs()
    only = {"valid": full.evaluations["valid"]}
    text = check(replace(full, evaluations=only)).text
    assert "it was not trained on" in text and "There is no test split." in text


def several(manifest: Manifest, **changes: Any) -> Reported:
    """Three folds under one name."""
    record = make_record(manifest)
    trainings = [
        replace(
            record, name=f"00{fold}-fox", config={**record.config, "split": {"folds": 3, "fold": fold, "repeat": 0}}
        )
        for fold in (1, 2, 3)
    ]
    return Reported("001-fox-3-folds", trainings, "Three models answer.", 4.25, **changes)


def test_several_trainings_under_one_name_are_told_out_of_fold():
    full = make_inputs()
    evaluation = {**full.evaluations["test"], "split": "out of fold"}
    predictions = {"out of fold": full.predictions["test"]}
    hard = HardToLearn([HardPhoto("photos/00003.jpg", "age", "old", -1.5)], 90, 7)
    page = check(
        replace(
            full,
            model=several(full.manifest),
            evaluations={"out of fold": evaluation},
            predictions=predictions,
            hard=hard,
        )
    )
    assert page.sections == [*ALL[:3], "trainings", *ALL[4:7], "hard", *ALL[7:]]
    for words in (
        "On 48 photos of 12 subjects, each asked out of fold, the answer is right on 83", "Three models answer.", "on the out-of-fold photos",
        "There is no test split.", "001-fox-3-folds, of 3 trainings, 4 March 2025", "fold 2 of 3", "3 trainings, with a macro F1 from 0.64 to 0.64",
        "In all of them, they were still getting better", "All 3 trainings together took 1 min 12 s", "An answer takes 4.2 ms per photo in its models",
        "Of 90 photos that were learned, 7 kept a margin below zero", "-1.50", "All options of the first training", "the fold that they held out",
    ):  # fmt: skip
        assert words in page.text, words
    assert "report --run 001-fox" in page.text


def test_of_many_trainings_the_first_dozen_is_drawn():
    full = make_inputs()
    model = several(full.manifest)
    many = [replace(model.first, name=f"{number:03d}-fox") for number in range(15)]
    text = check(replace(full, model=replace(model, trainings=many))).text
    assert (
        "The figures show the first 12." in text
        and "On 48 photos of 12 subjects they never saw, the models are right" in text
    )


def test_unknown_groups_are_said():
    text = check(make_inputs(make_manifest(has_groups=False))).text
    assert "subjects it never saw" not in text and "Nobody said which photos show the same person or object." in text


def test_no_mistakes():
    text = check(make_inputs(wrong_every=0)).text
    assert "every test photo is answered rightly" in text and "near copy" in text


def test_nothing_evaluated_in_the_split():
    inputs = make_inputs()
    empty = {**inputs.evaluations["test"], "num_photos": 0}
    names = SPACE.class_names
    empty["joint"] = make_scores(names, np.array([], dtype=int), np.array([], dtype=int))
    empty["joint"]["metrics"] = {"accuracy": bounds(None), "macro_f1": bounds(None)}
    page = check(replace(inputs, evaluations={"test": empty}, mistakes=pd.DataFrame()))
    assert "confusion" not in page.sections and "48 photos" not in page.text


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


def test_photos_that_vanished_leave_a_gap_not_an_error():
    def gone(path: str) -> np.ndarray:
        raise ImageError("the file is gone")

    assert "no picture" in check(make_inputs(thumbnail=gone)).text


def test_pictures_are_small_webp():
    def large(path: str) -> np.ndarray:
        return np.full((900, 600, 3), 128, dtype=np.uint8)

    images = [attrs for tag, attrs in check(make_inputs(thumbnail=large)).tags if tag == "img"]
    assert len(images) > 30 and all((i["width"], i["height"]) == ("85", "128") for i in images)


def test_mistakes_by_name_and_without_predictions():
    inputs = make_inputs()
    names = np.array(SPACE.class_names, dtype=object)
    by_name = inputs.mistakes.assign(
        truth=names[inputs.mistakes["truth"]], predicted=names[inputs.mistakes["predicted"]]
    )
    assert build_report(replace(inputs, mistakes=by_name)) == build_report(inputs)
    text = check(replace(inputs, predictions={})).text
    assert "6 %" in text and "70 %" in text


def test_one_epoch_draws_no_curve():
    manifest = make_manifest()
    page = check(make_inputs(manifest, model=Reported("calm-fox-1", [make_record(manifest, 1)])))
    assert "1 epoch; the best is epoch 1" in page.text and not [
        a for _, a in page.tags if a.get("id") == "fig-curves-loss"
    ]


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


def test_estimates_have_sensible_digits():
    assert estimate("accuracy", {"value": 0.8412, "low": 0.79, "high": 0.89}).text == "84\u00a0%"
    assert estimate("accuracy", {"value": 0.8412, "low": 0.838, "high": 0.845}).interval == "83.8 to 84.5\u00a0%"
    assert estimate("macro_f1", {"value": 0.714, "low": 0.6, "high": 0.8}).interval == "0.60 to 0.80"
    unknown = estimate("auc", {"value": None, "low": None, "high": None})
    assert (unknown.text, unknown.interval, unknown.known) == ("–", "", False)
    assert estimate("auc", {"value": float("nan"), "low": None, "high": None}).text == "–"
    assert [probability(p) for p in (0.0, 0.001, 0.5, 0.9999, 1.0)] == [
        "0\u00a0%",
        "< 1\u00a0%",
        "50\u00a0%",
        "> 99\u00a0%",
        "100\u00a0%",
    ]


@pytest.mark.parametrize(("value", "said"), [(0.7, "inside"), (0.9, "above"), (0.2, "below")])
def test_truth_against_the_promise(value, said):
    assert f"That is {said} the interval" in truth_words(make_inputs(truth_score={"value": value, "n": 9}))


def test_confusions_in_words():
    matrix = np.array([[8, 2, 0], [0, 10, 0], [1, 0, 3]])
    said = [unescape(w).replace("\u00a0", " ") for w in biggest_confusions(["a", "b", "c"], matrix)]
    assert said == [
        "2 of 10 photos of “a” were taken for “b” (20 %).",
        "1 of 4 photos of “c” was taken for “a” (25 %).",
    ]
    joint = np.zeros((6, 6), dtype=int)
    joint[0, 1], joint[0, 3], joint[0, 4] = 5, 2, 1
    assert (
        where_mistakes_are(SPACE, joint)
        == "Of 8 mistakes: 5 in age alone, 2 in mask alone and 1 in more than one label."
    )


def test_curve_words():
    record = make_record(make_manifest(), 10)
    assert "still getting better" in curve_words(record)
    worse = [{**row, "valid_loss": 0.5 + 0.1 * abs(row["epoch"] - 4)} for row in record.history]
    assert "From epoch 4 on" in curve_words(replace(record, history=worse, metrics={"best_epoch": 4}))
    flat = [{**row, "macro_f1": 0.6} for row in record.history]
    assert "flat at the end" in curve_words(replace(record, history=flat, metrics={"best_epoch": 2}))
