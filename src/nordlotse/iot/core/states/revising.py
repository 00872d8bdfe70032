"""Late data: exactly the shifts they can change are computed again, and a result that changed is marked as revised.

A shift's result depends on the data from `before` µs ahead of its begin to `after` µs past its end (a value holds on, an average looks
around). Because a shift is always computed from that stretch alone, computing some of them again gives the same as computing all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from nordlotse.iot.core.oee.values import Given
from nordlotse.iot.core.states.shifts import Worked


@dataclass(frozen=True, slots=True)
class ShiftResult:
    """What was computed for a shift: when (µs), and how often it changed since (`revision` 0: never)."""

    shift: Worked
    given: Given
    computed: int
    revision: int = 0

    @property
    def revised(self) -> bool:
        """Tell whether late data have changed the result after it was first computed."""
        return self.revision > 0


@dataclass(frozen=True, slots=True)
class Revision:
    """The results by the begin of their shift, which of them were computed, and which of those are new or changed."""

    results: Mapping[int, ShiftResult]
    computed: tuple[int, ...]
    changed: tuple[int, ...]


def revise(
    known: Mapping[int, ShiftResult],
    shifts: Iterable[Worked],
    changes: Sequence[tuple[int, int]],
    compute: Callable[[Worked], Given],
    now: int,
    *,
    before: int,
    after: int,
) -> Revision:
    """Return the results of `shifts` after data of the stretches `changes` (begin, end inclusive, µs) came in or were corrected.

    Computed are the shifts without a result, those whose plan changed, and those that a change can reach; all others stay as they are,
    the same objects. A shift that is no longer in the calendar loses its result.
    """
    results: dict[int, ShiftResult] = {}
    computed: list[int] = []
    changed: list[int] = []
    for shift in shifts:
        old = known.get(shift.begin)
        if old is not None and old.shift == shift and not _reached(shift, changes, before, after):
            results[shift.begin] = old
            continue
        given = compute(shift)
        computed.append(shift.begin)
        if old is None:
            results[shift.begin] = ShiftResult(shift, given, now)
            changed.append(shift.begin)
        elif old.given == given and old.shift == shift:
            results[shift.begin] = old
        else:
            results[shift.begin] = replace(old, shift=shift, given=given, computed=now, revision=old.revision + 1)
            changed.append(shift.begin)
    return Revision(MappingProxyType(results), tuple(computed), tuple(changed))


def _reached(shift: Worked, changes: Sequence[tuple[int, int]], before: int, after: int) -> bool:
    return any(first < shift.end + after and last >= shift.begin - before for first, last in changes)
