"""Counting: companies once, contacts separately, services, participants, minutes, by everything they are reported by.

Pure: rows in, tallies out. A tally of a month can be written as canonical JSON, frozen, read again, and put together with those of
other months without counting anybody twice. Whoever is counted has a number without meaning (`company`, `contact`), no name.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

import numpy as np

from nordlotse.foundation.language import Text
from nordlotse.foundation.sectors import section_of
from nordlotse.journey.core.kinds import attended
from nordlotse.journey.core.tally import OF_PARTY, OF_SERVICE, Codes, Sums, Tally, number, places, tally_from

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
    "tally_from",
    "union",
]

_T = TypeVar("_T")


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


class Row(NamedTuple):
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


def canonical(value: Any) -> str:
    """Return JSON that is the same to the byte for the same content: sorted keys, no blanks, UTF-8 as it is."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def count(rows: Iterable[Sequence[Any]]) -> Tally:
    """Count rows (`Row`, or plain tuples in its order, None for ""): their order does not matter.

    What is known of a party on its last day counts, ties by the larger value.
    """
    columns = list(zip(*rows, strict=True)) or [()] * len(Row._fields)
    names, (days, company, contact, *details) = zip(*map(number, columns[:11]), strict=True)
    of_party, of_service = details[:4], details[4:]
    sums = np.array(columns[11:], dtype=np.int64).reshape(3, len(columns[0])).T
    keys, party = _parties(names[1:7], company, contact, of_party)
    told = [
        _last_known(days, codes, party, len(keys), len(texts))
        for codes, texts in zip(of_party, names[3:7], strict=True)
    ]
    # Numbers of contacts begin after "", which is nobody.
    named = contact > 0
    contacts = names[2][1:]
    pairs = np.unique(party[named] * len(names[2]) + contact[named] - 1) if len(contacts) else np.empty(0, np.int64)
    labels, label_of = _labels(names[7:11], of_service)
    parties_in = np.zeros((len(labels), len(keys)), dtype=np.bool_)
    contacts_in = np.zeros((len(labels), len(contacts)), dtype=np.bool_)
    label_sums = np.zeros((len(labels), 3), dtype=np.int64)
    for codes in label_of:
        parties_in[codes, party] = True
        contacts_in[codes[named], contact[named] - 1] = True
        np.add.at(label_sums, codes, sums)
    return Tally(
        keys,
        tuple(names[3:7]),
        np.array(told, dtype=np.int64).reshape(4, len(keys)),
        _summed(party, sums, len(keys)),
        contacts,
        np.array(np.divmod(pairs, max(len(names[2]), 1)), dtype=np.int64).reshape(2, len(pairs)),
        labels,
        label_sums,
        parties_in,
        contacts_in,
    )


def _summed(codes: Codes, sums: Sums, size: int) -> Sums:
    made = np.zeros((size, 3), dtype=np.int64)
    np.add.at(made, codes, sums)
    return made


def _parties(
    names: Sequence[tuple[str, ...]], company: Codes, contact: Codes, details: Sequence[Codes]
) -> tuple[tuple[str, ...], Codes]:
    """Return the keys of the parties (sorted) and the party of each row. `names`: texts of company, contact, `OF_PARTY`."""
    place = np.zeros(len(company), dtype=np.int64)
    for codes, texts in zip(details, names[2:], strict=True):
        place = place * len(texts) + codes
    first, second = len(names[0]), len(names[0]) + len(names[1])
    one = np.where(company > 0, company, np.where(contact > 0, first + contact, second + place))
    found, at, back = np.unique(one, return_index=True, return_inverse=True)
    written = []
    for thing, row in zip(found.tolist(), at.tolist(), strict=True):
        if thing < first:
            written.append(f"c{names[0][thing]}")
        elif thing < second:
            written.append(f"p{names[1][thing - first]}")
        else:
            parts = [texts[codes[row]] for codes, texts in zip(details, names[2:], strict=True)]
            written.append("-" + "/".join(parts))
    keys, codes = number(written)
    return keys[1:], codes[back.reshape(-1)] - 1


def _last_known(days: Codes, codes: Codes, party: Codes, size: int, width: int) -> Codes:
    """Return the value each party had on its last day with one (the larger of two on the same day), 0 for none."""
    made = np.zeros(size, dtype=np.int64)
    some = codes > 0
    np.maximum.at(made, party[some], days[some] * width + codes[some])
    return made % width


def _labels(
    names: Sequence[tuple[str, ...]], columns: Sequence[Codes]
) -> tuple[tuple[tuple[int, str], ...], list[Codes]]:
    """Return the values that occur in each of `OF_SERVICE` in one list, and where in it each row's value stands."""
    labels: list[tuple[int, str]] = []
    made = []
    for dimension, (texts, codes) in enumerate(zip(names, columns, strict=True)):
        used, back = np.unique(codes, return_inverse=True)
        made.append(back.reshape(-1) + len(labels))
        labels += [(dimension, texts[i]) for i in used.tolist()]
    return tuple(labels), made


def union(tallies: Iterable[Tally]) -> Tally:
    """Put tallies of periods that follow each other together, oldest first: sums add up, nobody is counted twice."""
    given = list(tallies)
    keys, key_at = _numbered(t.keys for t in given)
    contacts, contact_at = _numbered(t.contacts for t in given)
    labels, label_at = _numbered(t.labels for t in given)
    texts, text_at = zip(*(_numbered([("",), *(t.texts[i] for t in given)]) for i in range(4)), strict=True)
    known = np.zeros((4, len(keys)), dtype=np.int64)
    party_sums = np.zeros((len(keys), 3), dtype=np.int64)
    label_sums = np.zeros((len(labels), 3), dtype=np.int64)
    parties_in = np.zeros((len(labels), len(keys)), dtype=np.bool_)
    contacts_in = np.zeros((len(labels), len(contacts)), dtype=np.bool_)
    pairs = [np.empty(0, dtype=np.int64)]
    for t in given:
        party, contact = places(t.keys, key_at), places(t.contacts, contact_at)
        label = places(t.labels, label_at)
        for i in range(4):
            # What is empty later does not erase what was known.
            told = places(t.texts[i], text_at[i])[t.known[i]]
            known[i, party[told > 0]] = told[told > 0]
        # Within one tally nobody stands twice, so that plain sums of slices do.
        party_sums[party] += t.party_sums
        label_sums[label] += t.label_sums
        for row, members, those in zip(label.tolist(), t.parties_in, t.contacts_in, strict=True):
            parties_in[row, party[members]] = True
            contacts_in[row, contact[those]] = True
        pairs.append(party[t.pairs[0]] * len(contacts) + contact[t.pairs[1]])
    both = np.unique(np.concatenate(pairs))
    return Tally(
        keys,
        tuple(texts),
        known,
        party_sums,
        contacts,
        np.array(np.divmod(both, max(len(contacts), 1)), dtype=np.int64).reshape(2, len(both)),
        labels,
        label_sums,
        parties_in,
        contacts_in,
    )


def _numbered(lists: Iterable[Sequence[_T]]) -> tuple[tuple[_T, ...], dict[_T, int]]:
    """Return everything in several lists once, sorted, and the place of each."""
    made: tuple[_T, ...] = tuple(sorted(set().union(*lists)))  # type: ignore[type-var]
    return made, {value: i for i, value in enumerate(made)}


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


def _of_groups(tally: Tally, group: Codes, size: int) -> list[Cell]:
    """Return one cell per group of parties; `group`: the number of each party's group."""
    first = np.array([key[0] for key in tally.keys], dtype="U1")
    companies = np.bincount(group[first == "c"], minlength=size)
    units = np.bincount(group[first != "-"], minlength=size)
    width = max(len(tally.contacts), 1)
    contacts = np.bincount(np.unique(group[tally.pairs[0]] * width + tally.pairs[1]) // width, minlength=size)
    sums = _summed(group, tally.party_sums, size)
    columns = (companies, contacts, *sums.T, units)
    return [Cell(*row) for row in zip(*(c.tolist() for c in columns), strict=True)]


def _grouped(tally: Tally, names: Sequence[str], codes: Codes) -> dict[str, Cell]:
    """Return the cells of parties by a name each; `codes`: which of `names` a party has. Names without a party are left out."""
    texts, at = number(names)
    group = at[codes]
    found = set(group.tolist())
    cells = _of_groups(tally, group, len(texts))
    return {text: cell for i, (text, cell) in enumerate(zip(texts, cells, strict=True)) if i in found}


def _by_place(tally: Tally) -> tuple[dict[str, Cell], dict[str, str]]:
    """Return the cells by district, and the state of each; without a district, a party counts under its state ("HH-")."""
    (states, districts), width = tally.texts[:2], len(tally.texts[1])
    names = [f"{state}:{district or state + '-'}" for state in states for district in districts]
    tables: dict[str, Cell] = {}
    parent: dict[str, str] = {}
    for label, cell in _grouped(tally, names, tally.known[0] * width + tally.known[1]).items():
        state, _, district = label.partition(":")
        name = district if district not in tables else f"{state}-{district}"
        tables[name] = cell
        parent[name] = state
    return tables, parent


def _of_labels(tally: Tally, labels: Sequence[int]) -> Cell:
    """Return several values of one dimension of services as one cell, nobody counted twice."""
    first = np.array([key[0] for key in tally.keys], dtype="U1")
    inside = np.any(tally.parties_in[labels], axis=0)
    services, participants, minutes = tally.label_sums[labels].sum(axis=0).tolist()
    return Cell(
        companies=int(np.count_nonzero(inside & (first == "c"))),
        contacts=int(np.count_nonzero(np.any(tally.contacts_in[labels], axis=0))),
        services=services,
        participants=participants,
        minutes=minutes,
        units=int(np.count_nonzero(inside & (first != "-"))),
    )


def report(tally: Tally) -> Report:
    """Return the figures of a tally: total and one table by each of `BY`; values without anything are left out."""
    districts, parent = _by_place(tally)
    tables: dict[str, dict[str, Cell]] = {}
    for name in BY:
        if name in OF_SERVICE:
            tables[name] = {value: _of_labels(tally, [i]) for i, value in _labels_of(tally, name)}
        elif name == "district":
            tables[name] = districts
        else:
            place = OF_PARTY.index("sector" if name == "section" else name)
            names = [section_of(t) for t in tally.texts[place]] if name == "section" else tally.texts[place]
            tables[name] = _grouped(tally, names, tally.known[place])
    (total,) = _of_groups(tally, np.zeros(len(tally.keys), dtype=np.int64), 1)
    kinds = _labels_of(tally, "kind")
    met = _of_labels(tally, [i for i, kind in kinds if kind in attended()])
    rest = _of_labels(tally, [i for i, kind in kinds if kind not in attended()])
    return Report(total, tables, parent, met, rest)


def _labels_of(tally: Tally, name: str) -> list[tuple[int, str]]:
    return [(i, value) for i, (dimension, value) in enumerate(tally.labels) if OF_SERVICE[dimension] == name]
