"""All pairs among many 64-bit hashes that differ in few bits. Exact: none is missed, none comes twice.

The bits are dealt to B bands. Hashes that differ in at most r bits differ, in some band b, in at most `limit_b` bits, where the limits
add up to r − B + 1 (the pigeonhole principle as Qin et al. 2018 state it), so only hashes that are that alike in a band are compared.
Memory is a few arrays of length N and one stretch of pairs, however many pairs there are.

Shape legend: N hashes, P pairs, B bands, S values of a band.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

BITS = 64
STRETCH = 2_000_000
"""Pairs compared at a time."""
FEW = 32
"""Photos of one hash of which every two are a pair; of more, each is a pair with the first alone."""

Pairs = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Rows of the first and of the second (first < second), and in how many bits they differ; each (P,)."""


def near_pairs(hashes_N: np.ndarray, radius: int, turn: int = 0) -> Iterator[Pairs]:
    """Every pair of hashes that differ in at most `radius` bits, in stretches.

    Args:
        hashes_N: uint64.
        turn: bits in which the second is turned round before it is compared: those of a mirrored photo, say.

    Of hashes that many photos share only the first photo stands for all in pairs with other hashes, and in pairs among them each
    is paired with the first: so what hangs together is the same, and thousands of identical photos are no millions of pairs.
    """
    if not 0 <= radius < BITS:
        raise ValueError(f"radius must be 0 to {BITS - 1}, not {radius}")
    distinct_U, members = _distinct(np.asarray(hashes_N, dtype=np.uint64))
    if np.uint64(turn).bit_count() <= radius:
        yield from _within(members, int(np.uint64(turn).bit_count()))
    for first_P, second_P, bits_P in _distinct_pairs(distinct_U, radius, turn):
        yield from _between(members, first_P, second_P, bits_P)


@dataclass(frozen=True)
class _Members:
    """Which rows have each distinct hash: `rows[starts[u]:starts[u + 1]]`, ascending."""

    rows_N: np.ndarray
    starts: np.ndarray

    def sizes(self) -> np.ndarray:
        return np.diff(self.starts)


def _distinct(hashes_N: np.ndarray) -> tuple[np.ndarray, _Members]:
    rows_N = np.argsort(hashes_N, kind="stable")
    ordered_N = hashes_N[rows_N]
    starts = np.flatnonzero(np.r_[True, ordered_N[1:] != ordered_N[:-1]]) if len(ordered_N) else np.zeros(0, np.int64)
    return ordered_N[starts], _Members(rows_N, np.r_[starts, len(rows_N)])


def _within(members: _Members, bits: int) -> Iterator[Pairs]:
    """Pairs of photos with the same hash."""
    sizes_U = members.sizes()
    for size in np.unique(sizes_U[sizes_U > 1]):
        starts = members.starts[:-1][sizes_U == size]
        seconds, firsts = np.tril_indices(size, -1) if size <= FEW else (np.arange(1, size), np.zeros(size - 1, int))
        step = max(1, STRETCH // len(firsts))
        for begin in range(0, len(starts), step):
            some = starts[begin : begin + step, None]
            yield _ordered(members.rows_N[some + firsts].ravel(), members.rows_N[some + seconds].ravel(), bits)


def _between(members: _Members, first_P: np.ndarray, second_P: np.ndarray, bits_P: np.ndarray) -> Iterator[Pairs]:
    """Pairs of photos from pairs of distinct hashes: all photos of hashes that few share, the first of others."""
    sizes_U = members.sizes()
    sizes_U = np.where(sizes_U <= FEW, sizes_U, 1)
    for part in _parts(sizes_U[first_P] * sizes_U[second_P]):
        number, place = _expanded(sizes_U[first_P[part]] * sizes_U[second_P[part]])
        width = sizes_U[second_P[part]][number]
        first = members.rows_N[members.starts[first_P[part]][number] + place // width]
        second = members.rows_N[members.starts[second_P[part]][number] + place % width]
        yield _ordered(first, second, bits_P[part][number])


def _ordered(first_P: np.ndarray, second_P: np.ndarray, bits: np.ndarray | int) -> Pairs:
    bits_P = np.broadcast_to(np.asarray(bits, np.uint8), first_P.shape)
    return np.minimum(first_P, second_P), np.maximum(first_P, second_P), bits_P


@dataclass(frozen=True)
class _Band:
    """Some of the bits, and in how many of them a pair that is found here may differ; −1 where none need be sought here."""

    bits: tuple[int, ...]
    limit: int

    @property
    def mask(self) -> np.uint64:
        return np.uint64(sum(1 << bit for bit in self.bits))

    def values(self, hashes: np.ndarray) -> np.ndarray:
        """The bits of this band, moved together: int64."""
        packed = np.zeros(hashes.shape, np.int64)
        for place, bit in enumerate(self.bits):
            packed |= ((hashes >> np.uint64(bit)) & np.uint64(1)).astype(np.int64) << place
        return packed

    def differences(self) -> Iterator[int]:
        """Every set of at most `limit` of its bits."""
        for size in range(self.limit + 1):
            for places in combinations(range(len(self.bits)), size):
                yield sum(1 << place for place in places)


def bands(num: int, radius: int) -> list[_Band]:
    """Bands for this many hashes: about as many values as there are hashes, so that few are alike by chance.

    The bits are dealt in turn, since neighbouring ones (of one frequency, say) tend to agree.
    """
    count = int(np.clip(BITS // np.log2(max(num, 2)), 3, max(radius + 1, 3)))
    left = radius - count + 1
    limits = [left // count + (band < left % count) for band in range(count)]
    return [_Band(tuple(range(band, BITS, count)), limit) for band, limit in enumerate(limits)]


def _distinct_pairs(hashes_U: np.ndarray, radius: int, turn: int) -> Iterator[Pairs]:
    """Pairs of different hashes, as places in `hashes_U`."""
    found_before: list[_Band] = []
    for band in bands(len(hashes_U), radius):
        for first_P, second_P in _alike(band, hashes_U, turn):
            apart_P = hashes_U[first_P] ^ hashes_U[second_P] ^ np.uint64(turn)
            bits_P = np.bitwise_count(apart_P)
            keep = np.flatnonzero(bits_P <= radius)
            for before in found_before:
                keep = keep[np.bitwise_count(apart_P[keep] & before.mask) > before.limit]
            if len(keep):
                yield first_P[keep], second_P[keep], bits_P[keep]
        found_before.append(band)


def _alike(band: _Band, hashes_U: np.ndarray, turn: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Pairs that differ in at most `limit` bits of the band, each once."""
    values_U = band.values(hashes_U)
    order_U = np.argsort(values_U, kind="stable")
    values_U = values_U[order_U]
    starts_S = np.searchsorted(values_U, np.arange((1 << len(band.bits)) + 1)).astype(np.int32)
    turned = int(band.values(np.array([turn], np.uint64))[0])
    for difference in band.differences():
        apart = difference ^ turned
        # Of two values that differ, the one with a 0 in the highest bit asks; of equal ones, each asks for those behind it.
        asking = np.flatnonzero(values_U & (1 << (apart.bit_length() - 1)) == 0) if apart else np.arange(len(values_U))
        others = values_U[asking] ^ apart
        begin = starts_S[others] if apart else asking + 1
        counts = starts_S[others + 1] - begin
        some = np.flatnonzero(counts > 0)
        asking, begin, counts = asking[some], begin[some], counts[some]
        for part in _parts(counts):
            number, place = _expanded(counts[part])
            yield order_U[asking[part][number]], order_U[begin[part][number] + place]


def _parts(counts: np.ndarray) -> Iterator[slice]:
    """Stretches of items that together make at most STRETCH pairs, or of one item."""
    ends = np.cumsum(counts, dtype=np.int64)
    begin = 0
    while begin < len(counts):
        made = int(ends[begin - 1]) if begin else 0
        end = max(int(np.searchsorted(ends, made + STRETCH, side="right")), begin + 1)
        yield slice(begin, end)
        begin = end


def _expanded(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For counts 2, 3: the number of the item (0 0 1 1 1) and the place within it (0 1 0 1 2)."""
    number = np.repeat(np.arange(len(counts)), counts)
    return number, np.arange(len(number)) - np.repeat(np.cumsum(counts) - counts, counts)
