"""Alarms that belong together: of one machine, at the same time or soon after at the same sensor, and all looked at by somebody or none.

One fault is one matter, however many values tell it, and however often. That nothing comes is a matter of its own: it says nothing of the machine.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db.models import Q

from nordlotse.iot.core.stores import micros
from nordlotse.iot.models import Alarm, Hall, Machine

#: Alarms no further apart than this (µs) count as at the same time: values of one fault break their limits one after the other.
NEAR = 60_000_000
#: An alarm that comes so long (µs) after another about the same sensor has ended is of the same damage: a slow mean tells it a quarter of an hour later.
ECHO = 900_000_000
#: Kinds that tell that no values come.
_SILENCE = ("silent", "missing")
#: An alarm is deleted so many days after its end; the pages and `personal` say a year.
KEEP_DAYS = 365
#: So many alarms of a machine are looked through for those beside one.
_LOOKED = 300


def groups(alarms: Iterable[Alarm]) -> list[tuple[Alarm, ...]]:
    """Return alarms in groups, the newest group first; in a group the one that began first leads."""
    now = micros()
    found: list[list[Alarm]] = []
    last: dict[tuple[int, bool, bool], tuple[list[Alarm], int, set[str]]] = {}
    for one in sorted(alarms, key=lambda alarm: (alarm.begin, alarm.pk)):
        key = (one.machine_id, one.acknowledged_at is None, one.kind in _SILENCE)
        end = max(one.begin, now if one.end is None else one.end)
        about = sensors(one)
        group, reached, known = last.get(key, ([], 0, set()))
        if group and one.begin <= reached + (ECHO if about & known else NEAR):
            group.append(one)
            last[key] = (group, max(reached, end), known | about)
        else:
            last[key] = ([one], end, about)
            found.append(last[key][0])
    return [tuple(group) for group in sorted(found, key=lambda group: (group[-1].begin, group[-1].pk), reverse=True)]


def sensors(alarm: Alarm) -> set[str]:
    """Return the sensors an alarm is about."""
    return {str(one["sensor"]) for one in alarm.reasons if one.get("sensor")}


def source(alarm: Alarm) -> tuple[str, str]:
    """Return what raised an alarm: its rule, else its kind and first sensor. Alarms of one source are one alarm that came several times."""
    if alarm.rule_id is not None:
        return "rule", str(alarm.rule_id)
    return alarm.kind, str(alarm.reasons[0].get("sensor", "")) if alarm.reasons else ""


def standing(machine: Machine, at: int, about: Collection[str], kinds: Collection[str] = ()) -> list[Alarm]:
    """Return the alarms of a machine about one of some sensors that stand at a moment (µs) or ended shortly before, the newest first.

    What somebody called a false alarm stands no more: what comes after it is new. `kinds`: only of these.
    """
    rows = Alarm.objects.filter(Q(end=None) | Q(end__gte=at - ECHO), machine=machine, begin__lte=at)
    rows = rows.exclude(verdict=Alarm.Verdict.FALSE).order_by("-begin", "-pk")
    if kinds:
        rows = rows.filter(kind__in=kinds)
    return [one for one in rows[:_LOOKED] if sensors(one) & set(about)]


def beside(alarm: Alarm) -> tuple[Alarm, ...]:
    """Return the group an alarm is in, itself included; its first leads."""
    rows = Alarm.objects.filter(machine=alarm.machine, acknowledged_at__isnull=alarm.acknowledged_at is None)
    near = list(rows.select_related("rule").order_by("-begin")[:_LOOKED])
    for one in near:
        one.machine = alarm.machine
    found = next((group for group in groups(near) if any(one.pk == alarm.pk for one in group)), (alarm,))
    return tuple(alarm if one.pk == alarm.pk else one for one in found)


def waiting(hall: Hall) -> int:
    """Return how many matters of a hall nobody has looked at yet: groups, not alarms."""
    rows = Alarm.objects.filter(machine__hall=hall, acknowledged_at=None).order_by("-begin")
    return len(groups(rows.only("machine_id", "kind", "begin", "end", "acknowledged_at", "reasons")[: 10 * _LOOKED]))
