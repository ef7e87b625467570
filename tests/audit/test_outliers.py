from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from photobench.audit import outliers
from photobench.audit.evidence import Evidence, NotPossible, View
from tests.audit.drawn import evidence_of, save


@pytest.fixture
def evidence(tmp_path: Path) -> Evidence:
    """40 photos whose embeddings lie in two bundles."""
    for number in range(40):
        save(tmp_path / f"{number % 2}" / f"{number:02}.png", np.full((8, 8, 3), 5 * number, np.uint8))
    return evidence_of(tmp_path, embeddings=False)


def bundles(evidence: Evidence) -> np.ndarray:
    rng = np.random.default_rng(0)
    side_N = evidence.manifest.codes()[:, 0]
    return (np.eye(2, 12)[side_N] + rng.normal(0, 0.08, (len(side_N), 12))).astype(np.float32)


def with_views(evidence: Evidence, *views: View) -> Evidence:
    return Evidence(evidence.manifest, evidence.clusters_N, evidence.pixels, views)


def test_a_photo_far_from_every_class_is_told(evidence: Evidence) -> None:
    embeddings_ND = bundles(evidence)
    everyone = np.ones(40, bool)
    assert outliers.look(with_views(evidence, View(embeddings_ND, everyone))) == []
    embeddings_ND[7] = np.eye(1, 12, 5)
    (one,) = outliers.look(with_views(evidence, View(embeddings_ND, everyone)))
    assert one.path == evidence.manifest.frame["path"][7]
    assert one.score > 0.5
    assert len(one.related) == 4
    assert one.path not in one.related


def test_only_photos_that_the_backbone_has_not_learned_are_asked(evidence: Evidence) -> None:
    embeddings_ND = bundles(evidence)
    embeddings_ND[7] = np.eye(1, 12, 5)
    first = np.arange(40) < 20
    assert outliers.look(with_views(evidence, View(embeddings_ND, ~first))) == []
    both = View(embeddings_ND, first), View(bundles(evidence), ~first)
    assert len(outliers.look(with_views(evidence, *both))) == 1


def test_rows_that_are_no_numbers_are_left_out(evidence: Evidence) -> None:
    embeddings_ND = bundles(evidence)
    embeddings_ND[3] = np.nan
    embeddings_ND[7] = np.eye(1, 12, 5)
    assert len(outliers.look(with_views(evidence, View(embeddings_ND, np.ones(40, bool))))) == 1
    with pytest.raises(NotPossible, match="among 0 embeddings"):
        outliers.look(with_views(evidence, View(np.full((40, 12), np.nan), np.ones(40, bool))))


def test_without_embeddings_it_says_so(evidence: Evidence) -> None:
    with pytest.raises(NotPossible, match="no embeddings"):
        outliers.look(evidence)
