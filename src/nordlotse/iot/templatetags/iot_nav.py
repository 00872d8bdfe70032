"""The ways within a hall: the same on every page of the room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from nordlotse.iot.models import Hall, Machine
from nordlotse.iot.queries.alarms import waiting
from nordlotse.iot.views.page import came_from

#: Pages that are about own machines only.
_OWN = ("mapping", "logins")

register = template.Library()


@dataclass(frozen=True, slots=True)
class Way:
    """One item of the navigation: its word, its address, whether the page shown is it."""

    word: str
    target: str
    here: bool


@dataclass(frozen=True, slots=True)
class Ways:
    """What stands in the navigation: the hall's machines to choose from (where there are several), the pages, and those under "more" in groups.

    `within_more`: the word of the page shown if it is one of those, else "".
    """

    machines: tuple[Way, ...]
    pages: tuple[Way, ...]
    more: tuple[tuple[str, tuple[Way, ...]], ...]
    within_more: str


@register.simple_tag(takes_context=True)
def iot_ways(context: Mapping[str, Any], hall: Hall, machine: Machine | None = None, here: str = "") -> Ways:
    """Return the ways from a page of a hall; pages of one machine lead to `machine`, on a page of the hall to the one somebody came from, else its first."""
    all_machines = list(hall.machines.order_by("pk"))
    came = machine or _came_from(context, all_machines)
    chosen = came or (all_machines[0] if all_machines else None)
    one = [chosen.pk] if chosen else None
    back = f"?m={came.pk}" if came is not None else ""
    new = waiting(hall)
    pages: tuple[tuple[str, str, str, list[int] | None], ...] = (
        ("now", _("Jetzt"), "iot_machine" if came else "iot_hall", [came.pk] if came else []),
        ("history", _("Zeitverlauf"), "iot_history", one),
        ("oee", _("Auslastung"), "iot_oee", one),
        ("alarms", f"{_('Alarme')} ({new})" if new else _("Alarme"), "iot_alarms", []),
        ("energy", _("Energie"), "iot_energy", one),
        ("report", _("Bericht"), "iot_report", []),
    )
    more = (
        (
            _("Anschließen"),
            (
                ("connect", _("Maschine verbinden"), "iot_connect"),
                ("upload", _("Datei einlesen"), "iot_upload"),
                ("names", _("Namen und Einheiten"), "iot_names"),
                ("mapping", _("Nachrichten zuordnen"), "iot_mapping"),
                ("logins", _("Zugänge der Geräte"), "iot_logins"),
            ),
        ),
        (
            _("Einstellen"),
            (
                ("shifts", _("Schichtplan"), "iot_shifts"),
                ("tell", _("Wer Alarme bekommt"), "iot_tell"),
                ("retention", _("Wie lange Werte bleiben"), "iot_retention"),
            ),
        ),
        (
            _("Diese Halle"),
            (
                ("keep", _("Behalten"), "iot_keep"),
                ("share", _("Teilen"), "iot_share"),
                ("export", _("Daten mitnehmen"), "iot_export"),
                ("delete", _("Löschen"), "iot_delete"),
            ),
        ),
    )
    machines = _machines(hall, machine, all_machines)
    found = [_way(hall, key, word, name, rest, here, back) for key, word, name, rest in pages if rest is not None]
    # nothing of one's own is sent to an example hall, so it has no logins and nothing to map
    hidden = _OWN if hall.is_example else ()
    further = [
        (
            title,
            tuple(
                way
                for key, word, name in ones
                if key not in hidden and (way := _way(hall, key, word, name, [], here, back))
            ),
        )
        for title, ones in more
    ]
    shown = tuple((title, ways) for title, ways in further if ways)
    within = next((way.word for _title, ways in shown for way in ways if way.here), "")
    return Ways(machines, tuple(way for way in found if way), shown, within)


def _came_from(context: Mapping[str, Any], machines: Sequence[Machine]) -> Machine | None:
    """Return the machine an address of a hall's page names, as the ways from a machine's page do."""
    request = context.get("request")
    return came_from(request, machines) if request is not None else None


@register.simple_tag
def iot_way(hall: Hall, name: str, *rest: int) -> str:
    """Return the address of a page of a hall, "" where this installation does not have it."""
    try:
        return address(name, hall.pk, *rest)
    except NoReverseMatch:
        return ""


def _machines(hall: Hall, machine: Machine | None, all_machines: list[Machine]) -> tuple[Way, ...]:
    return tuple(
        Way(
            one.title or one.name, address("iot_machine", hall.pk, one.pk), machine is not None and one.pk == machine.pk
        )
        for one in all_machines
    )


def _way(hall: Hall, key: str, word: str, name: str, rest: list[int], here: str, back: str = "") -> Way | None:
    """Return a way; `back` names the machine somebody comes from to a page that is of no machine."""
    try:
        return Way(word, address(name, hall.pk, *rest) + ("" if rest else back), key == here)
    except NoReverseMatch:  # a page that this installation does not have
        return None


def address(name: str, *args: object) -> str:
    """Return the address of a page in the page's language."""
    return reverse(f"{'en' if (get_language() or 'de').startswith('en') else 'de'}:{name}", args=args)
