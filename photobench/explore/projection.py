"""Photos on a map: their embeddings brought to two dimensions in three ways. The only module that imports umap.

Shape legend: N photos, D features, C main components, k neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

from photobench.progress import say
from photobench.records import Said, parquet_bytes, read_parquet

MAX_PHOTOS = 5_000
"""On a map at most, drawn by lot: t-SNE of more takes minutes, and points lie on each other."""
NEIGHBOURS = 50
NUM_COMPONENTS, KEPT_COMPONENTS = 50, 20
METHODS = {"tsne": "t-SNE", "umap": "UMAP", "pca": "PCA"}
"""In the order in which they are offered."""


@dataclass(frozen=True)
class PhotoMap:
    """Where photos lie, by what a backbone makes of them.

    Attributes:
        frame: a row per photo: `path`, `sha256`, `learnt` (the backbone has learnt its label), `near` (row numbers of the most
            similar photos of this frame, the most similar first), main components `pc1`, `pc2`, …, and for each other method that
            was there two columns: `tsne1`, `tsne2`, `umap1`, `umap2`.
        explained_C: the share of the variance that each main component holds.
        origin: in words for people: whose features these are.
    """

    frame: pd.DataFrame
    explained_C: list[float]
    origin: Said
    methods: list[str] = field(default_factory=list)

    def places(self, method: str) -> np.ndarray:
        """(N, 2) coordinates by one of METHODS."""
        columns = ["pc1", "pc2"] if method == "pca" else [f"{method}1", f"{method}2"]
        return self.frame[columns].to_numpy(dtype=np.float64)

    def near(self) -> np.ndarray:
        """(N, k) row numbers of the most similar photos."""
        return np.stack(self.frame["near"].to_list()) if len(self.frame) else np.zeros((0, 0), dtype=int)

    def components(self) -> np.ndarray:
        """(N, C) main components."""
        return self.frame[[name for name in self.frame if name.startswith("pc")]].to_numpy()

    def to_bytes(self) -> bytes:
        meta = {"explained": self.explained_C, "origin": self.origin.to_json(), "methods": self.methods}
        return parquet_bytes(self.frame, "photobench.map", meta)

    @classmethod
    def read(cls, source: Path | bytes) -> PhotoMap:
        """From a file, or from `to_bytes`."""
        frame, meta = read_parquet(source, "photobench.map")
        return cls(frame, meta["explained"], Said.read(meta["origin"]), meta["methods"])


def sample(rows: np.ndarray) -> np.ndarray:
    """At most MAX_PHOTOS of these rows, in their order; the same for the same rows."""
    return np.sort(np.random.default_rng(0).permutation(rows)[:MAX_PHOTOS])


def photo_map(photos: pd.DataFrame, values_ND: np.ndarray, origin: Said) -> PhotoMap:
    """The map of photos (`path`, `sha256`, `learnt`) by their features, at least four, none of them NaN.

    Features are brought to length one, so that a distance is one between directions. The 50 first main components go into t-SNE
    (van der Maaten and Hinton 2008) and, where it is installed, UMAP (McInnes et al. 2018); both begin at the main components.
    """
    from sklearn.decomposition import PCA

    units_ND = values_ND / np.maximum(np.linalg.norm(values_ND, axis=1, keepdims=True), 1e-12)
    wanted = min(NUM_COMPONENTS, *units_ND.shape)
    pca = PCA(wanted, svd_solver="covariance_eigh" if units_ND.shape[1] <= 4_096 else "randomized", random_state=0)
    with np.errstate(invalid="ignore"):  # photos that are all the same have no variance to share out
        parts_NC = pca.fit_transform(units_ND.astype(np.float64))
    columns = {f"pc{c + 1}": parts_NC[:, c].astype(np.float32) for c in range(min(KEPT_COMPONENTS, wanted))}
    if wanted < 2:
        columns["pc2"] = np.zeros(len(photos), np.float32)
    found = {"tsne": _tsne(parts_NC), "umap": _umap(parts_NC)}
    for method, places_N2 in found.items():
        if places_N2 is not None:
            columns |= {f"{method}{axis + 1}": places_N2[:, axis].astype(np.float32) for axis in (0, 1)}
    near = list(nearest(units_ND, NEIGHBOURS))
    frame = photos.reset_index(drop=True).assign(near=near, **columns)
    methods = [method for method in METHODS if method == "pca" or found[method] is not None]
    return PhotoMap(frame, [float(share) for share in np.nan_to_num(pca.explained_variance_ratio_)], origin, methods)


def nearest(units_ND: np.ndarray, k: int) -> np.ndarray:
    """(N, min(k, N − 1)) row numbers of the most similar others, the most similar first."""
    from sklearn.neighbors import NearestNeighbors

    k = min(k, len(units_ND) - 1)
    search = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(units_ND)
    return search.kneighbors(return_distance=False).astype(np.int32)


def _tsne(parts_NC: np.ndarray) -> np.ndarray:
    from sklearn.manifold import TSNE

    perplexity = min(30.0, max(2.0, (len(parts_NC) - 1) / 4))
    init = "pca" if parts_NC.shape[1] >= 2 and np.ptp(parts_NC, axis=0).min() > 0 else "random"
    return TSNE(perplexity=perplexity, init=init, random_state=0, n_jobs=1).fit_transform(parts_NC.astype(np.float32))


def _umap(parts_NC: np.ndarray) -> np.ndarray | None:
    if find_spec("umap") is None or len(parts_NC) < 20:
        return None
    say("map: UMAP, which is compiled at its first use")
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a seed makes it use one thread, and of its own dependencies
        import umap  # type: ignore[import-untyped, import-not-found, unused-ignore]

        method = umap.UMAP(n_neighbors=min(15, len(parts_NC) - 1), min_dist=0.1, random_state=0, n_jobs=1)
        return np.asarray(method.fit_transform(parts_NC.astype(np.float32)))
