"""Reasons of stops, planned stops, and whether a person may be named with them."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from nordlotse.foundation.problem import BadInput, NotAllowed
from nordlotse.iot.core.measures import reason_name
from nordlotse.iot.core.states.reasons import shipped_reasons
from nordlotse.iot.core.states.values import SECOND, State
from nordlotse.iot.core.values import EARLIEST, LATEST
from nordlotse.iot.leaving import PERSONS
from nordlotse.iot.models import Hall, Machine, Named, Stop, new_key
from nordlotse.iot.queries import states
from nordlotse.iot.queries.stops import word_on
from nordlotse.office import log

#: A stop is no longer than this (µs); what goes on is closed then.
LONGEST = 14 * 86_400 * SECOND
#: A machine that produces for less (µs) has not begun to run again.
_AGAIN = 20 * SECOND
#: Entries of a machine; more come from no person.
_MOST = 5_000


@transaction.atomic
def explain(
    machine: Machine,
    begin: int,
    end: int,
    reason: str,
    *,
    note: str = "",
    person: str = "",
    had: str | None = None,
    actor: Any = None,
) -> Stop:
    """Keep the reason of a stop (µs; `end` 0: it goes on); a word on the same begin takes the place of an earlier one.

    `person` is kept only where the hall allows it. `had`: the reason the stop had when somebody saw it ("" none; None: not asked); a word
    from a page that has grown old takes the place of no other, and the same word again changes nothing.

    Raises:
        BadInput: `iot_reason`, `iot_stretch`; `iot_said_already`: somebody gave another reason since.
    """
    if not EARLIEST <= begin <= LATEST or (end and not 0 < end - begin <= LONGEST):
        raise BadInput(
            "iot_stretch",
            de="Diesen Zeitraum gibt es nicht: Das Ende muss nach dem Beginn liegen, höchstens 14 Tage später.",
            en="There is no such stretch: the end must lie after the begin, at most 14 days later.",
            where="end",
        )
    chosen, words = shipped_reasons().get(reason), _plain(reason, 60)
    if chosen is None and (not words or words.startswith("<")):
        raise _no_reason()
    Machine.objects.select_for_update().get(pk=machine.pk)  # two taps at once are one entry
    before = word_on(machine, begin) if had is not None else None
    if before is not None and before.reason != had:
        if before.reason == (reason if chosen else words):
            return before
        raise _said_already(before.reason)
    if not machine.stops.filter(begin=begin).exists() and machine.stops.count() >= _MOST:
        oldest = machine.stops.order_by("begin").first()
        if oldest is not None:
            oldest.delete()
    state = chosen.state if chosen is not None else State.IDLE
    # read anew and locked: while this page lay open, somebody may have taken names back
    hall = Hall.objects.select_for_update().get(pk=machine.hall_id) if person else None
    named = _plain(person, 80) if hall is not None and hall.persons else ""
    values = {
        "end": end,
        "reason": reason if chosen else words,
        "state": state.value,
        "note": _plain(note, 200),
        "person": named,
    }
    made, _ = Stop.objects.update_or_create(
        machine=machine, begin=begin, defaults={**values, "said_at": timezone.now()}
    )
    log.record("stop_explained", "iot_machine", machine.pk, actor)
    return made


@transaction.atomic
def take_back(machine: Machine, begin: int, actor: Any = None) -> None:
    """Take the reason of a stop away again."""
    machine.stops.filter(begin=begin).delete()
    log.record("stop_unexplained", "iot_machine", machine.pk, actor)


@transaction.atomic
def renew_sheet(machine: Machine, actor: Any = None) -> str:
    """Give the sheet at a machine a new link and return it; the old one leads nowhere from now on."""
    machine.stop_key = new_key()
    machine.save(update_fields=["stop_key"])
    log.record("sheet_renewed", "iot_machine", machine.pk, actor)
    return machine.stop_key


@transaction.atomic
def plan(machine: Machine, begin: int, end: int, reason: str, actor: Any = None) -> Stop:
    """Keep a planned stop that does not count as lost: maintenance, a meeting, a break.

    Raises:
        BadInput: `iot_reason`: the reason is none of a planned stop; `iot_stretch`.
    """
    found = shipped_reasons().get(reason)
    if found is None or found.state is not State.PLANNED_STOP:
        raise _no_reason()
    return explain(machine, begin, end, reason, actor=actor)


def close(machine: Machine, now: int) -> int:
    """Set the end of stops that went on, where the machine has begun to run again; return how many."""
    count = 0
    for stop in machine.stops.filter(end=0):
        spans = states.told(machine, stop.begin, min(now, stop.begin + LONGEST))
        again = next((s.begin for s in spans if s.state is State.PRODUCING and s.length >= _AGAIN), 0)
        if again <= stop.begin:
            again = stop.begin + LONGEST if now - stop.begin >= LONGEST else stop.begin + 1 if again else 0
        if again:
            count += Stop.objects.filter(pk=stop.pk, end=0).update(end=again)
    return count


@transaction.atomic
def allow_persons(hall: Hall, *, sure: bool, user: Any) -> None:
    """Let entries name a person from now on: only in a company's hall, by one of its members, who confirmed the notice.

    Raises:
        NotAllowed: `iot_persons_sandbox`: a trial hall belongs to nobody who could answer for it.
        BadInput: `iot_persons_unsure`.
    """
    if not hall.company or not getattr(user, "is_authenticated", False):
        raise NotAllowed(
            "iot_persons_sandbox",
            de="In einer Probehalle werden keine Namen gespeichert.",
            en="No names are kept in a trial hall.",
            where="persons",
            remedy_de="Behalten Sie die Halle zuerst für Ihren Betrieb.",
            remedy_en="Keep the hall for your company first.",
        )
    if not sure:
        raise BadInput(
            "iot_persons_unsure",
            de="Bitte bestätigen Sie, dass der Hinweis gelesen und die Mitbestimmung geklärt ist.",
            en="Please confirm that the notice was read and co-determination is settled.",
            where="sure",
        )
    hall.persons, hall.persons_at = True, timezone.now()
    hall.persons_by = (user.get_full_name() or user.get_username())[:120]
    hall.save(update_fields=["persons", "persons_at", "persons_by"])
    Named.objects.update_or_create(hall=hall, entry=PERSONS, defaults={"user": user})
    log.record("persons_allowed", "hall", hall.pk[:6], user)


@transaction.atomic
def forbid_persons(hall: Hall, user: Any) -> int:
    """Keep no names from now on, and delete those there are; return how many entries had one. Own words and notes stay."""
    Hall.objects.select_for_update().get(pk=hall.pk)  # whoever keeps a name just now does so before this
    count = Stop.objects.filter(machine__hall=hall).exclude(person="").update(person="")
    hall.persons, hall.persons_at, hall.persons_by = False, None, ""
    hall.save(update_fields=["persons", "persons_at", "persons_by"])
    Named.objects.filter(hall=hall, entry=PERSONS).delete()
    log.record("persons_forbidden", "hall", hall.pk[:6], user)
    return count


def _plain(typed: str, most: int) -> str:
    """Return what was typed in one line of so many letters; no database takes a NUL."""
    return " ".join(typed.replace("\0", " ").split())[:most]


def _said_already(reason: str) -> BadInput:
    name = reason_name(reason)
    return BadInput(
        "iot_said_already",
        de=f"Zu diesem Stillstand ist schon „{name.de}“ gemerkt. Das bleibt so; zum Ändern wählen Sie „ändern“.",
        en=f"“{name.en}” is already kept for this stop. It stays; choose “change” to change it.",
        where="reason",
    )


def _no_reason() -> BadInput:
    return BadInput(
        "iot_reason",
        de="Bitte wählen Sie einen Grund.",
        en="Please choose a reason.",
        where="reason",
    )
