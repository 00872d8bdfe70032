"""One alarm with everything its page shows: its sentence and numbers, pictures, and the alarms beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nordlotse.foundation.language import Lang, Text
from nordlotse.foundation.problem import Problem
from nordlotse.iot import memory
from nordlotse.iot.core.drawing.bars import Bar, bars
from nordlotse.iot.core.drawing.course import Band, course
from nordlotse.iot.core.drawing.svg import RED, Size
from nordlotse.iot.core.showing import words
from nordlotse.iot.core.stores import micros
from nordlotse.iot.core.values import Series
from nordlotse.iot.models import Alarm, Watch
from nordlotse.iot.queries import together
from nordlotse.iot.queries.alarm_words import ReasonShown, extreme, first_step, reason, sentence, within
from nordlotse.iot.queries.alarms import Listed, beside, list_rows
from nordlotse.iot.queries.live import titled

SECOND = 1_000_000
#: Around an alarm so much of the signal is shown, µs before and after; stretches of the picture.
_BEFORE, _AFTER, _STEPS = 1800 * SECOND, 900 * SECOND, 240
_SIZES: tuple[Size, ...] = ("narrow", "wide")


@dataclass(frozen=True, slots=True)
class Shown:
    """One alarm with everything its page shows. `first`: what to do first, by the alarm that led; `source`: where that comes from.

    `leader`: the sensor that led; `others`: all alarms of the matter; `beside`: those of other sources, the newest of each; `again`: further ones of its own; `moved`: `score` is told by a limit that has moved since.
    """

    listed: Listed
    sentence: str
    reasons: tuple[ReasonShown, ...]
    bars: tuple[str, ...]
    pictures: tuple[str, ...]
    picture_sentence: str
    score: str
    first: str
    source: str
    leader: str
    others: tuple[Listed, ...]
    moved: bool = False

    @property
    def beside(self) -> tuple[Listed, ...]:
        """Return the alarms beside it: of each source the newest, none of its own."""
        return beside(self.listed, self.others)

    @property
    def again(self) -> tuple[Listed, ...]:
        """Return the further alarms of its own source."""
        own = together.source(self.listed.alarm)
        return tuple(one for one in self.others if together.source(one.alarm) == own)

    @property
    def size(self) -> int:
        """Return how many alarms it is with those beside it."""
        return 1 + len(self.others)

    @property
    def learns(self) -> bool:
        """Return whether a word on it moves the watch's limit: it or one beside it is the watch's."""
        return any(one.alarm.kind == "unusual" for one in (self.listed, *self.others))

    @property
    def limits(self) -> bool:
        """Return whether there are limits to tell beside what is usual."""
        return any(one.limit for one in self.reasons)


def shown(one: Alarm, lang: Lang) -> Shown:
    """Return an alarm with everything its page shows; without pictures where the values cannot be read."""
    reasons = tuple(reason(one.machine, each, lang) for each in one.reasons)
    if reasons and within(one):
        reasons = (replace(reasons[0], seen="–"), *reasons[1:])
    pictures, said = _picture(one, lang)
    group = together.beside(one)
    lead = group[0]
    text, source = first_step(lead.kind, str(lead.reasons[0]["sensor"]) if lead.reasons else "", lang)
    listed = {each.alarm.pk: each for each in list_rows(group, lang)}
    own = listed.pop(one.pk)
    others = tuple(listed.values())
    leader = titled(one.machine, str(lead.reasons[0]["sensor"]), lang)[0] if lead.reasons else ""
    score = ""
    limit = _limit(one)
    if one.score is not None:
        score = peak_said(one.score, limit, lang)
    said_whole = f"{sentence(one, lang, reasons)} {extreme(one, lang)}".strip()
    return Shown(
        own, said_whole, reasons, _bars(reasons, lang), pictures, said, score, text, source, leader, others, abs(limit - one.limit) > 0.005
    )  # fmt: skip


def peak_said(score: float, limit: float, lang: Lang) -> str:
    """Return how many times the limit (a factor on what was learnt) a score was, one way on every page: "5,85"."""
    return words.figure(round(score, 3) / limit, lang)


def _limit(one: Alarm) -> float:
    """The factor that holds today where the watch has not learnt anew since, as its own page tells it; else the one that held then."""
    watch = Watch.objects.filter(machine_id=one.machine_id).exclude(learned_at=None).first()
    if watch is None or watch.learned_at is None or one.kind != "unusual" or one.raised_at < watch.learned_at:
        return float(one.limit)
    return float(watch.limit_factor)


def _bars(reasons: Sequence[ReasonShown], lang: Lang) -> tuple[str, ...]:
    if len(reasons) < 2:
        return ()
    rows = [Bar(one.sensor, 0.0, float(one.percent), f"{one.percent} %", "stop") for one in reasons]
    name = Text("Anteil der Messwerte an der Abweichung", "Share of the readings in the deviation").get(lang)
    return bars(rows, name, "narrow"), bars(rows, name, "wide")


def _picture(one: Alarm, lang: Lang) -> tuple[tuple[str, ...], str]:
    """Return the first sensor around the moment, narrow and wide, and the same in a sentence."""
    if not one.reasons:
        return (), ""
    machine, signal = one.machine, str(one.reasons[0]["sensor"])
    begin, end = one.begin - _BEFORE, min(one.begin + _AFTER, max(micros(), one.begin + 60 * SECOND))
    try:
        with memory.looked(machine.hall.store) as reader:
            found = reader.buckets(Series(machine.hall.store, machine.name, signal), begin, end, _STEPS)
    except Problem:
        return (), ""
    if not (found.count > 0).any() or not np.isfinite(found.least).any():
        return (), ""
    name, unit = titled(machine, signal, lang)
    band = [Band(one.begin, min(one.end or end, end), RED, "course__alarm")]
    after = f" {unit}" if unit else ""
    before = found.begin < one.begin
    usual, then = _mean(found.mean[before]), _mean(found.mean[~before])
    said = Text(
        "{name} eine halbe Stunde vor dem Alarm im Mittel {usual}, danach {then}.",
        "{name} half an hour before the alarm: {usual} on average, afterwards {then}.",
    )
    told = said.get(lang).format(
        name=name,
        usual=f"{words.figure(usual, lang)}{after}" if usual is not None else "–",
        then=f"{words.figure(then, lang)}{after}" if then is not None else "–",
    )
    pictures = tuple(course(found, begin, end, name, lang, words.ZONE, bands=band, size=size) for size in _SIZES)
    return pictures, told


def _mean(values: Any) -> float | None:
    there = values[np.isfinite(values)]
    return float(there.mean()) if len(there) else None
