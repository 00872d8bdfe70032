"""Nameless records: the services of a closed quarter one by one, each with as many marks as at least five companies share.

There is one list per quarter, and nothing but filters of it: opening a figure shows the lines of the list that carry its mark, so
opening many figures tells no more than the list itself.

How the list is made (local suppression, step by step; the goal is k-anonymity with k = `THRESHOLD`, Samarati and Sweeney 1998):
`STEPS` names sets of marks from fine to coarse. At each step the services left over are grouped by these marks; a group with at
least five companies is shown with exactly these marks, every other service goes on to the next step, at last to a line without any
mark. If too few companies are left there, shown groups join them until they are five.

- A mark whose figure is hidden in the tables is never shown, at no step.
- The day is the quarter, minutes are classes: the public calendar of events leads from day and length to the event.
- Type of support and minutes are shown only beside the topic: with the calendar they would tell a hidden one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nordlotse.journey.core.disclosure import THRESHOLD, Published

__all__ = ["COLUMNS", "HIDDEN", "MINUTES", "Record", "Shown", "carrying", "minutes_class", "opened", "shown"]

#: What stands in a record instead of a mark that is not shown.
HIDDEN = "*"

#: The marks of a record, in their order.
COLUMNS = ("state", "section", "size", "topic", "kind", "minutes", "outcome", "partner")

#: Classes of duration: the key, and the longest duration in it (None: no limit).
MINUTES: tuple[tuple[str, int | None], ...] = (
    ("0-15", 15),
    ("16-30", 30),
    ("31-60", 60),
    ("61-120", 120),
    ("121-", None),
)

#: Which marks are shown together, from fine to coarse; the order says what officers ask for first.
STEPS: tuple[tuple[str, ...], ...] = (
    ("state", "section", "size", "topic", "kind", "minutes", "outcome"),
    ("state", "size", "topic", "kind", "minutes", "outcome"),
    ("state", "topic", "kind", "minutes", "outcome"),
    ("state", "topic", "kind", "minutes"),
    ("topic", "kind", "minutes", "outcome"),
    ("topic", "kind", "minutes"),
    ("state", "topic", "kind"),
    ("topic", "kind", "partner"),
    ("topic", "kind"),
    ("state", "section", "size"),
    ("state", "topic"),
    ("topic", "partner"),
    ("topic",),
    ("state", "size"),
    ("state", "section"),
    ("state",),
    ("section",),
    ("size",),
    ("partner",),
)


@dataclass(frozen=True, slots=True)
class Record:
    """One service without a name. `party` is the number of whoever got it ("c…": a company); it is never shown."""

    party: str
    state: str
    section: str
    size: str
    topic: str
    kind: str
    minutes: int
    outcome: str
    partner: str = ""

    def mark(self, name: str) -> str:
        """Return one mark as it could be shown: minutes as a class."""
        return minutes_class(self.minutes) if name == "minutes" else str(getattr(self, name))


#: One line as it is shown: every column, `HIDDEN` where a mark is not.
Shown = dict[str, str]


def minutes_class(minutes: int) -> str:
    """Return the class a duration lies in."""
    return next(key for key, most in MINUTES if most is None or minutes <= most)


def _open(record: Record, names: Sequence[str], tables: Mapping[str, Published]) -> bool:
    return all(
        name not in tables or (not tables[name].withheld and record.mark(name) in tables[name].open) for name in names
    )


def _companies(records: Sequence[Record]) -> int:
    return len({r.party for r in records if r.party.startswith("c")})


_Group = tuple[tuple[tuple[str, str], ...], list[Record]]


def _groups(records: Sequence[Record], tables: Mapping[str, Published]) -> list[_Group]:
    """Return the groups of the list, each as (its marks, its records), the group without marks last; [] if it cannot be made."""
    left, made = list(records), list[_Group]()
    for names in STEPS:
        found: dict[tuple[tuple[str, str], ...], list[Record]] = {}
        rest: list[Record] = []
        for record in left:
            if _open(record, names, tables):
                found.setdefault(tuple((n, record.mark(n)) for n in names), []).append(record)
            else:
                rest.append(record)
        for marks, group in sorted(found.items()):
            if _companies(group) >= THRESHOLD:
                made.append((marks, group))
            else:
                rest += group
        left = rest
    while left and _companies(left) < THRESHOLD:
        if not made:
            return []
        # The coarsest of the smallest joins those left over.
        smallest = min(range(len(made)), key=lambda i: (_companies(made[i][1]), -i))
        left += made.pop(smallest)[1]
    return [*made, ((), left)] if left else made


def shown(records: Sequence[Record], tables: Mapping[str, Published]) -> list[tuple[Record, Shown]]:
    """Return every record beside the line it is shown as; [] where fewer than five companies are in all of them."""
    made = []
    for marks, group in _groups(records, tables):
        line = dict.fromkeys(COLUMNS, HIDDEN) | dict(marks)
        made += [(record, line) for record in group]
    return made


def opened(records: Sequence[Record], tables: Mapping[str, Published], by: str = "", value: str = "") -> list[Shown]:
    """Return the lines of a quarter's list, all or those that carry a mark, in an order that tells nothing."""
    lines = sorted((line for _, line in shown(records, tables)), key=_place)
    return carrying(lines, by, value) if by else lines


def carrying(lines: Sequence[Shown], by: str, value: str) -> list[Shown]:
    """Return the lines that carry a mark; none for one that is hidden, or of which lines say nothing."""
    return [line for line in lines if value != HIDDEN and line.get(by) == value]


def _place(line: Shown) -> tuple[tuple[bool, str], ...]:
    return tuple((value == HIDDEN, value) for value in line.values())
