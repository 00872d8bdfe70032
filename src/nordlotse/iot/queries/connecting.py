"""How a machine is connected to a hall: where the listener is reached, the texts to paste, what has come so far."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings

from nordlotse.foundation.language import Lang, Text
from nordlotse.iot import memory
from nordlotse.iot.core import contacts
from nordlotse.iot.core import logins as core
from nordlotse.iot.core.contacts import Contact
from nordlotse.iot.core.heard import heard
from nordlotse.iot.core.listening import address, loopback
from nordlotse.iot.core.naming import Proposal, proposal
from nordlotse.iot.core.showing.words import age, clock
from nordlotse.iot.core.snippets import Connection, Snippet, snippet
from nordlotse.iot.core.ways import Way
from nordlotse.iot.models import Hall
from nordlotse.iot.queries import halls
from nordlotse.iot.queries.halls import Newest

#: Where a login is not made yet, the texts hold these words.
NO_USER, NO_PASSWORD = "ZUGANG", "PASSWORT"
#: At so many signals the page of names ends; the rest keep the names they came with.
MOST_NAMED = 60


@dataclass(frozen=True, slots=True)
class Listener:
    """Where MQTT is taken in. `state`: "on", "off", "taken", "ended"; `far`: other machines reach it."""

    state: str
    host: str
    port: int
    tls: bool
    far: bool

    @property
    def usable(self) -> bool:
        """Tell whether a machine in the company's network can send over MQTT."""
        return self.state == "on" and self.far


@dataclass(frozen=True, slots=True)
class Seen:
    """A signal that has come, with what it probably is; `known`: somebody has confirmed it."""

    newest: Newest
    proposal: Proposal
    known: bool


def listener() -> Listener:
    """Return where machines reach the listener, as the ingest told it last."""
    told = heard(memory.folder())
    wish = address(settings.CONFIGURATION.iot_mqtt)
    host, port = wish or ("", 0)
    far = bool(host) and not loopback(host)
    shown = settings.CONFIGURATION.host if far else host
    return Listener(told.state, shown, port, settings.CONFIGURATION.iot_tls is not None, far)


@dataclass(frozen=True, slots=True)
class LoginShown:
    """A login of a hall with what its page says: when it was made, was heard of last, was refused last (why, from where, how often), in words."""

    user: str
    machine: str
    made: datetime
    heard: str
    refused: str


_WHY = {
    contacts.PASSWORD: Text("falsches Passwort", "wrong password"),
    contacts.OFTEN: Text("zu oft ein falsches Passwort", "a wrong password too often"),
    contacts.RIGHTS: Text("darf nicht für „{}“ senden", "may not send for “{}”"),
}


def logins(hall: Hall, lang: Lang) -> list[LoginShown]:
    """Return the logins of a hall, the oldest first, with their last contacts as those who let them in have written them.

    Raises:
        NotAvailable: `iot_logins_unreadable`.
    """
    folder, now = memory.folder(), time.time()
    known = contacts.contacts(folder)
    found = []
    for one in core.listed(folder, hall.store):
        told = known.get(one.user, Contact())
        heard = age(max(now - told.heard, 0.0), round(told.heard * 1e6), lang) if told.heard else ""
        made = datetime.fromtimestamp(one.created, UTC)
        found.append(LoginShown(one.user, one.machine, made, heard, _refused(told, lang)))
    return found


def _refused(told: Contact, lang: Lang) -> str:
    """Return when, why, from where and how often a login was refused, "" where it never was."""
    if not told.refused:
        return ""
    german = lang == "de"
    why = _WHY.get(told.why, Text(told.why, told.why)).get(lang).replace("{}", told.machine)
    words = [
        f"{clock(round(told.refused * 1e6), lang)}: {why}",
        (f"aus {told.network}" if german else f"from {told.network}") if told.network else "",
    ]
    if told.count > 1:
        since = clock(round(told.since * 1e6), lang, seconds=False)
        words.append(f"{told.count}-mal seit {since}" if german else f"{told.count} times since {since}")
    return ", ".join(word for word in words if word)


def connection(
    machine: str, user: str = "", password: str = "", signal: str = "Strom", lang: Lang = "de"
) -> Connection:
    """Return what the texts need; without a login they hold a placeholder."""
    where = listener()
    url = str(settings.CONFIGURATION.public_url)
    return Connection(
        where.host or settings.CONFIGURATION.host,
        where.port or 1883,
        where.tls,
        url,
        user or NO_USER,
        password or NO_PASSWORD,
        machine,
        signal,
        lang,
    )


def by_agent(way: Way) -> bool:
    """Tell whether the agent is what brings a way's values."""
    return any(kind.startswith("agent_") for kind in way.kinds)


def site() -> str:
    """Return the address of this installation's pages, without a slash at the end."""
    return str(settings.CONFIGURATION.public_url).rstrip("/")


def snippets(way: Way, given: Connection) -> list[Snippet]:
    """Return the texts of a way: those over MQTT first where the listener is reached, else HTTP before them."""
    made = [snippet(kind, given) for kind in way.kinds]
    if by_agent(way):
        made.append(snippet("agent_password", given))
    if not any(one.over == "http" for one in made):
        made.append(snippet("http", given))
    if listener().usable:
        return made
    return sorted(made, key=lambda one: one.over == "mqtt")


def seen(hall: Hall, lang: str) -> list[Seen]:
    """Return the signals that have come, those nobody has named first.

    Raises:
        NotAvailable: `iot_damaged`.
    """
    confirmed: Mapping[str, Mapping[str, Mapping[str, str]]] = {one.name: one.signals for one in hall.machines.all()}
    found = []
    for newest in halls.newest(hall):
        kept = confirmed.get(newest.machine, {}).get(newest.signal)
        made = proposal(newest.signal, lang)
        if kept is not None:
            made = Proposal(kept.get("title") or made.title, kept.get("unit", ""), kept.get("role", ""))
        found.append(Seen(newest, made, kept is not None))
    return sorted(found, key=lambda one: one.known)[:MOST_NAMED]


def first(found: Sequence[Seen]) -> Seen | None:
    """Return the signal whose value came last."""
    return min(found, key=lambda one: one.newest.age, default=None)
