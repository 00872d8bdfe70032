"""A machine watched live: its values become rows on a grid, rows while it works are judged. A restart goes on from what was kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nordlotse.foundation.problem import BadInput
from nordlotse.iot.core.anomaly.aligning import Grid, counts, grid_of, is_number, spread_over
from nordlotse.iot.core.anomaly.kept import as_plain, from_plain
from nordlotse.iot.core.anomaly.learning import Model, learn
from nordlotse.iot.core.anomaly.running import RECENT_SHARE, AtWork, find, learnt
from nordlotse.iot.core.anomaly.settings import LIVE, Settings
from nordlotse.iot.core.anomaly.values import LeftOut, Verdict
from nordlotse.iot.core.anomaly.watching import Watch
from nordlotse.iot.core.values import Rows

#: Most rows learnt from, and how many in a row: spread over the whole period, so that each product and each warming up has its part.
MOST_ROWS, PIECE = 80_000, 600
#: Fewest rows at work learnt from: ten minutes at one row a second.
LEAST_ROWS = 600
#: A signal that changes in fewer rows than this share is a counter, a state or a setting, nothing to watch like this.
RARELY = 0.005
#: The detector waits for a signal that lags behind the newest for at most so long, µs: values come in batches.
PATIENCE = 30_000_000


@dataclass(frozen=True, slots=True)
class Learnt:
    """What was learnt of a machine: how its rows are made, when it works (None: always), its model, how many rows were learnt from."""

    grid: Grid
    at_work: AtWork | None
    model: Model
    rows: int
    left_out: tuple[LeftOut, ...]

    @property
    def quiet(self) -> float:
        """Return after how many seconds without an alarm row an alarm has ended."""
        return self.model.settings.quiet_rows * self.grid.step / 1e6

    def as_plain(self) -> dict[str, Any]:
        """Return it as plain values for JSON."""
        return {
            "grid": self.grid.as_plain(),
            "at_work": self.at_work.as_plain() if self.at_work else None,
            "model": as_plain(self.model),
            "rows": self.rows,
            "left_out": [asdict(one) for one in self.left_out],
        }

    @classmethod
    def from_plain(cls, kept: Mapping[str, Any]) -> Learnt:
        """Return what `as_plain` kept.

        Raises:
            BadInput: `anomaly_model`.
        """
        model = from_plain(kept.get("model", {}))
        at_work = AtWork.from_plain(kept["at_work"]) if kept.get("at_work") else None
        left = tuple(LeftOut(**one) for one in kept.get("left_out", ()))
        return cls(Grid.from_plain(kept["grid"]), at_work, model, int(kept.get("rows", 0)), left)


def learn_machine(
    values: Mapping[str, Rows],
    stretches: Sequence[tuple[int, int]],
    candidates: Sequence[str] = (),
    settings: Settings | None = None,
) -> Learnt:
    """Learn from `values` of good stretches (begin, end) µs; `candidates`: signals that may tell when it works, the best first.

    Raises:
        BadInput: `anomaly_too_few_rows`, `anomaly_nothing_to_watch`.
    """
    left = [LeftOut(name, "text") for name, rows in values.items() if not is_number(rows)]
    numbers = {name: rows for name, rows in values.items() if is_number(rows) and len(rows) > 1}
    left += [LeftOut(name, "missing_in_training") for name in values if name not in numbers and is_number(values[name])]
    grid = grid_of(numbers)
    if not numbers:
        raise nothing(left)
    cells = _cells(grid, numbers, stretches)
    moves = (np.abs(np.diff(cells, axis=0)) > 0).mean(axis=0) if len(cells) > 1 else np.zeros(cells.shape[1])
    wanted = [name for name, share in zip(grid.signals, moves, strict=True) if share >= RARELY]
    left += [LeftOut(name, "rarely_changes") for name in grid.signals if name not in wanted]
    counters = [name for name in wanted if counts(numbers[name].value)]
    wanted = [name for name in wanted if name not in counters]
    left += [LeftOut(name, "counter") for name in counters]
    found = find([name for name in candidates if name in wanted], numbers, grid.step)
    at_work = learnt(found, cells[:, grid.signals.index(found[0])]) if found else None
    keep = at_work.mask(cells[:, grid.signals.index(at_work.signal)]) if at_work is not None else _known(cells)
    if not wanted:
        raise nothing(left)
    if int(keep.sum()) < LEAST_ROWS:
        raise too_few(int(keep.sum()) * grid.step / 60e6, LEAST_ROWS * grid.step / 60e6)
    places = [grid.signals.index(name) for name in wanted]
    chosen = np.concatenate([np.arange(one.start, one.stop) for one in spread_over(keep, MOST_ROWS, PIECE)])
    model = learn(cells[chosen][:, places], wanted, settings or settings_for(grid.step))
    model = replace(model, step_seconds=grid.step / 1e6)
    kept = Grid(tuple(wanted), grid.step, tuple(grid.holds[place] for place in places))
    return Learnt(kept, at_work, model, len(chosen), (*left, *model.left_out))


def settings_for(step: int) -> Settings:
    """Return the settings for rows of `step` µs: those for one second; with longer rows shorter spans, for a fault must be told within minutes."""
    seconds = step / 1e6
    if seconds <= 2:
        return LIVE
    return replace(
        LIVE,
        ewma_span=3,
        pca_window=6,
        joint_span=6,
        drift_span=max(60, round(LIVE.drift_span / seconds)),
        quiet_rows=6,
        least_still=12,
    )


def _cells(grid: Grid, values: Mapping[str, Rows], stretches: Sequence[tuple[int, int]]) -> NDArray[np.float64]:
    """Return the rows of all stretches; an empty row between two of them keeps them apart."""
    found = []
    for begin, end in stretches:
        first, last = -(-begin // grid.step), end // grid.step
        if last > first:
            found += [grid.rows(values, first, last - first), np.full((1, len(grid.signals)), np.nan)]
    return np.concatenate(found) if found else np.empty((0, len(grid.signals)))


def _known(rows: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which rows hold a value at all."""
    known: NDArray[np.bool_] = np.asarray(np.isfinite(rows).any(axis=1), dtype=np.bool_)
    return known


@dataclass(frozen=True, slots=True)
class Judged:
    """A row judged: its begin µs, and the verdict."""

    time: int
    verdict: Verdict


class LiveWatch:
    """Judges a machine's values as they come. `next` is the number of the row it has to judge next."""

    def __init__(self, learned: Learnt, begin: int, kept: Mapping[str, Any] | None = None) -> None:
        """Go on from what `kept` returned, or begin cold with the row in which `begin` (µs) lies."""
        self.learned = learned
        self._watch = Watch(learned.model)
        self.next = begin // learned.grid.step
        self._recent: list[bool] = []
        self._worked = self.next - 10**9
        if kept:
            try:
                self._take(kept)
            except (KeyError, TypeError, ValueError):  # of an older version: it warms up again within a minute
                self.__init__(learned, begin)  # type: ignore[misc]

    def _take(self, kept: Mapping[str, Any]) -> None:
        self._watch.take(kept["watch"])
        self.next, self._worked = int(kept["next"]), int(kept["worked"])
        self._recent = [bool(one) for one in kept["recent"]]

    def kept(self) -> dict[str, Any]:
        """Return where it stands as plain values."""
        return {
            "watch": self._watch.kept(),
            "next": self.next,
            "worked": self._worked,
            "recent": [int(one) for one in self._recent],
        }

    def move_limit(self, factor: float) -> None:
        """Let another factor on the limits hold from the next row on."""
        self._watch.move_limit(factor)

    @property
    def lasting(self) -> frozenset[tuple[str, str]]:
        """Return which notices on sensors have not ended: kind and sensor."""
        return self._watch.lasting

    @property
    def begin(self) -> int:
        """Return from which time on values are needed for the next row, µs."""
        return self.next * self.learned.grid.step - self.learned.grid.reach

    def horizon(self, newest: Mapping[str, int]) -> int:
        """Return up to which row (not included) values are complete; `newest`: the last time of each signal, µs.

        A signal that lags behind the newest of all is waited for, but no longer than `PATIENCE`.
        """
        if not newest:
            return self.next
        latest = max(newest.values())
        behind = [time for time in newest.values() if latest - time <= PATIENCE]
        return max(self.next, min(behind) // self.learned.grid.step)

    def step(self, values: Mapping[str, Rows], until: int, most: int = 5000) -> list[Judged]:
        """Judge rows before row `until`, at most `most`; `values` reach back to `begin`."""
        grid, at_work = self.learned.grid, self.learned.at_work
        count = min(until - self.next, most)
        if count <= 0:
            return []
        ahead = min(until - self.next, count + (at_work.hold if at_work else 0))
        rows = grid.rows(values, self.next, ahead)
        if at_work is None:
            done, judged = count, _known(rows[:count])
        else:
            done, judged = self._at_work(at_work, rows[:, grid.signals.index(at_work.signal)], count)
        first = self.next
        self.next += done
        return [
            Judged((first + place) * grid.step, self._watch.step(rows[place], (first + place) * grid.step / 1e6))
            for place in np.flatnonzero(judged[:done]).tolist()
        ]

    def _at_work(self, at_work: AtWork, cells: NDArray[np.float64], count: int) -> tuple[int, NDArray[np.bool_]]:
        """Return how many cells can be told already, and which of them count; a pause waits until it has ended or is too long."""
        above = at_work.above(cells)
        judged = np.zeros(count, dtype=np.bool_)
        following = np.minimum.accumulate(np.where(above, np.arange(len(above)), 10**9)[::-1])[::-1]
        for place in range(count):
            here = self.next + place
            if above[place]:
                self._worked, within = here, True
            else:
                within = self.next + int(following[place]) - self._worked <= at_work.hold + 1
                open_ = here - self._worked <= at_work.hold
                if not within and open_ and self._worked + at_work.hold >= self.next + len(above):
                    return place, judged
            self._recent = [*self._recent[1 - at_work.recent :], bool(above[place])]
            judged[place] = within and sum(self._recent) / at_work.recent >= RECENT_SHARE * at_work.duty
        return count, judged


def too_few(there: float, least: float) -> BadInput:
    """Return the error of too little work to learn from, minutes."""
    return BadInput(
        "anomaly_too_few_rows",
        de=f"In diesem Zeitraum hat die Maschine nur {there:.0f} Minuten gearbeitet; nötig sind mindestens {least:.0f}.",
        en=f"In this period the machine worked only {there:.0f} minutes; at least {least:.0f} are needed.",
        where="period",
        remedy_de="Wählen Sie einen längeren Zeitraum, am besten mehrere Arbeitstage.",
        remedy_en="Choose a longer period, best several working days.",
    )


def nothing(left_out: Sequence[LeftOut]) -> BadInput:
    """Return the error of no signal that can be watched."""
    return BadInput(
        "anomaly_nothing_to_watch",
        de="Kein Signal lässt sich überwachen: In diesem Zeitraum ändert sich kein Messwert.",
        en="No signal can be watched: no reading changes in this period.",
        where=", ".join(one.column[:40] for one in left_out[:8]),
        remedy_de="Wählen Sie einen Zeitraum, in dem die Maschine gearbeitet hat.",
        remedy_en="Choose a period in which the machine worked.",
    )
