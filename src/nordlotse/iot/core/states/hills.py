"""Hills of a distribution and the valleys between them: mode seeking after Parzen (1962), Ann. Math. Stat. 33."""

from __future__ import annotations

import itertools

import numpy as np

from nordlotse.iot.core.values import Floats

#: A hill counts as a level from this share of the time on; a valley parts two hills below this share of the lower one. Own settings.
LEAST_MASS, VALLEY = 0.004, 0.6


def hills(logs: Floats) -> tuple[list[float], list[float]]:
    """Return the hills of the distribution and the valleys between them, ascending, in logarithmic units."""
    low, high = float(np.quantile(logs, 0.0005)) - 0.5, float(np.quantile(logs, 0.9995)) + 0.5
    width = 0.02
    counts, edges = np.histogram(logs, bins=max(8, int((high - low) / width)), range=(low, high))
    centres = (edges[1:] + edges[:-1]) / 2
    reach = np.arange(-12, 13)
    kernel = np.exp(-0.5 * (reach * width / 0.07) ** 2)
    density = np.convolve(counts / counts.sum(), kernel / kernel.sum(), mode="same")
    tops = [0, *(np.flatnonzero((density[1:-1] > density[:-2]) & (density[1:-1] >= density[2:])) + 1)][1:]
    chosen: list[int] = []
    for top in tops:
        chosen.append(int(top))
        while len(chosen) > 1 and not _parted(density, chosen[-2], chosen[-1]):
            weaker = min(chosen[-2:], key=lambda place: density[place])
            chosen.remove(weaker)
    cuts = [_valley(density, a, b) for a, b in itertools.pairwise(chosen)]
    return _massive(chosen, cuts, density, centres)


def _parted(density: Floats, first: int, second: int) -> bool:
    return bool(density[first:second].min() < VALLEY * min(density[first], density[second]))


def _valley(density: Floats, first: int, second: int) -> int:
    """The middle of the lowest part between two hills."""
    between = density[first : second + 1]
    limit = between.min() + 0.02 * min(density[first], density[second])
    return first + int(np.median(np.flatnonzero(between <= limit)))


def _massive(chosen: list[int], cuts: list[int], density: Floats, centres: Floats) -> tuple[list[float], list[float]]:
    """Leave out hills that hold too little of the time; the stronger valley beside them stays."""
    chosen, cuts = list(chosen), list(cuts)
    while len(chosen) > 1:
        bounds = [0, *cuts, len(density)]
        masses = [density[a:b].sum() for a, b in itertools.pairwise(bounds)]
        # what lies above the lowest hill is measured against itself: a machine may be off most of the time
        shares = [masses[0], *(mass / sum(masses[1:]) for mass in masses[1:])]
        least = int(np.argmin(shares))
        if shares[least] >= LEAST_MASS:
            break
        beside = [place for place in (least - 1, least) if 0 <= place < len(cuts)]
        del chosen[least]
        del cuts[max(beside, key=lambda place: density[cuts[place]])]
    return [float(centres[c]) for c in chosen], [float(centres[c]) for c in cuts]
