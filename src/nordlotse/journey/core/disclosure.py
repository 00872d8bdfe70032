"""Small cells: what the funder's officer gets to see, so that nobody can work out what a handful of companies did.

Threshold: a figure about 1 to 4 companies, or about 1 to 4 companies and single contacts together, is small (house rule, following
the statistical confidentiality rules of the German Federal Employment Agency: at least 3 cases as standard, more with fine
detail; we take 5).

The family of published tables is fixed: per closed quarter a total and one table by each of `counting.BY`, the attendance at events,
and the answers about the effect; there are no filters that could be subtracted from each other. In each table (districts: within
their state; types of support: within events and everything else, because the attendance is told)

1. every small cell is hidden (primary);
2. as soon as one is hidden, one cell that is not small is hidden with it (complementary), drawn by a lot nobody outside knows;
3. if no filled cell would stay open, the whole table is withheld, empty cells as well. Withheld districts of a state, and withheld
   types of one half, become one merged row: it says what the state's row or the attendance says already.

Why this holds even against somebody who knows this text: the hidden cells of a table appear only in sums and lists that do not
change when two of them swap their places, and any filled cell could have been the one drawn. So for every hidden small cell there
is another world with the same published figures in which it has the (larger) figures of the cell hidden with it. The nameless records
(`core.records`) show no hidden value at all, so they are the same in that world too. Zero is published as zero: hidden cells are
known to be filled, nothing more. Several hidden cells together tell their sum.

Sums of minutes are told for the total, for events and everything else, and by type of support alone. Beside the public calendar
exact minutes by topic, partner or place are an equation: with the known lengths of events and the usual lengths of the rest it has
often one solution, and that says which single service a company got (`MINUTES_BY`).

What this does not promise: whoever lays the public calendar of events beside the report can tell that a topic with well-attended
events is not the small one of two hidden rows, and so that the other is about 1 to 4 companies. Which companies, and what they got,
stays hidden.

Companies and contacts of several quarters together are told in tens where the exact number would narrow a hidden one down
(`told_together`). All other figures are whole numbers and never rounded; shares are rounded to whole percent, half up, and are shown only of open figures.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nordlotse.journey.core.counting import Cell, Report
from nordlotse.journey.core.kinds import attended

__all__ = [
    "MERGED",
    "MINUTES_BY",
    "THRESHOLD",
    "Published",
    "attendance",
    "halves",
    "protect",
    "protect_one",
    "safe_together",
    "small",
    "told_together",
]

#: Fewer companies (or companies and contacts) than this make a cell small.
THRESHOLD = 5
#: Tables in which sums of minutes are shown outside.
MINUTES_BY = frozenset({"kind"})
#: The end of a value that stands for several: "HH/" all districts of Hamburg, "events/" all types that are events.
MERGED = "/"


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
    return 0 < cell.units < THRESHOLD or 0 < cell.companies < THRESHOLD


def _lot(seed: str, *parts: str) -> float:
    """Return a number from 0 to 1 that depends on the secret seed of the period alone."""
    made = hashlib.sha256("\x1f".join((seed, *parts)).encode()).digest()
    return int.from_bytes(made[:8], "big") / 2**64


def _drawn(cells: Mapping[str, Cell], candidates: Sequence[str], seed: str, name: str) -> str:
    """Draw one cell by lot, smaller ones more often, each possible: weights 1/services (Efraimidis and Spirakis 2006)."""
    return max(candidates, key=lambda v: (_lot(seed, name, v) ** max(1, cells[v].services), v))


def protect_one(cells: Mapping[str, Cell], seed: str, name: str) -> Published:
    """Return one table whose lines add up to something known, as it may be shown."""
    filled = [v for v, c in cells.items() if c.services]
    primary = [v for v in filled if small(cells[v])]
    if not primary:
        return Published(dict(cells))
    # A few companies are not lost among cells of contacts alone: whoever subtracts would still find them.
    companies = any(cells[v].companies for v in primary)
    large = [v for v in filled if cells[v].units >= THRESHOLD and not small(cells[v])]
    large = [v for v in large if cells[v].companies or not companies]
    if len(large) < 2:
        return Published({}, withheld=True)
    chosen = _drawn(cells, large, seed, name)
    hidden = tuple(sorted([*primary, chosen]))
    return Published({v: c for v, c in cells.items() if v not in hidden}, hidden, rest=_sums(cells, hidden))


def _sums(cells: Mapping[str, Cell], names: Sequence[str]) -> tuple[int, int, int]:
    gone = [cells[v] for v in names]
    return (sum(c.services for c in gone), sum(c.participants for c in gone), sum(c.minutes for c in gone))


def attendance(full: Report) -> int | None:
    """Return the attendance at events, None where too few stand behind it or behind everything else."""
    if small(full.total) or small(full.events) or small(full.others):
        return None
    return full.events.participants


def halves(full: Report) -> tuple[Cell, Cell] | None:
    """Return events and everything else, each as one cell, None where the attendance is not shown either.

    The types of support are protected within each of the two, so that their sums tell nothing about a hidden type.
    """
    return None if attendance(full) is None else (full.events, full.others)


#: A common number that would narrow a hidden one down is told in tens: nobody can subtract fewer than five from it.
ROUNDED_TO = 10


def told_together(total: int, *, safe: bool) -> tuple[int | None, bool]:
    """Return the number of several quarters together as it may be told, and whether it is rounded; see `safe_together`."""
    if safe:
        return total, False
    rounded = (total + ROUNDED_TO // 2) // ROUNDED_TO * ROUNDED_TO
    return (rounded, True) if rounded else (None, False)


def protect(full: Report, seed: str) -> tuple[Cell | None, dict[str, Published]]:
    """Return the total (None: too few altogether, then no table either) and every table as an officer may see it.

    `seed` is secret and fixed for the period, so that the same period always looks the same.
    """
    if small(full.total):
        return None, {name: Published({}, withheld=True) for name in full.tables}
    made = {n: protect_one(cells, seed, n) for n, cells in full.tables.items() if n not in ("district", "kind")}
    if "district" in full.tables:
        made["district"] = _districts(full, made["state"], seed)
    if "kind" in full.tables:
        made["kind"] = _kinds(full, seed)
    return full.total, {name: made[name] for name in full.tables}


def _together(parts: Sequence[tuple[Mapping[str, Cell], Published, str, Cell | None]]) -> Published:
    """Put parts of a table together: (its cells, protected, the merged row's value, the merged row's figures if they are open)."""
    shown: dict[str, Cell] = {}
    hidden: list[str] = []
    rest = (0, 0, 0)
    for cells, part, merged, figures in parts:
        if not part.withheld:
            shown |= part.open
            hidden += part.hidden
            gone = part.rest
        elif figures is not None:
            shown[merged] = figures
            continue
        else:
            hidden.append(merged)
            gone = _sums(cells, list(cells))
        rest = (rest[0] + gone[0], rest[1] + gone[1], rest[2] + gone[2])
    return Published(shown, tuple(hidden), rest=rest)


def _kinds(full: Report, seed: str) -> Published:
    """Protect the types of support; where the attendance is told, events and everything else each by themselves."""
    cells = full.tables["kind"]
    if attendance(full) is None:
        return protect_one(cells, seed, "kind")
    events = {v: c for v, c in cells.items() if v in attended()}
    others = {v: c for v, c in cells.items() if v not in attended()}
    parts = []
    for inside, name, figures in ((events, "events", full.events), (others, "others", full.others)):
        parts.append((inside, protect_one(inside, seed, f"kind {name}"), f"{name}{MERGED}", figures))
    return _together(parts)


def _districts(full: Report, states: Published, seed: str) -> Published:
    """Protect the districts of each state by themselves; those of a hidden state are hidden with it."""
    cells, parent = full.tables["district"], full.parent
    if states.withheld:
        return Published({}, withheld=True)
    parts = []
    for state in sorted(set(parent.values())):
        inside = {v: c for v, c in cells.items() if parent[v] == state}
        # Without a hidden state's districts one could still see which of them are empty.
        part = Published({}, withheld=True)
        if state in states.open:
            part = protect_one(inside, seed, f"district {state}")
        parts.append((inside, part, f"{state}{MERGED}", states.open.get(state)))
    return _together(parts)


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
            if published.withheld or any(value.endswith(MERGED) for value in published.open):
                return False
            for value, cell in published.open.items():
                lowest[value] = max(lowest.get(value, 0), cell.units)
            hidden += len(published.hidden) and published.rest[0]
        if hidden and total < sum(lowest.values()) + hidden:
            return False
    return True
