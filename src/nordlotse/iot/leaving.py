"""How rows of the room are deleted with what belongs to them elsewhere: values in the store, logins, files, mails and links to confirm."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from nordlotse.iot.core import belongings, logins, orders
from nordlotse.iot.core.orders import Order
from nordlotse.iot.models import Hall, Machine, Outbox, Upload
from nordlotse.office import files, links, mail

#: The room under which files of values lie in the office.
ROOM = "iot"
#: The purpose of links that confirm an address.
CONFIRMING = "iot_mail"
#: The kind of mail whoever gets alarms can end.
ALARMS = "iot_alarm"
#: The entry of `Named` for who let names be kept.
PERSONS = "persons"


def erase_halls(rows: Any) -> object:
    """Delete halls in the caller's transaction; their values and logins go when that is through. Mails about them are emptied."""
    for hall in list(rows):
        mail.forget(ROOM, [hall.pk])
        for one in hall.mail:
            links.withdraw(CONFIRMING, f"{hall.pk}:{one['id']}")
        for key in list(hall.uploads.values_list("pk", flat=True)):
            files.remove_all(ROOM, key)
        transaction.on_commit(partial(_leave, hall.store))
    return rows.delete()


def erase_named(rows: Any) -> int:
    """Take persons out of the halls that name them, in the caller's transaction: addresses get no more alarms, a name is forgotten."""
    for one in list(rows.select_related("hall")):
        hall = Hall.objects.select_for_update().get(pk=one.hall_id)
        if one.entry == PERSONS:
            hall.persons_by = ""
        else:
            hall.mail = [entry for entry in hall.mail if entry["id"] != one.entry]
            Outbox.objects.filter(hall=hall, receiver=one.entry).delete()
            links.withdraw(CONFIRMING, f"{hall.pk}:{one.entry}")
        hall.save(update_fields=["mail", "persons_by"])
    count: int = rows.delete()[0]
    return count


def erase_machines(rows: Any) -> object:
    """Delete machines and files brought for them in the caller's transaction; their values, logins, rules and periods go when that is through."""
    for hall, store, name in list(rows.values_list("hall", "hall__store", "name")):
        erase_uploads(Upload.objects.filter(hall=hall, machine=name))
        transaction.on_commit(partial(_drop, store, name))
    return rows.delete()


def erase_uploads(rows: Any) -> object:
    """Delete files of values in the caller's transaction; what was taken in of them stays."""
    for key in list(rows.values_list("pk", flat=True)):
        files.remove_all(ROOM, key)
    return rows.delete()


def follow(store: str, machine: str = "") -> bool:
    """Ask once more for values to go if their hall or machine was deleted while more of them were under way; return whether it was.

    Whoever hands values in looks here afterwards: what comes behind the first order would stay for ever.
    """
    if not Hall.objects.filter(store=store).exists():
        _leave(store)
        return True
    if machine and not Machine.objects.filter(hall__store=store, name=machine).exists():
        _drop(store, machine)
        return True
    return False


def _folder() -> Path:
    return Path(settings.CONFIGURATION.data_dir) / "iot"


def _leave(store: str) -> None:
    """Take a hall's logins away, then ask for its values to go: the other way round its machines would go on sending."""
    try:
        logins.remove_all(_folder(), store)
    finally:
        orders.ask(_folder(), Order("leave", store))


def _drop(store: str, name: str) -> None:
    """Take a machine's logins and rules away, then ask for its values to go: the other way round more would come."""
    for one in logins.listed(_folder(), store):
        if one.machine == name:
            logins.remove(_folder(), one.user)
    topics: tuple[str, ...] = ()
    try:
        topics = belongings.forget(_folder(), store, name)
    finally:
        orders.ask(_folder(), Order("drop", store, name, topics=topics))
