"""Which recent days were calm: a proposal for the good period, so that nobody has to know when nothing was wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nordlotse.iot.core.values import Buckets

#: Hours of a stretch compared, how many of them are proposed, and how much of the fullest a stretch must hold.
HOURS, PROPOSED, LEAST_SHARE = 24, 4, 0.5


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time, µs, how unrestful it was (0 calm), how many values it holds, whether barred hours lie between it and the one before."""

    begin: int
    end: int
    unrest: float
    values: int
    barred_before: bool = False


def stretches(
    hours: Mapping[str, Buckets], length: int = HOURS, barred: npt.NDArray[np.bool_] | None = None
) -> list[Stretch]:
    """Return the stretches of `length` hours (by UTC) with how unrestful each was; none holds one of the hours `barred` (shape: hours).

    Unrest: for each signal the distance of each hour's extremes from the middle hour's, in spreads over all hours (median absolute
    deviation), the 90 % quantile of the stretch; the mean over the signals.
    """
    if not hours:
        return []
    begin = next(iter(hours.values())).begin
    count = np.sum([one.count for one in hours.values()], axis=0)
    away = []
    for one in hours.values():
        for column in (one.least, one.most):
            middle = np.nanmedian(column) if np.isfinite(column).any() else 0.0
            off = np.abs(column - middle)
            spread = np.nanmedian(off) if np.isfinite(off).any() else 0.0
            away.append(off / max(float(spread), 1e-9 + 0.05 * abs(float(middle))))
    told = np.array(away)
    known = np.isfinite(told).sum(axis=0)
    unrest = np.divide(np.nansum(told, axis=0), known, out=np.full(len(begin), np.nan), where=known > 0)
    found: list[Stretch] = []
    back = 0  # where the last stretch found ended
    for place, beyond in _pieces(len(begin), length, barred):
        piece = slice(place, beyond)
        there = unrest[piece][np.isfinite(unrest[piece])]
        last = int(begin[beyond - 1]) + 3_600_000_000
        if len(there):
            apart = barred is not None and bool(barred[back:place].any())
            calm = float(np.quantile(there, 0.9))
            found.append(Stretch(int(begin[place]), last, calm, int(np.sum(count[piece])), apart))
            back = beyond
    return found


def free(barred: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the runs of hours not barred: first place, place after the last."""
    edges = np.flatnonzero(np.diff(np.concatenate(([True], barred, [True])).astype(np.int8)))
    return [(int(first), int(beyond)) for first, beyond in edges.reshape(-1, 2)]


def _pieces(count: int, length: int, barred: npt.NDArray[np.bool_] | None) -> Iterator[tuple[int, int]]:
    for first, beyond in [(0, count)] if barred is None else free(barred):
        for place in range(first, beyond, length):
            yield place, min(place + length, beyond)


def _runs(found: Sequence[Stretch], full: Sequence[bool]) -> Iterator[list[tuple[Stretch, bool]]]:
    """What follows from each stretch on without a barred hour between, with whether each holds enough."""
    for first in range(len(found)):
        run = [(found[first], full[first])]
        for one, enough in zip(found[first + 1 :], full[first + 1 :], strict=True):
            if one.barred_before:
                break
            run.append((one, enough))
        yield run


def calmest(found: Sequence[Stretch], most: int = PROPOSED) -> tuple[int, int] | None:
    """Return the calmest run of at most `most` stretches that hold enough values; of equal ones the latest. None for none."""
    if not found:
        return None
    fullest = max(one.values for one in found)
    full = [one.values >= LEAST_SHARE * fullest for one in found]
    runs = list(_runs(found, full))
    wanted = min(most, max(sum(enough for _, enough in run) for run in runs))
    best: tuple[float, int, int] | None = None
    for run in runs:
        taken, there = [], 0
        for one, enough in run:
            taken.append((one, enough))
            there += enough
            if there == wanted:
                break
        if there < wanted or not run[0][1]:
            continue
        unrest = max(one.unrest for one, enough in taken if enough)
        if best is None or unrest <= best[0] * 1.1:
            best = (min(unrest, best[0]) if best else unrest, taken[0][0].begin, taken[-1][0].end)
    return best[1:] if best else None
