"""Nearest neighbours. The only module that imports faiss.

Shape legend: N vectors, D dimensions, M queries, k neighbours.
"""

from __future__ import annotations

import faiss
import numpy as np


def unit(vectors_ND: np.ndarray) -> np.ndarray:
    """Vectors of length one, float32, so that their product is the cosine of their angle."""
    vectors_ND = np.ascontiguousarray(vectors_ND, dtype=np.float32)
    return vectors_ND / np.maximum(np.linalg.norm(vectors_ND, axis=1, keepdims=True), 1e-12)


def nearest(vectors_ND: np.ndarray, k: int, queries_MD: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """The k most similar vectors of each query, the most similar first: rows (M, k) and cosines (M, k).

    Queries are the vectors themselves where none are given; each then finds itself first, or a copy of itself. Where there
    are fewer than k vectors, the rest of a row is −1 with cosine −inf.
    """
    units_ND = unit(vectors_ND)
    index = faiss.IndexFlatIP(units_ND.shape[1])
    index.add(units_ND)
    cosines_Mk, rows_Mk = index.search(units_ND if queries_MD is None else unit(queries_MD), k)
    return rows_Mk, np.where(rows_Mk < 0, -np.inf, cosines_Mk)
