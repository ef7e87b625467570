"""Nearest neighbours. The only module that imports faiss.

Few vectors are compared each with each. Of many, a vector is compared with those of the cells that lie nearest to it (an inverted file;
Jégou et al. 2011), kept at half precision: some neighbours are missed, and bench/copies.py says how many.

Shape legend: N vectors, D dimensions, M queries, k neighbours.
"""

from __future__ import annotations

import faiss
import numpy as np

MANY = 100_000
"""Vectors from which only the nearest cells are looked into."""
CELLS_LOOKED_INTO = 16
TRAINING = 40
"""Vectors per cell from which the cells are made."""
TOGETHER = 16_384
"""Vectors that are brought to length one at a time."""


def unit(vectors_ND: np.ndarray) -> np.ndarray:
    """Vectors of length one, float32, so that their product is the cosine of their angle."""
    vectors_ND = np.ascontiguousarray(vectors_ND, dtype=np.float32)
    return vectors_ND / np.maximum(np.linalg.norm(vectors_ND, axis=1, keepdims=True), 1e-12)


def nearest(
    vectors_ND: np.ndarray, k: int, queries_MD: np.ndarray | None = None, many: int = MANY
) -> tuple[np.ndarray, np.ndarray]:
    """The k most similar vectors of each query, the most similar first: rows (M, k) and cosines (M, k).

    Queries are the vectors themselves where none are given; each then finds itself first, or a copy of itself. Where there
    are fewer than k vectors, the rest of a row is −1 with cosine −inf. The vectors may be memory-mapped: of `many` and more, at
    most half their size is held in memory.
    """
    queries_MD = vectors_ND if queries_MD is None else queries_MD
    index = _flat(vectors_ND) if len(vectors_ND) < many else _cells(vectors_ND)
    rows_Mk = np.full((len(queries_MD), k), -1, np.int64)
    cosines_Mk = np.full((len(queries_MD), k), -np.inf, np.float32)
    for start in range(0, len(queries_MD), TOGETHER):
        part = slice(start, start + TOGETHER)
        cosines_Mk[part], rows_Mk[part] = index.search(unit(queries_MD[part]), k)
    return rows_Mk, np.where(rows_Mk < 0, -np.inf, np.minimum(cosines_Mk, 1))


def _flat(vectors_ND: np.ndarray) -> faiss.Index:
    index = faiss.IndexFlatIP(vectors_ND.shape[1])
    _add(index, vectors_ND)
    return index


def _cells(vectors_ND: np.ndarray) -> faiss.Index:
    """√N cells, whose middles are found on some of the vectors, always the same ones."""
    num, dimensions = vectors_ND.shape
    num_cells = round(num**0.5)
    middles = faiss.IndexFlatIP(dimensions)
    kinds = faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
    index = faiss.IndexIVFScalarQuantizer(middles, dimensions, num_cells, *kinds)
    index.cp.spherical, index.cp.niter = True, 8
    some = np.sort(np.random.default_rng(0).choice(num, min(num, TRAINING * num_cells), replace=False))
    index.train(unit(vectors_ND[some]))
    _add(index, vectors_ND)
    index.nprobe = CELLS_LOOKED_INTO
    return index


def _add(index: faiss.Index, vectors_ND: np.ndarray) -> None:
    for start in range(0, len(vectors_ND), TOGETHER):
        index.add(unit(vectors_ND[start : start + TOGETHER]))
