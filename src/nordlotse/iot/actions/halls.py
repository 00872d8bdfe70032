"""Writes of a hall itself: making one, its machines and what their signals are called, laying it to a company, sharing, deleting."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from nordlotse.foundation.language import Lang, Text
from nordlotse.foundation.problem import BadInput, NotAllowed, NotAvailable
from nordlotse.iot import announcements, elsewhere, memory
from nordlotse.iot.actions.turnstile import turnstile
from nordlotse.iot.core import logins
from nordlotse.iot.core.values import check_name
from nordlotse.iot.leaving import erase_halls, erase_machines
from nordlotse.iot.models import Hall, Machine, Simulation, new_key
from nordlotse.iot.queries import halls as queries
from nordlotse.iot.queries.limits import SIMULATION_DAYS, check_halls, check_machines, check_simulations, is_full
from nordlotse.office import log

_log = logging.getLogger("nordlotse.iot")

#: For so many days a shared link may be made.
DAYS = (1, 7, 30)
#: What a signal is good for; "" nothing in particular.
ROLES = ("", "current", "power", "energy", "parts", "good", "scrap", "state")
#: What the hall for own machines beside an example is called.
_OWN = Text("Meine Maschinen", "My machines")
#: Signals of a machine that can be named.
MOST_SIGNALS = 500


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was deleted: the name, machines, values, files."""

    name: str
    machines: int
    values: int
    files: int = 0


def company_of(user: Any) -> tuple[str, str] | None:
    """Return the company (id, name) of a signed-in person, None for visitors."""
    known = user is not None and user.is_authenticated
    return elsewhere.house().company_of(user) if known else None


def create(
    *, user: Any, lang: Lang, address: str = "", name: str = "", is_example: bool = False, key: str = ""
) -> Hall:
    """Make a hall: the company's of a member, else a sandbox for a day. `key`: the link it gets, a new one where "".

    Raises:
        TooMany: `iot_halls`, `iot_halls_all`, `iot_halls_company`.
    """
    company = company_of(user)
    if company is None:
        turnstile.check(address)
    else:
        check_halls(company[0])
    with transaction.atomic():
        hall = Hall.objects.create(key=key or new_key(), name=name[:80], lang=lang, is_example=is_example)
        if company is not None:
            hall.company, hall.expires_at = company[0], None
            hall.save(update_fields=["company", "expires_at"])
        log.record("created", "hall", hall.pk[:6], user)
    if company is None:
        turnstile.entered(address, hall.pk)
    _log.info("event=iot_hall_made id=%s", hall.pk[:6])
    return hall


def beside(hall: Hall, *, user: Any, lang: Lang, address: str = "") -> tuple[Hall, bool]:
    """Return the hall for somebody's own machines, and whether it was made just now: the hall itself, beside an example one of its own.

    Simulated and own values in one hall would share a calendar and be added up.

    Raises:
        TooMany: as `create`.
    """
    if not hall.is_example:
        return hall, False
    found = queries.beside(hall, user)
    if found is not None:
        return found, False
    key = queries.key_beside(hall)
    over = Hall.objects.filter(pk=key).exists()  # its day ended, or it belongs to a company this person is not of
    made = create(user=user, lang=lang, address=address, name=_OWN.get(lang), key="" if over else key)
    return made, True


@transaction.atomic
def add_machine(hall: Hall, name: str, **fields: Any) -> Machine:
    """Add a machine, or return the one that has the name already.

    Raises:
        BadInput: `iot_name`.
        TooMany: `iot_machines`.
    """
    name = check_name(name.strip(), "machine")
    Hall.objects.select_for_update().get(pk=hall.pk)
    found = hall.machines.filter(name=name).first()
    if found is not None:
        return found
    check_machines(hall)
    made = Machine.objects.create(hall=hall, name=name, **fields)
    if hall.company:
        announcements.shown.send(sender=Hall, key=hall.pk)
    return made


@transaction.atomic
def name_signals(hall: Hall, told: Mapping[str, Mapping[str, Mapping[str, str]]], user: Any = None) -> list[Machine]:
    """Keep what signals are called, measured in and good for, by machine and signal; machines that are new are added.

    Raises:
        BadInput: `iot_name`, `iot_signal`.
        TooMany: `iot_machines`.
    """
    made = []
    for name, signals in told.items():
        machine = add_machine(hall, name)
        machine = Machine.objects.select_for_update().get(pk=machine.pk)
        kept = dict(machine.signals)
        for signal, given in signals.items():
            check_name(signal, "signal")
            if given.get("role", "") not in ROLES:
                raise _signal(signal)
            kept[signal] = {
                **kept.get(signal, {}),
                "title": given.get("title", "").strip()[:80],
                "unit": given.get("unit", "").strip()[:20],
                "role": given.get("role", ""),
            }
        if len(kept) > MOST_SIGNALS:
            raise _signal(name)
        machine.signals = kept
        machine.save(update_fields=["signals"])
        made.append(machine)
    log.record("named", "hall", hall.pk[:6], user)
    return made


@transaction.atomic
def keep(hall: Hall, user: Any, end: Collection[str] = ()) -> Hall:
    """Lay a sandbox to the company of a member: nothing expires, only members get in, a shared link ends. The key stays the same.

    What others may hold ends with it: links on sheets at machines, and of its logins those in `end`. Simulated machines run on for so many days.

    Raises:
        NotAllowed: `iot_no_company`, `iot_kept`.
        NotFound: `iot_no_hall`: its day ended meanwhile.
        TooMany: `iot_halls_company`, `iot_simulations_company`.
    """
    company = company_of(user)
    if company is None:
        raise NotAllowed(
            "iot_no_company",
            de="Behalten kann die Halle, wer zu einem Betrieb gehört.",
            en="Who belongs to a company can keep the hall.",
            where="company",
            remedy_de="Melden Sie sich an und legen Sie Ihren Betrieb an; die Halle wartet bis zu ihrem Ende.",
            remedy_en="Sign in and set up your company; the hall waits until its end.",
        )
    row = Hall.objects.select_for_update().filter(pk=hall.pk).first()
    if row is None or (row.expires_at is not None and row.expires_at <= timezone.now()):
        raise queries.unknown()
    running = Simulation.objects.filter(machine__hall=row, stopped=False)
    if not row.company:
        check_halls(company[0])
        check_simulations(company[0], running.count())
    if row.company and row.company != company[0]:
        raise NotAllowed(
            "iot_kept",
            de="Diese Halle gehört schon einem Betrieb.",
            en="This hall belongs to a company already.",
            where="hall",
        )
    if not row.company:
        running.update(until=timezone.now() + timedelta(days=SIMULATION_DAYS))
        for machine in row.machines.all():
            machine.stop_key = new_key()
            machine.save(update_fields=["stop_key"])
        transaction.on_commit(partial(_end, row.store, frozenset(end)))
    row.company, row.expires_at, row.share, row.share_until = company[0], None, None, None
    row.save(update_fields=["company", "expires_at", "share", "share_until"])
    if row.machines.exists():
        announcements.shown.send(sender=Hall, key=row.pk)
    log.record("kept", "hall", row.pk[:6], user)
    return row


def _end(store: str, users: Collection[str]) -> None:
    with suppress(NotAvailable):  # where the logins cannot be read they stay bounded
        logins.lift(memory.folder(), store)
    for one in logins.listed(memory.folder(), store) if users else ():
        if one.user in users:
            logins.remove(memory.folder(), one.user)


@transaction.atomic
def share(hall: Hall, days: int, user: Any = None) -> str:
    """Make a link that only shows the hall for so many days, in place of an older one; return its key.

    Raises:
        BadInput: `iot_share_days`.
    """
    if days not in DAYS:
        raise BadInput(
            "iot_share_days",
            de="So lange lässt sich ein Link nicht teilen.",
            en="A link cannot be shared for so long.",
            where="days",
            remedy_de="Wählen Sie 1, 7 oder 30 Tage.",
            remedy_en="Choose 1, 7 or 30 days.",
        )
    row = Hall.objects.select_for_update().get(pk=hall.pk)
    until = timezone.now() + timedelta(days=days)
    row.share, row.share_until = new_key(), min(until, row.expires_at) if row.expires_at else until
    row.save(update_fields=["share", "share_until"])
    log.record("shared", "hall", row.pk[:6], user)
    return str(row.share)


@transaction.atomic
def end_share(hall: Hall, user: Any = None) -> None:
    """End the shared link at once."""
    Hall.objects.filter(pk=hall.pk).update(share=None, share_until=None)
    log.record("share_ended", "hall", hall.pk[:6], user)


def delete_machine(machine: Machine, user: Any = None) -> Receipt:
    """Delete a machine with its values, logins, files, mapping, rules and alarms; the values go within seconds, or when the intake next runs."""
    values = queries.count_values(machine.hall, machine.name)
    files = machine.hall.uploads.filter(machine=machine.name).count()
    receipt = Receipt(machine.title or machine.name, 1, values, files)
    with transaction.atomic():
        erase_machines(Machine.objects.filter(pk=machine.pk))
        log.record("deleted", "machine", machine.hall.pk[:6], user)
    return receipt


def delete(hall: Hall, user: Any = None) -> Receipt:
    """Delete a hall with everything: machines, values, logins, files; the values go within seconds, or when the intake next runs."""
    held = hall.uploads.count()
    receipt = Receipt(hall.name, hall.machines.count(), queries.count_values(hall), held)
    with transaction.atomic():
        erase_halls(Hall.objects.filter(pk=hall.pk))
        log.record("deleted", "hall", hall.pk[:6], user)
    memory.shelf.forget(hall.store)
    return receipt


def forget_expired() -> int:
    """Delete sandboxes past their day with everything; return how many."""
    over = Hall.objects.filter(expires_at__lte=timezone.now(), company="")
    past = list(over.values_list("pk", flat=True)[:1_000])
    for key in past:
        with transaction.atomic():  # looked at again under a lock: somebody may have kept it just now
            if mine := over.select_for_update().filter(pk=key).first():
                erase_halls(Hall.objects.filter(pk=mine.pk))
    Hall.objects.filter(share_until__lte=timezone.now()).update(share=None, share_until=None)
    if past:
        _log.info("event=iot_halls_expired number=%s", len(past))
    return len(past)


def shut_full() -> int:
    """Take the logins of full sandboxes away, so that nothing more comes; the pages say so. Return how many were shut."""
    shut = 0
    for hall in Hall.objects.filter(company="", expires_at__gt=timezone.now()).iterator():
        if is_full(hall) and logins.remove_all(memory.folder(), hall.store):
            shut += 1
            _log.info("event=iot_hall_full id=%s", hall.pk[:6])
    return shut


def _signal(where: str) -> BadInput:
    return BadInput(
        "iot_signal",
        de="Diese Angabe zu einem Signal passt nicht.",
        en="This does not fit a signal.",
        where=where[:80],
        remedy_de="Bitte eine der angebotenen Bedeutungen wählen.",
        remedy_en="Choose one of the meanings offered.",
    )
