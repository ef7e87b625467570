"""Wrong labels planted in drawn embeddings are found, told in words, counted, and nothing is said where nothing can be known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from photobench.audit.checks import CHECKS
from photobench.audit.evidence import Evidence, NotPossible, View
from photobench.audit.heads import attribute_probs, fold_numbers, out_of_fold
from photobench.audit.labels import between, noise
from photobench.audit.labels.check import look
from photobench.audit.labels.judged import all_judged
from photobench.audit.labels.learners import learners
from photobench.audit.labels.matrix import noise_matrix
from photobench.audit.labels.suspicion import suspect
from photobench.audit.labels.votes import is_of_the_group
from photobench.audit.look import look as look_at
from photobench.records import Attribute, ClassSpace, Manifest

VALUES = ("cat", "dog", "owl")


def drawn(num: int = 600, apart: float = 1.2, wrong: float = 0.1, seed: int = 0, each: int = 1):
    """Embeddings, truth, given labels and groups: `each` photos of a group are of one value, and near each other."""
    rng = np.random.default_rng(seed)
    groups_N = np.arange(num) // each
    truth_N = rng.integers(0, len(VALUES), num)[groups_N]
    centres_VD = rng.normal(0, apart, (len(VALUES), 24))
    embeddings_ND = centres_VD[truth_N] + rng.normal(0, 1, (num, 24))
    flipped_N = rng.random(num) < wrong
    given_N = np.where(flipped_N, (truth_N + rng.integers(1, len(VALUES), num)) % len(VALUES), truth_N)
    return embeddings_ND.astype(np.float32), truth_N, given_N, groups_N


def evidence_of(embeddings_ND: np.ndarray, given_N: np.ndarray, groups_N: np.ndarray, values=VALUES) -> Evidence:
    num = len(given_N)
    frame = pd.DataFrame(
        {
            "path": [f"{n}.jpg" for n in range(num)],
            "label": [values[code] if code >= 0 else None for code in given_N],
            "group": groups_N.astype(str),
            "split": "train",
            "reason": "",
        }
    )
    manifest = Manifest(frame, ClassSpace((Attribute("label", tuple(values)),)), Path(), True)
    pixels = np.zeros((num, 2, 2, 3), np.uint8)
    return Evidence(manifest, groups_N, pixels, (View(embeddings_ND, np.ones(num, dtype=bool)),))


@pytest.mark.parametrize("wrong", [0.05, 0.3])
def test_planted_labels_are_found_suggested_and_counted(wrong: float) -> None:
    embeddings_ND, truth_N, given_N, groups_N = drawn(wrong=wrong)
    probs_NV = attribute_probs(embeddings_ND, given_N, groups_N, 3)
    found = suspect(given_N, probs_NV, [embeddings_ND], groups_N)
    wrong_N = given_N != truth_N
    called_N = found.score_N >= 0.5
    assert (called_N & wrong_N).sum() / called_N.sum() > 0.9
    assert (called_N & wrong_N).sum() / wrong_N.sum() > 0.9
    assert (found.suggested_N[called_N & wrong_N] == truth_N[called_N & wrong_N]).mean() > 0.95
    assert found.total.low <= wrong_N.sum() <= found.total.high
    assert abs(np.diag(found.noise_VV).mean() - (1 - wrong_N.mean())) < 0.06


def test_the_kind_of_mistake_that_is_made_is_learnt() -> None:
    """Where cats are called dogs, a doubtful dog is rather a cat than an owl, of which nobody was called a dog."""
    truth_N = np.arange(300) % 3
    given_N = np.where((truth_N == 0) & (np.arange(300) % 5 == 0), 1, truth_N)
    log_probs_NV = np.log(0.98 * np.eye(3)[truth_N] + 0.02 / 3)
    log_probs_NV[1] = np.log(1 / 3)
    assert given_N[1] == 1
    belief_NV, noise_VV = noise.judged(log_probs_NV, given_N, noise.even_noise(0.07, 3))
    assert belief_NV[1, 0] > 10 * belief_NV[1, 2]
    assert 0.15 < noise_VV[0, 1] < 0.25


def test_a_label_that_a_group_shares_is_counted_once() -> None:
    """Of 120 persons with seven photos three are labelled wrong, and a weak model is wrong of whole persons: that is not seven times the evidence."""
    counted = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        groups_N, truth_G = np.repeat(np.arange(120), 7), rng.integers(0, 3, 120)
        given_G = truth_G.copy()
        given_G[rng.choice(120, 3, replace=False)] += 1
        looks_G3 = 1.6 * np.eye(3)[truth_G] + rng.normal(0, 1, (120, 3))
        scores_N3 = looks_G3[groups_N] + rng.normal(0, 0.5, (len(groups_N), 3))
        given_N = given_G[groups_N] % 3
        counted.append([noise_matrix(scores_N3, given_N)[1], noise_matrix(scores_N3, given_N, groups_N)[1]])
    as_photos, as_persons = np.mean(counted, axis=0)
    assert as_photos > 2 * 21 > 2 * 0.6 * as_persons


def test_scores_are_probabilities_where_classes_overlap() -> None:
    scores, truths = [], []
    for seed in range(3):
        embeddings_ND, truth_N, given_N, groups_N = drawn(1000, apart=0.45, wrong=0.15, seed=seed)
        probs_NV = attribute_probs(embeddings_ND, given_N, groups_N, 3)
        scores.append(suspect(given_N, probs_NV, [embeddings_ND], groups_N).score_N)
        truths.append(given_N != truth_N)
    score_M, wrong_M = np.concatenate(scores), np.concatenate(truths)
    for low, high in ((0.0, 0.2), (0.6, 0.8), (0.8, 1.0)):
        rows = (score_M >= low) & (score_M < high)
        assert rows.sum() > 20
        assert abs(wrong_M[rows].mean() - score_M[rows].mean()) < 0.2


def test_a_person_whose_photos_say_two_things() -> None:
    embeddings_ND, truth_N, given_N, groups_N = drawn(700, apart=0.3, wrong=0, each=7)
    given_N = given_N.copy()
    odd = np.arange(3, 700, 70)
    given_N[odd] = (truth_N[odd] + 1) % 3
    assert is_of_the_group(groups_N, given_N, 3)
    findings = look(evidence_of(embeddings_ND, given_N, groups_N))
    found = {finding.path: finding for finding in findings}
    for row in odd:
        finding = found[f"{row}.jpg"]
        assert finding.suggested == VALUES[truth_N[row]]
        assert f"the six other photos of its group are {finding.suggested}" in finding.evidence


def test_groups_are_not_believed_where_their_photos_differ_by_nature() -> None:
    codes_N = np.tile([0, 0, 0, 0, 0, 1, 2], 60)
    assert not is_of_the_group(np.arange(420) // 7, codes_N, 3)


def test_findings_and_notes_are_in_words() -> None:
    embeddings_ND, _, given_N, groups_N = drawn()
    evidence = evidence_of(embeddings_ND, given_N, groups_N)
    findings = look(evidence)
    first = max(findings, key=lambda finding: finding.score)
    assert (first.check, first.fix, first.attribute) == ("labels", "relabel", "label")
    assert "nearest photos are" in first.evidence
    assert f"the model (which did not learn it) says {first.suggested} with" in first.evidence
    assert first.related
    for path in first.related:
        assert VALUES[given_N[int(path.split(".")[0])]] == first.suggested
    assert any(
        " of 600 labels are wrong (" in note and "have not learnt them agree with" in note for note in evidence.notes
    )
    assert not any("badly" in note for note in evidence.notes)


def test_judges_that_know_little_say_so_and_list_little() -> None:
    embeddings_ND, _, given_N, groups_N = drawn()
    blurred_ND = embeddings_ND + np.random.default_rng(0).normal(0, 8, embeddings_ND.shape)
    evidence = evidence_of(blurred_ND, given_N, groups_N)
    assert len(look(evidence)) <= 0.05 * len(given_N)
    assert any("They tell label badly" in note for note in evidence.notes)


def test_what_lies_between_two_classes_is_ambiguous_and_not_wrong() -> None:
    embeddings_ND, _, given_N, groups_N = drawn(wrong=0)
    middle = (embeddings_ND[given_N == 0].mean(axis=0) + embeddings_ND[given_N == 1].mean(axis=0)) / 2
    rows = np.r_[np.flatnonzero(given_N == 0)[:20], np.flatnonzero(given_N == 1)[:20]]
    embeddings_ND[rows] = middle + np.random.default_rng(1).normal(0, 0.5, (40, 24))
    evidence = evidence_of(embeddings_ND, given_N, groups_N)
    findings = between.look(evidence)
    assert all(" one are " not in finding.evidence for finding in findings)
    told = {finding.path for finding in findings}
    assert len(told & {f"{row}.jpg" for row in rows}) >= 5
    assert len(told - {f"{row}.jpg" for row in rows}) <= 5
    assert not told & {finding.path for finding in look(evidence)}
    assert all(0.5 < finding.score <= 1 for finding in findings), (
        "how evenly the two are believed, not how wrong the label is"
    )


def test_a_photo_is_as_ambiguous_as_its_two_best_values_are_even_and_its_judges_are_good() -> None:
    model_NV = np.array([[0.5, 0.5, 0.0], [0.6, 0.4, 0.0], [0.98, 0.01, 0.01]])
    assert between.evenness(model_NV, 1.0) == pytest.approx([1.0, 0.8, 0.02])
    assert between.evenness(model_NV, 0.5) == pytest.approx([0.5, 0.4, 0.01])
    assert between.evenness(model_NV, -0.1) == pytest.approx([0, 0, 0]), "judges that are worse than chance"


def test_a_careless_rule_does_not_make_the_number_of_wrong_labels_look_better() -> None:
    embeddings_ND, truth_N, given_N, groups_N = drawn()
    before = all_judged(evidence_of(embeddings_ND, given_N, groups_N))[0]
    rows = np.flatnonzero(given_N == truth_N)[:60]  # all were right, and the rule makes them wrong
    stands_N = given_N.copy()
    stands_N[rows] = (truth_N[rows] + 1) % 3
    evidence = evidence_of(embeddings_ND, stands_N, groups_N)
    given = {"given:label": [VALUES[code] for code in given_N]}
    evidence = replace(evidence, manifest=evidence.manifest.with_columns(**given))
    ruled_NA = np.isin(np.arange(len(given_N)), rows)[:, None]
    by_rule = all_judged(replace(evidence, ruled_NA=ruled_NA))[0]
    assert np.allclose(by_rule.suspicion.score_N, before.suspicion.score_N), "the judges hear what was given"
    assert by_rule.decided.num_rules == 60 and by_rule.decided.rules_wrong > 54
    assert by_rule.total.num > before.total.num + 50
    notes = look_at("labels", replace(evidence, ruled_NA=ruled_NA)).notes
    assert any(note.startswith("Rules have changed 60 labels that nobody looked at. About ") for note in notes)
    by_people = look_at("labels", evidence_of(embeddings_ND, stands_N, groups_N))  # nothing says what was given
    assert not any(note.startswith(("Rules", "People")) for note in by_people.notes)
    by_people = look_at("labels", replace(evidence, found={}))
    assert "People have changed 60 labels, which count as right." in by_people.notes


def test_both_checks_look_at_what_was_judged_once() -> None:
    embeddings_ND, _, given_N, groups_N = drawn()
    embeddings_ND[5] = np.nan
    evidence = evidence_of(embeddings_ND, given_N, groups_N)
    labels, between = look_at("labels", evidence), look_at("ambiguous", evidence)
    assert len(evidence.found["judged"]) == 1
    assert any("that no model can see" in note for note in labels.notes)
    assert not between.notes
    alone = look_at("ambiguous", evidence_of(embeddings_ND, given_N, groups_N))
    assert alone.findings == between.findings


def test_a_near_copy_is_heard_and_who_has_none_hears_what_is_frequent() -> None:
    rng = np.random.default_rng(0)
    vectors_ND = rng.normal(0, 1, (200, 64)).astype(np.float32)
    vectors_ND[100:] = vectors_ND[:100] + rng.normal(0, 0.1, (100, 64))
    vectors_ND[7] = -vectors_ND[107]
    codes_N = np.tile(rng.integers(0, 3, 100), 2)
    clusters_N = np.arange(200)
    clusters_N[103] = 3
    close = learners(vectors_ND, fold_numbers(codes_N, clusters_N), clusters_N, 0)[-1]
    shares_NV = np.exp(close.scores(np.eye(3)[codes_N]))
    assert np.allclose(shares_NV.sum(axis=1), 1, atol=1e-6)
    own_N = shares_NV[np.arange(200), codes_N]
    has_copy = np.setdiff1d(np.arange(200), [3, 103, 7, 107])
    assert own_N[has_copy].min() > 0.6
    frequent_V = np.bincount(codes_N) / 200
    for row in (3, 103, 7):  # whose only near copy is of the own cluster, or none
        assert np.abs(shares_NV[row] - frequent_V).max() < 0.2


def test_training_dynamics_change_the_score() -> None:
    embeddings_ND, _, given_N, groups_N = drawn(apart=0.3)
    probs_NV = attribute_probs(embeddings_ND, given_N, groups_N, 3)
    margins_N = np.random.default_rng(0).normal(2, 0.5, len(given_N))
    margins_N[0], margins_N[1] = -6, np.nan
    without, with_them = (suspect(given_N, probs_NV, [embeddings_ND], groups_N, None, m) for m in (None, margins_N))
    order_before, order_after = (np.argsort(np.argsort(s.score_N)) for s in (without, with_them))
    assert order_after[0] > order_before[0]


def test_bad_input_gets_a_sentence_and_the_rest_goes_on() -> None:
    embeddings_ND, _, given_N, groups_N = drawn()
    embeddings_ND[5] = np.nan
    given_N = given_N.copy()
    given_N[given_N == 2] = 0
    given_N[:3] = 2
    evidence = evidence_of(embeddings_ND, given_N, groups_N)
    findings = look(evidence)
    assert findings
    assert not {"0.jpg", "1.jpg", "2.jpg", "5.jpg"} & {finding.path for finding in findings}
    assert any('"owl" has 3 photos, fewer than 5' in note for note in evidence.notes)
    assert any("1 photo that no model can see is not judged" in note for note in evidence.notes)
    with pytest.raises(NotPossible, match=r'that can be judged are "cat"'):
        look(evidence_of(embeddings_ND, np.zeros(600, dtype=int), groups_N))
    with pytest.raises(NotPossible, match="one group"):
        look(evidence_of(embeddings_ND, given_N, np.zeros(600, dtype=int)))
    with pytest.raises(NotPossible, match="there are none"):
        look(replace(evidence, views=()))


def test_folds_keep_clusters_together_and_probabilities_are_joint() -> None:
    embeddings_ND, _, given_N, groups_N = drawn(210, each=7)
    folds_N = fold_numbers(given_N, groups_N)
    assert all(len(set(folds_N[groups_N == group])) == 1 for group in range(30))
    space = ClassSpace((Attribute("a", VALUES), Attribute("b", ("x", "y"))))
    embeddings_ND[0] = np.nan
    joint_NK = out_of_fold(embeddings_ND, np.stack([given_N, groups_N % 2], axis=1), groups_N, space)
    assert joint_NK.shape == (210, 6)
    assert np.isnan(joint_NK[0]).all()
    assert np.allclose(joint_NK[1:].sum(axis=1), 1)
    assert (space.marginal(joint_NK[1:], 0).argmax(axis=1) == given_N[1:]).mean() > 0.7


def test_the_checks_are_in_the_table() -> None:
    assert CHECKS.build("labels").look is look
    assert CHECKS.build("ambiguous").look is between.look


def test_models_of_folds_judge_by_what_they_said_and_show_neighbours_of_their_own() -> None:
    """Each view has learnt all labels but those of its own fold, and would bear them out; the probabilities are out of fold."""
    embeddings_ND, truth_N, given_N, groups_N = drawn()
    evidence = evidence_of(embeddings_ND, given_N, groups_N)
    probs_NK = out_of_fold(embeddings_ND, evidence.manifest.codes(), evidence.clusters_N, evidence.manifest.space)
    fold_N = fold_numbers(given_N, evidence.clusters_N)
    learnt_ND = embeddings_ND + 20 * np.eye(len(VALUES))[given_N] @ np.ones((len(VALUES), embeddings_ND.shape[1]))
    views = tuple(
        View(np.where((fold_N == f)[:, None], embeddings_ND, learnt_ND).astype(np.float32), fold_N == f)
        for f in range(5)
    )
    findings = look(replace(evidence, views=views, probs_NK=probs_NK))
    found = {finding.path for finding in findings}
    planted = {f"{row}.jpg" for row in np.flatnonzero(given_N != truth_N)}
    assert len(found & planted) > 0.5 * len(planted)
    assert any(finding.related for finding in findings)
