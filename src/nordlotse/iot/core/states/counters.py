"""From the readings of a part counter to parts: resets, rollovers and counters that run backwards get a defined result and a flag.

`reset`        the counter begins anew near zero: the new reading counts; what was made between the last reading and the reset is not known
`rollover`     the counter passed its top: the parts over the top are counted
`backwards`    the reading falls without being a reset: nothing is counted until the highest reading so far is passed again
`not_whole`    a reading is no whole number: the whole part counts
`negative`     a reading is below zero: left out
`too_many`     more parts in the time than the shortest cycle allows: counted, and told
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nordlotse.foundation.language import Text
from nordlotse.iot.core.states.rules import Signal
from nordlotse.iot.core.states.values import StateFlag
from nordlotse.iot.core.values import Floats, Times

#: Tops at which counters commonly turn over to 0: displays of 4 to 8 digits, words of 16 and 32 bits, signed and unsigned.
COMMON_TOPS = (9_999, 32_767, 65_535, 99_999, 999_999, 9_999_999, 99_999_999, 2**31 - 1, 2**32 - 1)
_TEXTS = {
    "reset": Text("Der Zähler begann von vorn; Teile davor können fehlen.", "The counter began anew; parts before may be missing."),
    "rollover": Text("Der Zähler lief über; die Teile zählen weiter.", "The counter rolled over; the parts go on counting."),
    "backwards": Text("Der Zähler lief rückwärts; bis zum alten Stand zählt nichts.", "The counter ran backwards; nothing counts up to the old reading."),
    "not_whole": Text("Der Zählerstand ist keine ganze Zahl.", "The reading is no whole number."),
    "negative": Text("Der Zählerstand ist negativ; er zählt nicht.", "The reading is negative; it does not count."),
    "too_many": Text("In der Zeit sind mehr Teile gezählt, als die Maschine schafft.", "More parts were counted than the machine can make in the time."),
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Parts:
    """Parts by the moment they were counted: `time` (n,) µs and `count` (n,), both only where parts came; flags."""

    time: Times
    count: Times
    flags: tuple[StateFlag, ...]

    def between(self, begin: int, end: int) -> int:
        """Return how many parts were counted in (begin, end]: a reading tells what was made up to it."""
        first, last = np.searchsorted(self.time, [begin, end], side="right")
        return int(self.count[first:last].sum())


def parts_of(time: Times, value: Floats, *, top: int | None = None, shortest_cycle: int = 0) -> Parts:
    """Return the parts that readings of a counter (n,) tell; the first reading is the begin and counts nothing.

    `top`: the counter's largest reading if it is known; else a fall from the last tenth below one of `COMMON_TOPS` to the first tenth counts
    as a rollover. `shortest_cycle` µs: one part cannot take less (0: not known).
    """
    order = np.argsort(time, kind="stable")
    moments, readings = np.asarray(time, np.int64)[order], np.asarray(value, np.float64)[order]
    flags: list[StateFlag] = []
    found: list[tuple[int, int]] = []
    before: int | None = None
    before_at = highest = 0
    for at, reading in zip(moments.tolist(), readings.tolist(), strict=True):
        if not np.isfinite(reading) or reading < 0:
            if np.isfinite(reading):
                flags.append(_flag("negative", at, at))
            continue
        now = int(reading)
        if now != reading:
            flags.append(_flag("not_whole", at, at))
        if before is None:
            before, before_at, highest = now, at, now
            continue
        made, code = _made(before, highest, now, top)
        if code:
            flags.append(_flag(code, before_at, at))
        if code in ("reset", "rollover"):
            highest = now
        highest = max(highest, now)
        if made:
            found.append((at, made))
            if shortest_cycle and made * shortest_cycle > at - before_at + shortest_cycle:
                flags.append(_flag("too_many", before_at, at))
        before, before_at = now, at
    pairs = np.array(found, np.int64).reshape(-1, 2)
    return Parts(pairs[:, 0], pairs[:, 1], tuple(flags))


def _made(before: int, highest: int, now: int, top: int | None) -> tuple[int, str]:
    if now >= before:
        return max(0, now - max(highest, before)), ""
    for limit in (top,) if top is not None else COMMON_TOPS:
        if before <= limit and before > limit - max(limit // 10, 1) and now < max(limit // 10, 1):
            return limit + 1 - max(before, min(highest, limit)) + now, "rollover"
    # a reset lands near zero; a correction or an old reading stays near the last one
    if now == 0 or now * 10 < before:
        return now, "reset"
    return 0, "backwards"


def _flag(code: str, begin: int, end: int) -> StateFlag:
    return StateFlag(code, begin, end, _TEXTS[code])


def lost_none(flag: StateFlag, signal: Signal, found: Parts) -> bool:
    """Tell whether a counter that began anew was read so soon before that no part can be missing: nothing is to be told then."""
    place = int(np.searchsorted(signal.time, flag.end))
    if flag.code != "reset" or not 0 < place < len(signal.time):
        return False
    # of a counter that seldom counts, as of scrap, the mean over all readings has to do
    usual = np.median(np.diff(found.time)) if len(found.time) > 2 else np.ptp(signal.time) / (len(found.time) + 1)
    return bool(flag.end - signal.time[place - 1] < usual)


def joined_parts(good: Parts, scrap: Parts | None) -> Parts:
    """Return all parts where good ones and scrap are counted apart."""
    if scrap is None:
        return good
    time, count = np.concatenate([good.time, scrap.time]), np.concatenate([good.count, scrap.count])
    order = np.argsort(time, kind="stable")
    return Parts(time[order], count[order], ())
