from __future__ import annotations

import numpy as np

from photobench.audit.neighbours import nearest


def clustered(num: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    return rng.normal(size=(num // 5, 1, 24)).repeat(5, axis=1).reshape(-1, 24) + rng.normal(0, 0.2, (num, 24))


def test_cells_find_nearly_what_comparing_all_finds() -> None:
    vectors_ND = clustered(4_000)
    exact_Mk, cosines_Mk = nearest(vectors_ND, 5)
    rows_Mk, near_Mk = nearest(vectors_ND, 5, many=1_000)
    share = np.mean([len(set(a) & set(b)) / 5 for a, b in zip(exact_Mk, rows_Mk, strict=True)])
    assert share > 0.95
    assert np.abs(near_Mk[:, 0] - cosines_Mk[:, 0]).max() < 0.01
    again_Mk, _ = nearest(vectors_ND, 5, many=1_000)
    assert (again_Mk == rows_Mk).all()


def test_where_there_are_fewer_than_asked_for_the_rest_is_told() -> None:
    rows_Mk, cosines_Mk = nearest(np.eye(3), 5)
    assert (rows_Mk[:, 0] == [0, 1, 2]).all()
    assert (rows_Mk[:, 3:] == -1).all()
    assert np.isneginf(cosines_Mk[:, 3:]).all()
