"""Rules meet new values in the worker's lane: where a rule stands is kept in one transaction with what it raises.

Between two notes of where it stands, at most half a minute, a restart steps through the same values again and comes to the same end.
"""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from nordlotse.iot.actions import rules
from nordlotse.iot.core.alarms import (
    MEASURED,
    Event,
    Opening,
    Reading,
    Rule,
    Standing,
    Tick,
    advance,
    pace_of,
    rule_from_plain,
    same,
    standing_as_plain,
    standing_from_plain,
)
from nordlotse.iot.core.states.rules import LONGEST_HOLD
from nordlotse.iot.core.store.reader import Reader
from nordlotse.iot.core.values import Rows, Series
from nordlotse.iot.models import Alarm, Hall
from nordlotse.iot.models import Rule as KeptRule
from nordlotse.iot.queries import together
from nordlotse.iot.queries.rules import hours_of, sends_changes

_log = logging.getLogger("nordlotse.iot")

SECOND = 1_000_000
#: Values further ahead of our clock are not judged: one stray value from the year 2099 must not end the watching, µs.
AHEAD = 600 * SECOND
#: Where a rule or a watch stands is kept at least so often, s.
KEEP_SECONDS = 30.0
#: Read at once at most, µs, where much is to be made up.
PORTION = 6 * 3600 * SECOND
#: A new rule looks at so much of the past, µs.
_FIRST = 10 * SECOND
#: Values a rule meets in one turn at most.
_AT_ONCE = 20_000
#: An alarm of a rule that comes back within so long is the same one going on, µs: a value that flutters about its limit is one alarm. Each further
#: one of the last hour makes it four times as long; it is half the time the alarm has lasted at least, `together.ECHO` at most.
_SAME, _LATELY = 30 * SECOND, 3600 * SECOND
#: So many alarms nobody has looked at a rule raises in an hour; what comes then belongs to the last one.
_MOST_OPEN = 6
#: How often a signal speaks is told from so much (µs) before its newest value, and told anew after so long (s); so many values are enough for it.
_HEARD, _PACE_SECONDS, _ENOUGH = 6 * 3600 * SECOND, 60.0, 6
#: Where it speaks often, so much (µs) with so many values tells it as well: of the rest nothing is read.
_NEAR, _MANY = 600 * SECOND, 200


@dataclass(slots=True)
class _HeldRule:
    """A rule in memory: what it was made from and its version then, where it stands, what of that is in the database and since when."""

    made: str
    version: int
    rule: Rule
    standing: Standing
    kept: Standing
    kept_at: float
    paced_at: float | None = None
    paced_to: int = 0


class Ruling:
    """The rules of all halls as they are held in memory, by their number."""

    def __init__(self) -> None:
        """Begin without knowing any."""
        self._held: dict[int, _HeldRule] = {}

    def forget(self, there: set[int]) -> None:
        """Hold only rules that are still there."""
        for pk in [pk for pk in self._held if pk not in there]:
            del self._held[pk]

    def anew(self, machine: int) -> None:
        """Begin a machine's rules from what was kept: memory may have gone ahead of it."""
        for pk in [pk for pk, held in self._held.items() if held.made.startswith(f"{machine}:")]:
            self._held.pop(pk, None)

    def keep(self) -> None:
        """Keep where every rule stands."""
        for pk, held in self._held.items():
            with transaction.atomic():
                _keep_rule(pk, held, held.standing)

    def judge(self, kept: KeptRule, reader: Reader, now: int) -> int:
        """Let a rule meet what is new at `now` (µs); return how many alarms it raised."""
        held = self._held_of(kept)
        series = Series(kept.machine.hall.store, kept.machine.name, kept.signal)
        read = held.standing.read
        begin = now - _FIRST if read is None else round(read * 1e6) + 1
        if held.rule.kind == "silent":
            # by arrival: a machine whose clock is wrong is not silent
            begin = now - PORTION if read is None else max(round(read * 1e6), now - PORTION)
        end = min(now + AHEAD, begin + PORTION) if held.rule.kind != "silent" else now + AHEAD
        rows = reader.rows(series, begin, end) if reader.reached(series) >= begin else None
        if rows is not None and len(rows) > _AT_ONCE and held.rule.kind != "silent":
            rows = rows.taken(slice(0, _AT_ONCE))
            end = min(int(rows.time[-1]), now - 1)  # time has not passed yet: the rest comes with the next turn
        raised = 0
        value: Any = None
        for event in _events(held, rows, now, end):
            if isinstance(event, Reading):
                value = event.value
            before = held.standing
            _pace(kept, held, reader, series, end)
            standing, effects = advance(held.rule, before, event)
            if effects:
                with transaction.atomic():
                    if not _keep_rule(kept.pk, held, standing):
                        self._held.pop(kept.pk, None)  # changed meanwhile: it begins anew with the next turn
                        return raised
                    for effect in effects:
                        seen = value
                        if effect.what == "raised" and standing.since is not None and held.rule.kind in MEASURED:
                            seen = _first(reader, series, standing.since, value)
                        if effect.what == "cleared":
                            _cleared(kept, held.rule, before, effect.time, event.time)
                        elif effect.what == "raised":
                            raised += _raised(kept, held.rule, standing, event.time, seen)
                held.kept, held.kept_at = standing, time.monotonic()
            held.standing = standing
        if not same(held.kept, held.standing) or time.monotonic() - held.kept_at > KEEP_SECONDS:
            with transaction.atomic():
                if not _keep_rule(kept.pk, held, held.standing):
                    self._held.pop(kept.pk, None)
                    return raised
            held.kept, held.kept_at = held.standing, time.monotonic()
        return raised

    def _held_of(self, kept: KeptRule) -> _HeldRule:
        hall: Hall = kept.machine.hall
        made = f"{_made(kept)}:{json.dumps(hall.shifts) if kept.rule.get('hours') else ''}"
        held = self._held.get(kept.pk)
        # another version: somebody changed the rule or switched it
        if held is None or held.made != made or held.version != rules.version(kept):
            standing = standing_from_plain(kept.standing)
            hours: Opening = hours_of(hall)
            limits = rule_from_plain(kept.rule, hours)
            held = _HeldRule(made, rules.version(kept), limits, standing, standing, time.monotonic())
            self._held[kept.pk] = held
        return held


def _pace(kept: KeptRule, held: _HeldRule, reader: Reader, series: Series, end: int) -> None:
    """Learn, where that was not done just now, how long a value counts, from those before `end` (µs): it matters only once a condition holds."""
    read = round((held.standing.read or 0.0) * 1e6)
    # where much is made up, hours of values pass in a moment
    known = held.paced_at is not None and time.monotonic() - held.paced_at < _PACE_SECONDS and read < held.paced_to
    if known or not held.standing.held or held.rule.kind not in MEASURED:
        return
    for heard in (_NEAR, _HEARD):
        times = reader.rows(series, read - heard, min(max(read, end), read + heard) + 1).time
        if len(times) >= _MANY:
            break
    held.rule = replace(held.rule, pace=pace_of(times, sends_changes(kept.machine)))
    held.paced_at, held.paced_to = (time.monotonic() if len(times) >= _ENOUGH else None), read + _HEARD


def _made(kept: KeptRule) -> str:
    """Return what a rule is made from, as text; it begins with the machine's number."""
    return f"{kept.machine_id}:{kept.signal}:{json.dumps(kept.rule)}"


def _keep_rule(pk: int, held: _HeldRule, standing: Standing) -> bool:
    """Keep where a rule stands, in the caller's transaction; False, and nothing is kept, if somebody changed, switched or deleted it since.

    The row is locked until the caller's transaction ends, so that no change comes between this and what the rule raises.
    """
    kept = KeptRule.objects.select_for_update().filter(pk=pk, on=True).first()
    if kept is None or rules.version(kept) != held.version or not held.made.startswith(f"{_made(kept)}:"):
        return False
    began = rules.began(kept)
    noted = {rules.VERSION: held.version} | ({rules.BEGAN: began} if began is not None else {})
    kept.standing = standing_as_plain(standing) | noted
    kept.save(update_fields=["standing"])
    return True


def _events(held: _HeldRule, rows: Rows | None, now: int, end: int) -> list[Event]:
    """Return what a rule has to be told: the new values by their times (a silent rule: by arrival), then that time has passed."""
    found: list[Event] = []
    if rows is not None and len(rows):
        if held.rule.kind == "silent":
            newest = int(rows.arrived.max())
            if held.standing.read is None or newest / 1e6 > held.standing.read:
                found.append(Reading(min(newest, now) / 1e6, 0.0))
        else:
            found += [Reading(at / 1e6, value) for at, value in zip(rows.time.tolist(), rows.shown(), strict=True)]
    if end >= now:  # while much is made up, time has not passed yet
        found.append(Tick(now / 1e6))
    return found


def _first(reader: Reader, series: Series, since: float, value: Any) -> Any:
    """Return the value with which a condition began at `since` (s): a limit with hysteresis is still broken by one within it."""
    at = round(since * 1e6)
    rows = reader.rows(series, at, at + 1)
    return rows.shown()[0] if len(rows) else value


def _cleared(kept: KeptRule, rule: Rule, before: Standing, end: float, at: float) -> None:
    """End a rule's alarm at `end` (s), in the caller's transaction; `at`: what ended it.

    What came back in order after a time without values ended nobody knows when: the alarm ends where it was seen last. `advance` tells that of a
    rule on a number; a state holds longer.
    """
    if rule.kind == "state" and before.read is not None and (at - before.read) * 1e6 > LONGEST_HOLD:
        end = before.read
    for one in Alarm.objects.select_for_update().filter(rule=kept, end=None):
        Alarm.objects.filter(pk=one.pk).update(end=max(one.begin, round(end * 1e6)))


def _raised(kept: KeptRule, rule: Rule, standing: Standing, at: float, value: Any) -> int:
    """Raise an alarm or go on with the last one, in the caller's transaction; return 1 for one raised.

    An alarm begins no earlier than its rule; that the condition held before is kept with it.
    """
    since = round((standing.since if standing.since is not None else at) * 1e6)
    last = Alarm.objects.filter(rule=kept).order_by("-begin", "-pk").first()
    bound = rule.high if rule.kind == "above" else rule.low if rule.kind == "below" else None
    if last is not None and _goes_on(last, kept.signal, rule.kind, bound, since):
        Alarm.objects.filter(pk=last.pk).update(end=None)
        return 0
    # a text from a machine; PostgreSQL keeps no NUL
    seen = value.replace("\0", " ") if isinstance(value, str) else value
    reason: dict[str, Any] = {"sensor": kept.signal, "share": 1.0, "seen": seen, "usual": bound}
    if rule.kind == "outside":
        reason |= {"low": rule.low, "high": rule.high}
    began = rules.began(kept)
    if began is not None and since < began:
        reason["already"] = True
    begin = since if began is None else max(since, began)
    Alarm.objects.create(
        machine=kept.machine, rule=kept, kind=rule.kind, begin=begin, reasons=[reason], raised_at=timezone.now()
    )
    _log.info("event=iot_alarm kind=%s id=%s", rule.kind, kept.machine_id)
    return 1


def _goes_on(last: Alarm, signal: str, kind: str, bound: float | None, since: float) -> bool:
    """Return whether what a rule on a signal finds from `since` (µs) on is its last alarm going on; not where the rule was another one then."""
    reason = last.reasons[0] if last.reasons else {}
    if (
        last.end is None
        or since < last.end
        or (last.kind, reason.get("sensor"), reason.get("usual")) != (kind, signal, bound)
    ):
        return False
    if last.verdict == Alarm.Verdict.FALSE:
        return since - last.end < _SAME
    lately = Alarm.objects.filter(rule=last.rule_id, begin__gt=since - _LATELY)
    if last.acknowledged_at is None and lately.filter(acknowledged_at=None).count() >= _MOST_OPEN:
        return True
    # whoever looks after the last one has not seen this one: how long it has to be calm is told by how often it came, looked at or not
    calm = max(_SAME * int(4 ** max(0, lately.count() - 1)), (last.end - last.begin) // 2)
    return since - last.end < min(calm, together.ECHO)
