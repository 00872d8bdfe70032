"""How a machine's states are told from its signals: found in a current or power, by limits on a value, or by the rhythm of a part counter.

A way can be kept as JSON and says in a sentence how it works. It needs a stretch of its signal and nothing else, so an answer for a stretch
never depends on another one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput
from nordlotse.iot.core.states.classifying import classify
from nordlotse.iot.core.states.counters import parts_of
from nordlotse.iot.core.states.finding import Readings, readings, rhythm_in, share_of
from nordlotse.iot.core.states.levels import Levels
from nordlotse.iot.core.states.pausing import ANSWERS, Pauses, Rhythm
from nordlotse.iot.core.states.rules import LONGEST_HOLD, Condition, Rule, Signal, by_parts, by_rules, hold_of
from nordlotse.iot.core.states.silence import distance_of, heard
from nordlotse.iot.core.states.values import SECOND, Span, State, cut

Kind = Literal["found", "limits", "counter"]
KINDS: tuple[Kind, ...] = ("found", "limits", "counter")
#: What was found in less than this (µs) is looked for again when there is more.
ENOUGH = 3 * 86_400 * SECOND
#: A state that lasts less is part of the state around it, where limits tell states (µs). Own setting.
SHORTEST = 5 * SECOND
#: In less than this (µs) no states are told: what a machine does in its first minutes looks like all it ever does. Own setting.
LEAST = 5 * 60 * SECOND
#: One level alone is told after so long (µs), and after so many cells of the grid (`finding`); two levels after `LEAST`.
ALONE, CELLS = 3600 * SECOND, 60
#: What is kept of a way and has no say in the states it tells.
BESIDE = frozenset({"seen", "tried", "heard", "rhythm", "pauses"})


@dataclass(frozen=True, slots=True)
class Way:
    """How states are told. `signal`: whose values; `levels` of kind found; `run`, `off` of kind limits; `cycle` µs of kind counter.

    `corrected`: a person set the limits. `seen`: the stretch (µs) in which levels were found. `distance`: how far apart the signal's values
    usually are (µs, 0: not known). `on_change`: the source sends only what changes, so that silence may last as long as any value holds.
    `heard`: for how long (µs) of that stretch values came (0: not known). `rhythm`: pauses within an even cycle that may be standstill, `looked`
    whether they were looked for, `pauses` what somebody said of them. `tried`: the stretch (µs) that was looked at since and told nothing yet.
    """

    kind: Kind
    signal: str
    levels: Levels | None = None
    run: Condition | None = None
    off: Condition | None = None
    cycle: int = 0
    corrected: bool = False
    seen: tuple[int, int] = (0, 0)
    distance: int = 0
    on_change: bool = False
    heard: int = 0
    looked: bool = False
    rhythm: Rhythm | None = None
    pauses: Pauses = ""
    tried: tuple[int, int] = (0, 0)

    @property
    def asks(self) -> bool:
        """Tell whether somebody has to say yet if the machine stands in the pauses of its cycle."""
        return self.rhythm is not None and not self.pauses

    @property
    def looked_at(self) -> tuple[int, int]:
        """Return from when until when (µs) values were looked at, also those that told nothing yet."""
        return (min(self.seen[0], self.tried[0]), max(self.seen[1], self.tried[1])) if self.tried[1] else self.seen

    @property
    def hold(self) -> int:
        """Return how long (µs) a value holds; then nothing is known, for a machine that is silent is not running."""
        usual = self.distance or (self.levels.step if self.levels is not None else 0)
        # a counter may be sent with each part only: its next reading is overdue after the pause that tells a stop
        return LONGEST_HOLD if self.on_change else hold_of(max(usual, self.cycle // 2) if usual else 0)

    @property
    def undecided(self) -> bool:
        """Tell whether there were too few values to tell any state: some minutes, or less than an hour in which only one level showed.

        Where the cycle has pauses that are asked about, several levels showed, though one is left when the cycle is averaged over.
        """
        if self.kind != "found" or self.levels is None or self.corrected:
            return False
        levels = self.levels
        alone = levels.run is None and levels.off is None
        there = self.heard or self.seen[1] - self.seen[0]
        return 0 < there < LEAST or (alone and self.rhythm is None and "too_short" in levels.flags)

    @property
    def needed(self) -> int:
        """Return how long (µs) a stretch of values must be until states are told for certain, even if only one of them shows."""
        step = self.levels.step if self.levels is not None else self.distance
        return max(ALONE, CELLS * step)

    @property
    def reach(self) -> int:
        """Return how far (µs) values before and after a stretch have a say in its states."""
        if self.kind == "counter":
            return 2 * self.cycle + LONGEST_HOLD
        return LONGEST_HOLD + (self.levels.window if self.levels is not None else SHORTEST)

    @property
    def limits(self) -> tuple[Condition | None, Condition | None]:
        """Return the conditions for running and for off, None where there is none."""
        return (self.levels.run, self.levels.off) if self.levels is not None else (self.run, self.off)

    @property
    def method(self) -> Text:
        """Return how the states are told, in a sentence."""
        if self.kind == "counter":
            seconds = f"{self.cycle / SECOND:g}"
            return Text(
                f"Die Maschine läuft, solange Teile kommen: Takt {seconds.replace('.', ',')} s, nach zwei Takten ohne Teil steht sie.",
                f"The machine runs as long as parts come: cycle {seconds} s, after two cycles without a part it stands still.",
            )
        if self.levels is not None:
            if not self.corrected:
                return self.levels.method
            return Text(
                "Die Grenzen hat jemand von Hand gesetzt; gemittelt wird wie vorher.",
                "Somebody set the limits by hand; the averaging is as before.",
            )
        return Text(
            "Feste Grenzen, von Hand gesetzt; was kürzer als fünf Sekunden dauert, zählt nicht.",
            "Fixed limits, set by hand; what lasts less than five seconds does not count.",
        )

    def spans(self, signal: Signal, begin: int, end: int) -> tuple[Span, ...]:
        """Return the states of [begin, end) after values that reach `reach` beyond it on both sides."""
        if self.undecided:
            return (Span(begin, end, State.UNKNOWN),)
        if self.kind == "found" and self.levels is not None:
            return classify(signal, self.levels, begin, end, hold=self.hold)
        if self.kind == "counter":
            return self._by_rhythm(signal, begin, end)
        rules = [
            Rule(state, (c,)) for state, c in ((State.PRODUCING, self.run), (State.OFF, self.off)) if c is not None
        ]
        named = [_named(rule, self.signal) for rule in rules]
        return by_rules({self.signal: signal}, named, begin, end, shortest=SHORTEST, longest_hold=self.hold)

    def _by_rhythm(self, signal: Signal, begin: int, end: int) -> tuple[Span, ...]:
        # where the counter itself is silent nothing is known; one that repeats its reading tells a stop
        parts = parts_of(signal.time, signal.value).time
        spans = by_parts(
            parts[(parts > begin - 2 * self.cycle) & (parts <= end + self.cycle)], max(self.cycle, SECOND), begin, end
        )
        if not len(signal.time):
            return (Span(begin, end, State.UNKNOWN),)
        hold = self.hold
        quiet = np.flatnonzero(np.diff(signal.time) > hold)
        starts = [int(signal.time[0]), *(int(t) for t in signal.time[quiet + 1])]
        stops = [*(int(t) + hold for t in signal.time[quiet]), int(signal.time[-1]) + hold]
        made: list[Span] = []
        reached = begin
        for start, stop in zip(starts, stops, strict=True):
            first, last = min(max(begin, start), end), min(max(begin, stop), end)
            made += [Span(reached, first, State.UNKNOWN), *cut(spans, first, last)]
            reached = last
        return cut((*made, Span(reached, end, State.UNKNOWN)), begin, end)

    def as_dict(self) -> dict[str, Any]:
        """Return the way as plain values for JSON; `read` makes it again."""
        made: dict[str, Any] = {
            "kind": self.kind,
            "signal": self.signal,
            "corrected": self.corrected,
            "seen": list(self.seen),
            "distance": self.distance,
            "on_change": self.on_change,
            "heard": self.heard,
            "pauses": self.pauses,
        }
        if self.tried[1]:
            made["tried"] = list(self.tried)
        if self.looked:
            r = self.rhythm
            made["rhythm"] = None if r is None else [r.run, r.pause, r.share, r.plain_share]
        if self.levels is not None:
            v = self.levels
            made["levels"] = {
                "window": v.window, "cycle": v.cycle, "step": v.step, "high": v.high, "pause": v.pause, "off": _pair(v.off), "run": _pair(v.run),
                "off_level": v.off_level, "idle_level": v.idle_level, "run_level": v.run_level, "flags": list(v.flags),
            }  # fmt: skip
        if self.kind == "limits":
            made |= {"run": _pair(self.run), "off": _pair(self.off)}
        if self.kind == "counter":
            made["cycle"] = self.cycle
        return made


def read(kept: Mapping[str, Any]) -> Way | None:
    """Return the way that `as_dict` gave, None where nothing is kept."""
    if kept.get("kind") not in KINDS:
        return None
    levels = kept.get("levels")
    return Way(
        kept["kind"],
        str(kept.get("signal", "")),
        None if levels is None else _levels(levels),
        _condition(kept.get("run")),
        _condition(kept.get("off")),
        int(kept.get("cycle", 0)),
        bool(kept.get("corrected")),
        (int(kept.get("seen", [0, 0])[0]), int(kept.get("seen", [0, 0])[1])),
        int(kept.get("distance", 0)),
        bool(kept.get("on_change")),
        int(kept.get("heard", 0)),
        "rhythm" in kept,
        _rhythm(kept.get("rhythm")),
        next((one for one in ANSWERS if one == kept.get("pauses")), ""),
        (int(kept.get("tried", [0, 0])[0]), int(kept.get("tried", [0, 0])[1])),
    )


def found_in(name: str, signal: Signal, pauses: Pauses = "") -> Way:
    """Return the way found in a current or power without any configuration; `pauses`: what somebody said of those within its cycle."""
    return _way_of(name, signal, readings(signal), pauses)


def _way_of(name: str, signal: Signal, found: Readings, pauses: Pauses) -> Way:
    seen = (int(signal.time[0]), int(signal.time[-1])) if len(signal.time) else (0, 0)
    levels = found.plain if pauses == "stop" and found.plain is not None else found.levels
    return Way(
        "found", name, levels, seen=seen, distance=distance_of(signal), heard=heard(signal), looked=True,
        rhythm=found.rhythm, pauses=pauses,
    )  # fmt: skip


def looked_in(way: Way, signal: Signal) -> Way:
    """Return a way that was kept before pauses were asked about, with the rhythm in its signal; what it tells stays as it is."""
    rhythm = rhythm_in(signal, way.levels) if way.levels is not None else None
    return replace(way, looked=True, rhythm=rhythm)


def answered(way: Way, signal: Signal, pauses: Pauses) -> Way:
    """Return a way read as somebody said of the pauses within its cycle; limits set by hand and what else was said of it stay.

    Where the signal does not show the rhythm, an answer that is read like the one before is kept with what was found.

    Raises:
        BadInput: `iot_pauses_unseen`: the answer is read differently, and for that the signal must show the rhythm.
    """
    both = readings(signal)
    found = _way_of(way.signal, signal, both, pauses)
    if found.rhythm is None or found.levels is None or both.plain is None:
        if (pauses == "stop") == (way.pauses == "stop"):
            return replace(way, pauses=pauses)
        raise BadInput(
            "iot_pauses_unseen",
            de="In den Messwerten der letzten Tage ist dieser Takt nicht zu sehen; so können wir die Pausen nicht auszählen.",
            en="The values of the last days do not show this cycle; so we cannot count its pauses.",
            where="pauses",
            remedy_de="Antworten Sie, wenn die Maschine wieder in diesem Takt läuft, oder setzen Sie die Grenzen von Hand.",
            remedy_en="Answer when the machine runs in this cycle again, or set the limits by hand.",
        )
    made = replace(found, on_change=way.on_change)
    if way.corrected:
        run, off = way.limits
        made = replace(made, levels=replace(found.levels, run=run, off=off, flags=()), corrected=True)
    if not (way.corrected or way.on_change):
        return made
    # both shares are those that the limits and the silence tell that somebody set
    run, off = made.limits if way.corrected else (None, None)
    levels = [replace(one, run=run, off=off) if way.corrected else one for one in (both.levels, both.plain)]
    share, plain_share = (share_of(signal, one, made.hold) for one in levels)
    return replace(made, rhythm=replace(found.rhythm, share=share, plain_share=plain_share))


def corrected(way: Way, run: float | None, off: float | None) -> Way:
    """Return a way with the limits a person set: running from `run` upwards, off below `off` (None: that state is not told apart).

    A tenth of the distance between the limits, or of the limit where there is one, is taken as hysteresis.

    Raises:
        BadInput: `iot_limits`: the limit of off is not below that of running, or neither is given.
    """
    if (run is None and off is None) or (run is not None and off is not None and off >= run):
        raise BadInput(
            "iot_limits",
            de="„Aus“ muss unter einem kleineren Wert liegen als „läuft“.",
            en="“Off” must lie below a smaller value than “running”.",
            where="off",
            remedy_de="Tragen Sie zum Beispiel ein: aus unter 0,5, läuft ab 4.",
            remedy_en="Enter for example: off below 0.5, running from 4.",
        )
    gap = (run - off) / 10 if run is not None and off is not None else abs(run if run is not None else off or 0.0) / 10
    runs = None if run is None else Condition(way.signal, run, run - gap / 2)
    offs = None if off is None else Condition(way.signal, off, off + gap / 2)
    if way.levels is not None:
        return replace(way, levels=replace(way.levels, run=runs, off=offs, flags=()), corrected=True)
    return replace(way, run=runs, off=offs, corrected=True)


def _named(rule: Rule, signal: str) -> Rule:
    return replace(rule, conditions=tuple(replace(c, signal=signal) for c in rule.conditions))


def _pair(condition: Condition | None) -> list[float] | None:
    return None if condition is None else [condition.enter, condition.leave]


def _condition(pair: Any, signal: str = "") -> Condition | None:
    return None if pair is None else Condition(signal, float(pair[0]), float(pair[1]))


def _rhythm(kept: Any) -> Rhythm | None:
    return None if kept is None else Rhythm(int(kept[0]), int(kept[1]), float(kept[2]), float(kept[3]))


def _levels(kept: Mapping[str, Any]) -> Levels:
    def level(name: str) -> float | None:
        return None if kept.get(name) is None else float(kept[name])

    return Levels(
        int(kept["window"]), int(kept["cycle"]), int(kept["step"]), float(kept["high"]), int(kept["pause"]),
        _condition(kept.get("off")), _condition(kept.get("run")), level("off_level"), level("idle_level"), level("run_level"),
        tuple(kept.get("flags", ())),
    )  # fmt: skip


def told_states(way: Way) -> tuple[tuple[State, Text], ...]:
    """Return from which value on each state counts, in words; empty for a counter."""
    run, off = way.limits
    made: list[tuple[State, Text]] = []
    if run is not None:
        made.append((State.PRODUCING, _said("ab {}", "from {}", run.enter)))
    if run is not None and off is not None:
        low, high = _number(off.enter), _number(run.enter)
        made.append((State.IDLE, Text(f"von {low.de} bis {high.de}", f"from {low.en} to {high.en}")))
    elif run is not None:
        made.append((State.IDLE, _said("unter {}", "below {}", run.enter)))
    elif off is not None:
        made.append((State.PRODUCING, _said("ab {}", "from {}", off.enter)))
    if off is not None:
        made.append((State.OFF, _said("unter {}", "below {}", off.enter)))
    return tuple(made)


def _said(de: str, en: str, value: float) -> Text:
    shown = _number(value)
    return Text(de.format(shown.de), en.format(shown.en))


def _number(value: float) -> Text:
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    english = f"{value:,.{digits}f}"
    english = english.rstrip("0").rstrip(".") if "." in english else english
    return Text(english.translate(str.maketrans(",.", ".,")), english)


def histogram(signal: Signal, count: int = 60) -> tuple[tuple[float, float], ...]:
    """Return how much of the time a signal lay in each of `count` equal ranges: lower end and share; spikes above 99.9 % are left out."""
    sound = signal.value[np.isfinite(signal.value)]
    if not len(sound):
        return ()
    low, high = float(min(sound.min(), 0.0)), float(np.quantile(sound, 0.999))
    counts, edges = np.histogram(sound, bins=count, range=(low, high if high > low else low + 1.0))
    return tuple((float(edge), float(number) / len(sound)) for edge, number in zip(edges, counts, strict=False))
