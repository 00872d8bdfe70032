"""Places and the waiting list: who gets a place, who waits where, who moves up.

The rule: a place goes to whoever asks first; who comes later waits in the order of coming; a place that becomes free goes
to whoever has waited longest; nobody overtakes, and nobody gets a place while somebody waits.
"""

from __future__ import annotations

from collections.abc import Sequence


def free_places(quota: int | None, confirmed: int) -> int | None:
    """Return how many places are free; None where everybody is welcome. Never negative: a quota may be cut later."""
    return None if quota is None else max(0, quota - confirmed)


def gets_place(quota: int | None, confirmed: int, waiting: int) -> bool:
    """Tell whether somebody who comes now gets a place at once."""
    free = free_places(quota, confirmed)
    return free is None or (free > 0 and waiting == 0)


def moving_up(quota: int | None, confirmed: int, waiting: Sequence[int]) -> list[int]:
    """Return the turns that move up now, longest wait first; `waiting` holds the turns of those who wait, in any order."""
    free = free_places(quota, confirmed)
    ordered = sorted(waiting)
    return ordered if free is None else ordered[:free]


def position(turn: int, waiting: Sequence[int]) -> int:
    """Return somebody's place in the queue, 1 being next."""
    return 1 + sum(1 for other in waiting if other < turn)
