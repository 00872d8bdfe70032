"""Chance that depends on a moment and a key alone, so that a value is the same however it is asked for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nordlotse.iot.core.values import Floats, Times

_Bits = NDArray[np.uint64]
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def bits(places: Times, key: int) -> _Bits:
    """Return 64 random bits for each place (n,): the finaliser of SplitMix64 (Steele, Lea, Flood 2014)."""
    mixed: _Bits = (places.astype(np.uint64) + np.uint64(key % 2**63)) * _GOLDEN
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def uniform(places: Times, key: int) -> Floats:
    """Return a number from 0 up to 1 for each place."""
    made: Floats = (bits(places, key) >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return made


def normal(places: Times, key: int) -> Floats:
    """Return about normal numbers, mean 0, deviation 1: the sum of four 16-bit numbers, so never beyond ±3.5."""
    quarters = bits(places, key).view(np.uint16).reshape(-1, 4)
    made: Floats = (quarters.sum(axis=1, dtype=np.int64) - 131_070.0) * (np.sqrt(3.0) / 65_536.0)
    return made


def drift(times: Times, period: int, key: int) -> Floats:
    """Return a smooth wandering about 0 (deviation about 0.75) that is new after `period` µs."""
    knot = times // period
    part = (times - knot * period) / period
    part = part * part * (3.0 - 2.0 * part)
    made: Floats = normal(knot, key) * (1.0 - part) + normal(knot + 1, key) * part
    return made
