from __future__ import annotations

import numpy as np
import pytest

from photobench.audit import near
from photobench.audit.hashes import LEFT_RIGHT
from photobench.audit.near import bands, near_pairs


def by_comparing_all(hashes_N: np.ndarray, radius: int, turn: int) -> set[tuple[int, int, int]]:
    bits_NN = np.bitwise_count(hashes_N[:, None] ^ hashes_N[None] ^ np.uint64(turn))
    first, second = np.nonzero(np.triu(bits_NN <= radius, 1))
    return {(int(a), int(b), int(bits_NN[a, b])) for a, b in zip(first, second, strict=True)}


def found(hashes_N: np.ndarray, radius: int, turn: int = 0) -> list[tuple[int, int, int]]:
    return [
        (int(a), int(b), int(c)) for part in near_pairs(hashes_N, radius, turn) for a, b, c in zip(*part, strict=True)
    ]


def planted(turn: int, num: int = 400) -> np.ndarray:
    """Random hashes, of which many differ from another one in 0 to 12 bits, turned or not."""
    rng = np.random.default_rng(0)
    hashes_N = rng.integers(0, 2**64, num, dtype=np.uint64)
    for number in range(num // 2):
        one, other = rng.integers(0, num, 2)
        bits = rng.choice(64, rng.integers(0, 13), replace=False)
        flipped = np.uint64(sum(1 << int(bit) for bit in bits) ^ (turn if number % 2 else 0))
        hashes_N[one] = hashes_N[other] ^ flipped
    return hashes_N


@pytest.mark.parametrize("turn", [0, LEFT_RIGHT, 1])
@pytest.mark.parametrize("radius", [0, 1, 2, 5, 8, 11])
def test_it_finds_what_comparing_all_finds_each_pair_once(radius: int, turn: int, monkeypatch) -> None:
    monkeypatch.setattr(near, "STRETCH", 50)
    hashes_N = planted(turn)
    pairs = found(hashes_N, radius, turn)
    assert len(pairs) == len(set(pairs))
    assert set(pairs) == by_comparing_all(hashes_N, radius, turn)


def test_every_bit_is_in_one_band_and_the_limits_leave_no_gap() -> None:
    for num in (2, 100, 5_000, 10**6):
        for radius in range(12):
            made = bands(num, radius)
            assert sorted(bit for band in made for bit in band.bits) == list(range(64))
            assert sum(band.limit for band in made) == radius - len(made) + 1


def test_thousands_of_identical_photos_are_no_millions_of_pairs() -> None:
    hashes_N = np.repeat(np.array([5, 7], np.uint64), 5_000)
    pairs = found(hashes_N, 2)
    assert len(pairs) == 4_999 + 4_999 + 1
    assert (0, 5_000, 1) in pairs


def test_of_no_hashes_there_are_no_pairs() -> None:
    assert found(np.zeros(0, np.uint64), 8) == []
    with pytest.raises(ValueError, match="radius"):
        found(np.zeros(2, np.uint64), 64)
