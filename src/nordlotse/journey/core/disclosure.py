"""Small cells: what the funder's officer gets to see, so that nobody can work out what a handful of companies did.

Threshold: a figure about 1 to 4 companies or contacts is small (house rule, following the statistical confidentiality rules of the
German Federal Employment Agency: at least 3 cases as standard, more with fine detail; we take 5).

The family of published tables is fixed: per closed quarter a total and one table by each of `counting.BY`; there are no filters
that could be subtracted from each other. In each table (districts: within their state)

1. every small cell is hidden (primary);
2. as soon as one is hidden, one cell that is not small is hidden with it (complementary), drawn by a lot nobody outside knows;
3. if no filled cell would stay open, the whole table is withheld, empty cells as well.

Why this holds even against somebody who knows this text: the hidden cells of a table appear only in sums and lists that do not
change when two of them swap their places, and any filled cell could have been the one drawn. So for every hidden small cell there
is another world with the same published figures in which it has the (larger) figures of the cell hidden with it. Zero is published as zero:
hidden cells are known to be filled, nothing more.

Figures are whole numbers and never rounded; shares are rounded to whole percent, half up, and are shown only of open figures.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nordlotse.journey.core.counting import Cell, Report

__all__ = ["THRESHOLD", "Published", "Record", "anonymous", "protect", "shown_together"]

#: Fewer companies and contacts than this make a cell small.
THRESHOLD = 5

#: What stands in a record instead of a hidden value.
HIDDEN = "*"

#: Who a record is about is told by at most these, and only in combinations that fit at least `THRESHOLD` companies each. The
#: first one that is safe is taken; the order says what officers ask for first.
TOGETHER: tuple[tuple[str, ...], ...] = (
    ("state", "section", "size"),
    ("state", "size"),
    ("state", "section"),
    ("section", "size"),
    ("state",),
    ("size",),
    ("section",),
    (),
)


#: Names that say something about who got a service.
OF_WHOM = ("state", "district", "section", "size")


@dataclass(frozen=True, slots=True)
class Published:
    """One table as it may be shown. `hidden`: values whose figures are not; `withheld`: nothing of the table is shown.

    `rest` sums services, participants and minutes of the hidden values (what anybody could subtract anyway).
    """

    open: Mapping[str, Cell]
    hidden: tuple[str, ...] = ()
    withheld: bool = False
    rest: tuple[int, int, int] = (0, 0, 0)


def small(cell: Cell) -> bool:
    """Tell whether a cell is about somebody, but about too few."""
    return 0 < cell.units < THRESHOLD


def _lot(seed: str, *parts: str) -> float:
    """Return a number from 0 to 1 that depends on the secret seed of the period alone."""
    made = hashlib.sha256("\x1f".join((seed, *parts)).encode()).digest()
    return int.from_bytes(made[:8], "big") / 2**64


def _drawn(cells: Mapping[str, Cell], candidates: Sequence[str], seed: str, name: str) -> str:
    """Draw one cell by lot, smaller ones more often, each possible: weights 1/services (Efraimidis and Spirakis 2006)."""
    return max(candidates, key=lambda v: (_lot(seed, name, v) ** max(1, cells[v].services), v))


def _hide(cells: Mapping[str, Cell], seed: str, name: str) -> Published:
    filled = [v for v, c in cells.items() if c.services]
    primary = [v for v in filled if small(cells[v])]
    if not primary:
        return Published(dict(cells))
    large = [v for v in filled if cells[v].units >= THRESHOLD]
    if len(large) < 2:
        return Published({}, withheld=True)
    chosen = _drawn(cells, large, seed, name)
    hidden = tuple(sorted([*primary, chosen]))
    gone = [cells[v] for v in hidden]
    rest = (sum(c.services for c in gone), sum(c.participants for c in gone), sum(c.minutes for c in gone))
    return Published({v: c for v, c in cells.items() if v not in hidden}, hidden, rest=rest)


def protect(full: Report, seed: str) -> tuple[Cell | None, dict[str, Published]]:
    """Return the total (None: too few altogether, then no table either) and every table as an officer may see it.

    `seed` is secret and fixed for the period, so that the same period always looks the same.
    """
    if small(full.total):
        return None, {name: Published({}, withheld=True) for name in full.tables}
    made = {name: _hide(cells, seed, name) for name, cells in full.tables.items() if name != "district"}
    if "district" in full.tables:
        made["district"] = _districts(full, made["state"], seed)
    return full.total, {name: made[name] for name in full.tables}


def _districts(full: Report, states: Published, seed: str) -> Published:
    """Protect the districts of each state by themselves; those of a hidden state are hidden with it."""
    cells, parent = full.tables["district"], full.parent
    if states.withheld:
        return Published({}, withheld=True)
    shown: dict[str, Cell] = {}
    hidden: list[str] = []
    rest = (0, 0, 0)
    for state in sorted(set(parent.values())):
        inside = {v: c for v, c in cells.items() if parent[v] == state}
        part = _hide(inside, seed, f"district {state}") if state in states.open else Published({}, withheld=True)
        if part.withheld:
            # Without a state's districts one could still see which of them are empty.
            hidden.append(f"{state}/")
            continue
        shown |= part.open
        hidden += part.hidden
        rest = (rest[0] + part.rest[0], rest[1] + part.rest[1], rest[2] + part.rest[2])
    return Published(shown, tuple(hidden), rest=rest)


@dataclass(frozen=True, slots=True)
class Record:
    """One service without a name. `party` is the number of whoever got it; it is never shown."""

    month: str
    party: str
    state: str
    section: str
    size: str
    topic: str
    kind: str
    minutes: int
    outcome: str
    format: str = ""
    partner: str = ""
    district: str = ""

    def about(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the values of these names."""
        return tuple(getattr(self, name) for name in names)


def shown_together(records: Sequence[Record], tables: Mapping[str, Published]) -> tuple[str, ...]:
    """Return which of state, section and size the records of a period may show side by side: the same for every record.

    Every combination that occurs must fit at least `THRESHOLD` companies or contacts, after hidden values have become "*". As the
    same names are shown in all records, the list is the full cross table of these names and nothing can be subtracted from it.
    """
    for names in TOGETHER:
        if all(not tables[name].withheld for name in names) and _fits(records, names, tables):
            return names
    return ()


def _fits(records: Sequence[Record], names: tuple[str, ...], tables: Mapping[str, Published]) -> bool:
    groups: dict[tuple[str, ...], set[str]] = {}
    for record in records:
        if not record.party.startswith("-"):
            groups.setdefault(_covered(record, names, tables), set()).add(record.party)
    return all(len(parties) >= THRESHOLD for parties in groups.values())


def _covered(record: Record, names: Iterable[str], tables: Mapping[str, Published]) -> tuple[str, ...]:
    return tuple(v if v in tables[n].open else HIDDEN for n, v in zip(names, record.about(names), strict=True))


def anonymous(
    records: Sequence[Record], tables: Mapping[str, Published], by: str = "", value: str = ""
) -> list[dict[str, str | int]]:
    """Return the records behind one open figure (or behind the total) as they may be shown, in an order that tells nothing.

    A figure by topic or kind, or by a name that is shown in all records anyway, opens whole records (`shown_together`). A figure by
    another name of state, section and size opens only the types of support: its records cannot be matched with the whole ones.
    """
    together = shown_together(records, tables)
    if by and (tables[by].withheld or value not in tables[by].open):
        return []
    if by in OF_WHOM and by not in together:
        names: tuple[str, ...] = ("kind",)
    else:
        names = ("month", *together, "topic", "kind", "minutes", "outcome")
    made: list[dict[str, str | int]] = []
    for record in records:
        if by and getattr(record, by) != value:
            continue
        made.append({name: _shown(record, name, tables) for name in names})
    return sorted(made, key=lambda row: tuple(str(row[name]).zfill(6) for name in names))


def _shown(record: Record, name: str, tables: Mapping[str, Published]) -> str | int:
    if name == "minutes":
        return record.minutes
    value = str(getattr(record, name))
    if name in tables and (tables[name].withheld or value not in tables[name].open):
        return HIDDEN
    return value


def safe_together(total: int, periods: Sequence[Mapping[str, Published]], name: str = "") -> bool:
    """Tell whether the number of companies of several quarters together may stand beside their published tables.

    Who comes again makes the common number smaller than the sum; with cells open in one quarter and hidden in another that can
    bound a hidden one. Safe is what leaves the hidden cells of every table as free as before: the common number is at least what
    the open cells need (the largest of each) and what all hidden ones could have held.
    """
    for table in [name] if name else [n for n in periods[0] if n not in ("district",)] if periods else []:
        lowest: dict[str, int] = {}
        hidden = 0
        for tables in periods:
            published = tables[table]
            if published.withheld:
                return False
            for value, cell in published.open.items():
                lowest[value] = max(lowest.get(value, 0), cell.units)
            hidden += len(published.hidden) and published.rest[0]
        if hidden and total < sum(lowest.values()) + hidden:
            return False
    return True
