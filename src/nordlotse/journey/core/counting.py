"""Counting: companies once, contacts separately, services, participants, minutes, by everything they are reported by.

Pure: rows in, tallies out. A tally of a month can be written as canonical JSON, frozen, read again, and put together with those of
other months without counting anybody twice. Whoever is counted has a number without meaning (`company`, `contact`), no name.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nordlotse.foundation.language import Text
from nordlotse.foundation.sectors import section_of
from nordlotse.journey.core.kinds import attended

__all__ = [
    "ATTENDANCE",
    "BY",
    "KPIS",
    "MEASURES",
    "OF_PARTY",
    "Cell",
    "Measure",
    "Report",
    "Row",
    "Tally",
    "canonical",
    "count",
    "report",
    "union",
]


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure that is reported. `edih`: what the KPI reporting of the European Digital Innovation Hubs calls it, "" if it has none."""

    key: str
    name: Text
    edih: str


#: The figures of every table, in their order. KPI names: call DIGITAL-2023-EDIH-04, and the EDIH KPI FAQ of 11 February 2025.
MEASURES = (
    Measure(
        "companies",
        Text("Betriebe (einmal)", "Companies (once)"),
        "Number of businesses and public bodies which have used the EDIH services",
    ),
    Measure("contacts", Text("Kontakte", "Contacts"), ""),
    Measure("services", Text("Leistungen", "Services"), "Services provided"),
    Measure("participants", Text("Teilnehmende", "Participants"), ""),
    Measure("minutes", Text("Minuten", "Minutes"), ""),
)

#: Participants of meetings of several companies alone (`kinds.attended`); a figure of the whole period, in no table.
ATTENDANCE = Measure(
    "attendance",
    Text("Teilnahmen an Veranstaltungen und Schulungen", "Attendance at events and trainings"),
    "Attendance at events and trainings",
)
#: Every figure a target can be set for.
KPIS = (*MEASURES, ATTENDANCE)

#: What belongs to whoever got the service: within a period everybody has one value, the last one known.
OF_PARTY = ("state", "district", "sector", "size")
#: What belongs to the service: somebody can stand in several values.
OF_SERVICE = ("topic", "kind", "format", "partner")

#: Every table of a report, with its heading and the EDIH breakdown it answers. "section" is made of "sector" (WZ 2008).
BY: dict[str, tuple[Text, str]] = {
    "state": (Text("Land", "State"), "location (NUTS 1)"),
    "district": (Text("Kreis oder Bezirk", "District or borough"), "location (NUTS 3)"),
    "section": (Text("Wirtschaftsabschnitt (WZ 2008)", "Sector (WZ 2008 section)"), "sector (NACE section)"),
    "size": (Text("Größe", "Size"), "user category / size"),
    "topic": (Text("Thema", "Topic"), ""),
    "kind": (Text("Art der Leistung", "Type of support"), "type of service provided"),
    "format": (Text("Form", "Format"), ""),
    "partner": (Text("Partner", "Partner"), ""),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One or more confirmed services that agree in everything; `services`, `participants`, `minutes` are sums over them.

    `day` is an ISO date; `company`, `contact` are numbers without meaning, "" for nobody known; `sector` is a WZ 2008 division.
    """

    day: str
    company: str = ""
    contact: str = ""
    state: str = ""
    district: str = ""
    sector: str = ""
    size: str = ""
    topic: str = ""
    kind: str = ""
    format: str = ""
    partner: str = ""
    services: int = 1
    participants: int = 1
    minutes: int = 0


@dataclass(slots=True)
class _Party:
    """Who got services: a company, a contact without company, or nobody known (then one per place)."""

    state: str = ""
    district: str = ""
    sector: str = ""
    size: str = ""
    services: int = 0
    participants: int = 0
    minutes: int = 0
    contacts: set[str] = field(default_factory=set)

    def learn(self, values: Sequence[str]) -> None:
        """Take over what is known later; what is empty later does not erase what was known."""
        for name, value in zip(OF_PARTY, values, strict=True):
            if value:
                setattr(self, name, value)

    def add(self, services: int, participants: int, minutes: int) -> None:
        self.services += services
        self.participants += participants
        self.minutes += minutes


@dataclass(slots=True)
class _Value:
    """What one value of a service's dimension (topic "iot") adds up to, and who is in it."""

    services: int = 0
    participants: int = 0
    minutes: int = 0
    parties: set[str] = field(default_factory=set)
    contacts: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Tally:
    """A period counted: parties by their key, and values of each dimension of services. Keys begin with "c" (company), "p"
    (contact without company) or "-" (nobody known)."""

    parties: dict[str, _Party] = field(default_factory=dict)
    values: dict[str, dict[str, _Value]] = field(default_factory=lambda: {name: {} for name in OF_SERVICE})

    def as_dict(self) -> dict[str, Any]:
        """Return the tally as plain lists, in an order that depends on nothing but its content."""
        keys = sorted(self.parties)
        place = {key: i for i, key in enumerate(keys)}
        contacts = sorted({c for p in self.parties.values() for c in p.contacts})
        at = {contact: i for i, contact in enumerate(contacts)}
        parties = []
        for key in keys:
            p = self.parties[key]
            sums = [p.services, p.participants, p.minutes]
            parties.append([key, p.state, p.district, p.sector, p.size, *sums, sorted(at[c] for c in p.contacts)])
        values = {
            name: {
                value: [
                    v.services,
                    v.participants,
                    v.minutes,
                    sorted(place[p] for p in v.parties),
                    sorted(at[c] for c in v.contacts),
                ]
                for value, v in sorted(held.items())
            }
            for name, held in self.values.items()
        }
        return {"contacts": contacts, "parties": parties, "values": values}


def canonical(value: Any) -> str:
    """Return JSON that is the same to the byte for the same content: sorted keys, no blanks, UTF-8 as it is."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def tally_from(kept: Mapping[str, Any]) -> Tally:
    """Return a tally as it was kept by `as_dict`."""
    made, contacts = Tally(), kept["contacts"]
    keys = [row[0] for row in kept["parties"]]
    for key, state, district, sector, size, services, participants, minutes, who in kept["parties"]:
        held = {contacts[i] for i in who}
        made.parties[key] = _Party(state, district, sector, size, services, participants, minutes, held)
    for name, values in kept["values"].items():
        made.values[name] = {
            value: _Value(s, p, m, {keys[i] for i in parties}, {contacts[i] for i in who})
            for value, (s, p, m, parties, who) in values.items()
        }
    return made


def _party_key(row: Row) -> str:
    if row.company:
        return f"c{row.company}"
    if row.contact:
        return f"p{row.contact}"
    return f"-{row.state}/{row.district}/{row.sector}/{row.size}"


def count(rows: Iterable[Row]) -> Tally:
    """Count rows; their order does not matter (what is known of a party on its last day counts, ties by the larger value)."""
    made = Tally()
    known: dict[tuple[str, str], tuple[str, str]] = {}
    for row in rows:
        key = _party_key(row)
        party = made.parties.setdefault(key, _Party())
        party.add(row.services, row.participants, row.minutes)
        if row.contact:
            party.contacts.add(row.contact)
        for name in OF_PARTY:
            if value := getattr(row, name):
                known[key, name] = max(known.get((key, name), ("", "")), (row.day, value))
        for name in OF_SERVICE:
            value = made.values[name].setdefault(getattr(row, name), _Value())
            value.services += row.services
            value.participants += row.participants
            value.minutes += row.minutes
            value.parties.add(key)
            if row.contact:
                value.contacts.add(row.contact)
    for (key, name), (_, value) in known.items():
        setattr(made.parties[key], name, value)
    return made


def union(tallies: Iterable[Tally]) -> Tally:
    """Put tallies of periods that follow each other together, oldest first: sums add up, nobody is counted twice."""
    made = Tally()
    for tally in tallies:
        for key, p in tally.parties.items():
            party = made.parties.setdefault(key, _Party())
            party.learn((p.state, p.district, p.sector, p.size))
            party.add(p.services, p.participants, p.minutes)
            party.contacts |= p.contacts
        for name, values in tally.values.items():
            for key, v in values.items():
                value = made.values[name].setdefault(key, _Value())
                value.services += v.services
                value.participants += v.participants
                value.minutes += v.minutes
                value.parties |= v.parties
                value.contacts |= v.contacts
    return made


@dataclass(frozen=True, slots=True)
class Cell:
    """The figures of one value. `units`: how many companies and single contacts stand behind it, for the protection of small cells."""

    companies: int = 0
    contacts: int = 0
    services: int = 0
    participants: int = 0
    minutes: int = 0
    units: int = 0

    def figure(self, key: str) -> int:
        """Return one figure by its key (`companies` …)."""
        return int(getattr(self, key))


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of a period: the total, and a table by each of `BY` (value → cell). `parent`: the state of each district.

    `events` and `others` are the total in two: meetings that count as attendance, and everything else.
    """

    total: Cell
    tables: Mapping[str, Mapping[str, Cell]]
    parent: Mapping[str, str] = field(default_factory=dict)
    events: Cell = field(default_factory=Cell)
    others: Cell = field(default_factory=Cell)

    def figure(self, key: str) -> int:
        """Return one of `KPIS` for the whole period."""
        return self.events.participants if key == ATTENDANCE.key else self.total.figure(key)


def _cell(parties: Iterable[str], contacts: Iterable[str], sums: tuple[int, int, int]) -> Cell:
    kinds = [key[0] for key in parties]
    return Cell(kinds.count("c"), len(set(contacts)), *sums, units=len(kinds) - kinds.count("-"))


def _by_party(tally: Tally, name: str) -> dict[str, Cell]:
    held: dict[str, list[str]] = {}
    for key, party in tally.parties.items():
        value = section_of(party.sector) if name == "section" else getattr(party, name)
        held.setdefault(value, []).append(key)
    return {value: _of_parties(tally, keys) for value, keys in sorted(held.items())}


def _of_parties(tally: Tally, keys: Iterable[str]) -> Cell:
    parties = {key: tally.parties[key] for key in keys}
    found = parties.values()
    contacts = {c for p in found for c in p.contacts}
    sums = (sum(p.services for p in found), sum(p.participants for p in found), sum(p.minutes for p in found))
    return _cell(parties, contacts, sums)


def report(tally: Tally) -> Report:
    """Return the figures of a tally: total and one table by each of `BY`; values without anything are left out."""
    tables: dict[str, dict[str, Cell]] = {}
    for name in BY:
        if name in OF_SERVICE:
            values = sorted(tally.values[name].items())
            tables[name] = {k: _cell(v.parties, v.contacts, (v.services, v.participants, v.minutes)) for k, v in values}
        else:
            tables[name] = _by_party(tally, name)
    # A district lies in one state; without one, a party counts under its state alone (key "HH-").
    parent: dict[str, str] = {}
    placed: dict[str, list[str]] = {}
    for key, party in tally.parties.items():
        district = party.district or f"{party.state}-"
        placed.setdefault(f"{party.state}:{district}", []).append(key)
    tables["district"] = {}
    for label, keys in sorted(placed.items()):
        state, _, district = label.partition(":")
        name = district if district not in tables["district"] else f"{state}-{district}"
        tables["district"][name] = _of_parties(tally, keys)
        parent[name] = state
    met = [v for kind, v in tally.values["kind"].items() if kind in attended()]
    rest = [v for kind, v in tally.values["kind"].items() if kind not in attended()]
    return Report(_of_parties(tally, tally.parties), tables, parent, _joined(met), _joined(rest))


def _joined(values: Sequence[_Value]) -> Cell:
    """Return several values of one dimension as one cell, nobody counted twice."""
    parties = set[str]().union(*(v.parties for v in values))
    contacts = set[str]().union(*(v.contacts for v in values))
    sums = (sum(v.services for v in values), sum(v.participants for v in values), sum(v.minutes for v in values))
    return _cell(parties, contacts, sums)
