"""What every check of the audit must do, whatever the data set and whatever is known of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from photobench.audit.checks import CHECKS
from photobench.audit.evidence import Evidence, NotPossible, View
from photobench.records import Finding, findings_frame, findings_of
from tests.audit.drawn import comic, evidence_of, save, scene


def drawn(root: Path, num: int = 48, classes: tuple[str, ...] = ("cat", "dog")) -> Path:
    """Photos with a copy, a mirrored copy with another label, a dark one, a drawing, and two that cannot be read."""
    for seed in range(num):
        save(root / classes[seed % len(classes)] / f"{seed:02}.jpg", scene(seed))
    save(root / classes[0] / "copy.jpg", scene(2))
    save(root / classes[-1] / "mirrored.png", scene(4)[:, ::-1])
    save(root / classes[-1] / "dark.png", scene(5) // 20)
    save(root / classes[0] / "comic.png", comic(0))
    (root / classes[0] / "empty.jpg").write_bytes(b"")
    (root / classes[0] / "page.jpg").write_bytes(b"<!doctype html>")
    return root


def with_probabilities(evidence: Evidence) -> Evidence:
    """Of a model that mostly knows; one photo was not asked, and one is taken for another."""
    classes_N, num = evidence.manifest.classes(), evidence.manifest.space.num_classes
    probs_NK = np.full((len(classes_N), num), 0.1)
    probs_NK[np.arange(len(classes_N)), np.maximum(classes_N, 0)] = 0.9
    probs_NK[3] = probs_NK[3, ::-1]
    probs_NK /= probs_NK.sum(axis=1, keepdims=True)
    probs_NK[[0, *np.flatnonzero(~evidence.manifest.usable())]] = np.nan
    margins_NA = np.where(np.arange(len(classes_N)) == 3, -2.0, 3.0)[:, None]
    return Evidence(
        evidence.manifest, evidence.clusters_N, evidence.pixels, evidence.views, probs_NK, margins_NA, "a test"
    )


def plain(root: Path) -> Evidence:
    return evidence_of(drawn(root))


def without_embeddings(root: Path) -> Evidence:
    return evidence_of(drawn(root), embeddings=False)


def of_models(root: Path) -> Evidence:
    return with_probabilities(evidence_of(drawn(root)))


def with_groups_and_splits(root: Path) -> Evidence:
    paths = [f"{'dog' if n % 2 else 'cat'}/{n:02}.jpg" for n in range(48)]
    groups = {path: f"person {n // 4}" for n, path in enumerate(paths)}
    splits = {path: ("train", "valid", "test", "predict")[n % 4] for n, path in enumerate(paths)}
    return with_probabilities(evidence_of(drawn(root), {"group": groups, "split": splits}))


def one_group(root: Path) -> Evidence:
    paths = [path.relative_to(root).as_posix() for path in drawn(root).rglob("*.*")]
    return with_probabilities(evidence_of(root, {"group": dict.fromkeys(paths, "anna")}))


def one_class(root: Path) -> Evidence:
    return with_probabilities(evidence_of(drawn(root, classes=("cat",))))


def few_of_a_class(root: Path) -> Evidence:
    drawn(root)
    for seed in (90, 91):
        save(root / "eel" / f"{seed}.jpg", scene(seed))
    return with_probabilities(evidence_of(root))


def unlabelled(root: Path) -> Evidence:
    drawn(root)
    every = [path.relative_to(root).as_posix() for path in root.rglob("*.*")]
    return evidence_of(root, {"label": dict.fromkeys(every)})


def no_numbers(root: Path) -> Evidence:
    evidence = with_probabilities(evidence_of(drawn(root)))
    num = len(evidence.manifest)
    views = (View(np.full((num, 8), np.nan, np.float32), np.ones(num, bool)),)
    probs_NK = np.full((num, 2), np.nan)
    return Evidence(evidence.manifest, evidence.clusters_N, evidence.pixels, views, probs_NK, np.full(num, np.nan))


def some_no_numbers(root: Path) -> Evidence:
    evidence = with_probabilities(evidence_of(drawn(root)))
    evidence.views[0].embeddings_ND[::3] = np.nan
    return evidence


def unreadable(root: Path) -> Evidence:
    for name in ("cat/a.jpg", "dog/b.jpg"):
        (root / name).parent.mkdir(parents=True)
        (root / name).write_bytes(b"")
    return evidence_of(root)


def one_photo(root: Path) -> Evidence:
    save(root / "cat" / "a.jpg", scene(1))
    return evidence_of(root)


def empty(root: Path) -> Evidence:
    root.mkdir(exist_ok=True)
    return evidence_of(root)


SETS: list[Callable[[Path], Evidence]] = [
    plain, without_embeddings, of_models, with_groups_and_splits, one_group, one_class, few_of_a_class, unlabelled,
    no_numbers, some_no_numbers, unreadable, one_photo, empty,
]  # fmt: skip


def answer(name: str, evidence: Evidence) -> list[Finding] | str:
    """What a check found, or why it cannot be made."""
    try:
        return CHECKS.build(name).look(evidence)
    except NotPossible as why:
        return str(why)


def is_sentence(text: str) -> bool:
    return not text[:1].islower() and text.endswith(".") and len(text) > 20


def contents(root: Path) -> dict[Path, str]:
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize("make", SETS, ids=lambda make: make.__name__)
@pytest.mark.parametrize("name", CHECKS.names())
def test_a_check_answers_in_the_one_schema_or_says_why_not(name: str, make, tmp_path: Path) -> None:
    evidence = make(tmp_path / "photos")
    before, pixels = contents(tmp_path), evidence.pixels.copy()
    found = answer(name, evidence)
    assert contents(tmp_path) == before, "photos are never written to"
    assert (evidence.pixels == pixels).all()
    assert all(is_sentence(note) for note in evidence.notes)
    if isinstance(found, str):
        assert is_sentence(found)
        return
    known = set(evidence.manifest.frame["path"])
    attributes = {"", "group", *(attribute.name for attribute in evidence.manifest.space.attributes)}
    declared = {kind.name: kind for kind in CHECKS.build(name).kinds}
    for finding in found:
        assert finding.check == name
        assert finding.kind in declared, "a rule may name it, and docs/audit.md says what it is"
        assert {finding.path, *finding.related} <= known
        assert finding.path not in finding.related
        assert finding.attribute in attributes
        assert bool(finding.suggested) == (finding.fix in ("relabel", "group"))
        if finding.suggested:
            assert finding.fix == declared[finding.kind].suggests, "else a rule that asks for it would be refused"
        of_label = finding.attribute not in ("", "group")
        assert of_label == declared[finding.kind].of_label, (
            "else a rule about an attribute would be refused, or never apply"
        )
        assert is_sentence(finding.evidence)
        assert finding.reasons, "of which the review page makes sentences of other languages (records/sentence.py)"
    assert findings_of(findings_frame(found)) == found, "it survives being written"


@pytest.mark.parametrize("name", CHECKS.names())
def test_the_same_evidence_gives_the_same_findings(name: str, tmp_path: Path) -> None:
    first, second = (answer(name, with_groups_and_splits(tmp_path)) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("name", CHECKS.names())
def test_a_check_says_what_it_misses_and_what_it_wrongly_reports(name: str) -> None:
    check = CHECKS.build(name)
    assert is_sentence(check.misses)
    assert is_sentence(check.false_alarms)
    assert CHECKS.get(name).line
