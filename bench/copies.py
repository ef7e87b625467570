"""What the search for copies costs at 1,000,000 photos: pairs of hashes, and neighbours of vectors, each in a process of its own.

    python bench/copies.py hashes --num 1e6 --radius 8
    python bench/copies.py vectors --num 1e6 --dimensions 128

`hashes`: random 64-bit hashes with planted pairs; how many are found, and faiss' flat index on some of the queries beside it, whose
time for all is that times their share, as it compares each query with every hash. `vectors`: unit vectors around random centres, from a
file, since it is our memory that is asked for; recall is against comparing some of the queries with all.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from photobench.audit.near import near_pairs
from photobench.audit.neighbours import nearest

SAMPLE = 1_000
WIDTH = 0.35
"""Of a bundle of vectors, as a share of the distance of its centre from the origin."""


def hashes(num: int, radius: int, num_planted: int = 10_000) -> dict[str, Any]:
    """Seconds of CPU and of the wall for all pairs, the share of the planted ones found, and faiss' time for all."""
    rng = np.random.default_rng(0)
    hashes_N = rng.integers(0, 2**64, num, dtype=np.uint64)
    rows = rng.permutation(num)[: 2 * num_planted].reshape(-1, 2)
    for one, other in rows:
        bits = rng.choice(64, rng.integers(0, radius + 1), replace=False)
        hashes_N[one] = hashes_N[other] ^ np.uint64(sum(1 << int(bit) for bit in bits))
    started, cpu = time.perf_counter(), time.process_time()
    found = np.concatenate([np.stack(part[:2], axis=1) for part in near_pairs(hashes_N, radius)])
    seconds = {"wall_s": time.perf_counter() - started, "cpu_s": time.process_time() - cpu}
    keys = set((found[:, 0] * num + found[:, 1]).tolist())
    planted = np.sort(rows, axis=1)
    recall = float(np.mean([first * num + second in keys for first, second in planted.tolist()]))
    memory = _peak_mb()
    return {"num": num, "radius": radius, "pairs": len(found), "recall": recall, **seconds, "peak_mb": memory,
            "faiss_flat_s": _faiss_flat(hashes_N, radius)}  # fmt: skip


def _faiss_flat(hashes_N: np.ndarray, radius: int) -> float:
    """Seconds that faiss' flat binary index would take for all queries, from those it takes for a sample."""
    index = faiss.IndexBinaryFlat(64)
    codes = hashes_N.view(np.uint8).reshape(-1, 8)
    index.add(codes)
    started = time.perf_counter()
    index.range_search(codes[:SAMPLE], radius + 1)
    return (time.perf_counter() - started) * len(codes) / SAMPLE


def vectors(num: int, dimensions: int, k: int = 4) -> dict[str, Any]:
    """Seconds for the k neighbours of all, memory beyond that before, and the share of true neighbours found."""
    with tempfile.TemporaryDirectory() as folder:
        vectors_ND = _drawn(Path(folder) / "vectors.f32", num, dimensions)
        before, started, cpu = _own_mb(), time.perf_counter(), time.process_time()
        rows_Nk, _ = nearest(vectors_ND, k)
        seconds = {"wall_s": time.perf_counter() - started, "cpu_s": time.process_time() - cpu}
        memory = _peak_mb() - before
        asked = np.random.default_rng(1).choice(num, min(SAMPLE, num), replace=False)
        exact_Mk, _ = nearest(vectors_ND, k, np.asarray(vectors_ND[asked]), many=num + 1)
    hits = [len(set(a) & set(b)) / k for a, b in zip(rows_Nk[asked].tolist(), exact_Mk.tolist(), strict=True)]
    size_mb = num * dimensions * 4 / 1e6
    return {"num": num, "dimensions": dimensions, "k": k, "recall": float(np.mean(hits)), **seconds,
            "vectors_mb": size_mb, "peak_more_mb": memory}  # fmt: skip


def _drawn(path: Path, num: int, dimensions: int) -> np.ndarray:
    """Memory-mapped (num, D) float32: twenty around each centre."""
    rng = np.random.default_rng(0)
    drawn = np.memmap(path, np.float32, "w+", shape=(num, dimensions))
    for start in range(0, num, 20_000):
        size = min(20_000, num - start)
        centres = rng.normal(size=(size // 20 + 1, dimensions)).repeat(20, axis=0)[:size]
        drawn[start : start + size] = centres + rng.normal(0, WIDTH, (size, dimensions))
    drawn.flush()
    return np.memmap(path, np.float32, "r", shape=(num, dimensions))


def _peak_mb() -> float:
    """Largest memory of this process so far; of a mapped file only what it had read at once."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def _own_mb() -> float:
    """Memory of this process now, without mapped files."""
    status = Path("/proc/self/status")
    if not status.exists():
        return _peak_mb()
    kb = next(line for line in status.read_text().splitlines() if line.startswith("RssAnon"))
    return int(kb.split()[1]) / 1e3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["hashes", "vectors"])
    parser.add_argument("--num", type=float, default=1e6)
    parser.add_argument("--radius", type=int, default=8)
    parser.add_argument("--dimensions", type=int, default=128)
    asked = parser.parse_args()
    num = int(asked.num)
    print(json.dumps(hashes(num, asked.radius) if asked.what == "hashes" else vectors(num, asked.dimensions)))


if __name__ == "__main__":
    main()
