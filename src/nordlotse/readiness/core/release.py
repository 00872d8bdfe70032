"""Own participants as published figures: the fixed tree of cells, who is counted in each, and what must stay out.

The tree is all → size → size and sector → size, sector and state; there are no other filters. A release takes the cells
from the top, each as full as `disclosure` allows beside everything ever published. Who comes in waits for four others; who takes back the
consent is taken out together with at least four others, drawn by lot, who may come back with a later release: otherwise the difference
of two releases would be that one company.

Published per cell: n, and per dimension and in total the mean with a 95 % interval (Student's t; Gosset 1908), unless all
members have the same value. Shares per level are not published: a level that nobody or everybody reached would tell of each of them.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nordlotse.readiness.core import disclosure

__all__ = ["ALL", "Cell", "Draft", "Issue", "Member", "cells_of", "draft", "interval", "token"]

#: The cell of everybody. Others are "small", "small/C", "small/C/HH".
ALL = "all"

#: New ones come in once they are one in so many of those already counted.
_SHARE = 5

#: The name under which a member counts as itself, whatever its values are.
_SELF = ""


@dataclass(frozen=True, slots=True)
class Member:
    """One company that agreed to be compared: a token in place of its key, the cells it counts in (widest first), values by name.

    A cell publishes those values that all its members have. `key` is the check's own; no release holds it (see `marks`).
    """

    token: str
    cells: tuple[str, ...]
    values: Mapping[str, float]
    key: str


@dataclass(frozen=True, slots=True)
class Cell:
    """Figures of one cell: n, and (mean, low, high) per dimension and for the total; `as_of` is the day they were worked out."""

    n: int
    values: Mapping[str, tuple[float, float, float]]
    as_of: str


@dataclass(frozen=True, slots=True)
class Issue:
    """What a release published: per cell the tokens of its members, and per token what stood for each value (see `marks`)."""

    members: Mapping[str, frozenset[str]]
    marks: Mapping[str, Mapping[str, str]]
    cells: Mapping[str, Cell]
    model_hash: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A release ready to be published; `changed` tells whether anything differs from the last one."""

    issue: Issue
    changed: bool


def token(key: str) -> str:
    """Return what stands for a check in a release: nobody finds the key from it, and the same check keeps it."""
    return hashlib.sha256(f"release {key}".encode()).hexdigest()[:16]


def cells_of(size: str, sector: str, state: str) -> tuple[str, ...]:
    """Return the cells a company belongs to, widest first: a level whose detail is unknown ends the way down."""
    found = [ALL]
    for part in (size, sector, state):
        if not part:
            break
        found.append(part if found[-1] == ALL else f"{found[-1]}/{part}")
    return tuple(found)


def interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Return mean, lower and upper end of the 95 % interval by Student's t, rounded to two decimals; one value has no width to tell.

    Raises:
        ValueError: there are fewer than two values.
    """
    if len(values) < 2:
        raise ValueError("an interval needs at least two values")
    from scipy.stats import t

    mean = math.fsum(values) / len(values)
    spread = math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (len(values) - 1))
    half = float(t.ppf(0.975, len(values) - 1)) * spread / math.sqrt(len(values))
    return round(mean, 2), round(mean - half, 2), round(mean + half, 2)


def marks(member: Member) -> dict[str, str]:
    """Return what stands for each of a member's values: the same only while the value is the same.

    Made with the check's key and not with its token, which stands beside it: there are few values, and whoever has the table could try
    them all. When a check is deleted its key is gone, and nobody finds the value any more.
    """
    return {
        name: hashlib.sha256(f"mark {member.key} {name} {value!r}".encode()).hexdigest()[:10]
        for name, value in member.values.items()
    }


class _Audits:
    """What is out, by member, and by member and value for each figure of which some value ever changed.

    By member alone, because a new version of a model may turn every value into another that says the same; by value, because whoever
    changes answers leaves a cell and joins it at once. A figure whose values never changed says the same as the members alone.
    """

    def __init__(self, out: Sequence[Issue], now: Mapping[str, Mapping[str, str]], names: Sequence[str]) -> None:
        self._now = now
        moved = [name for name in names if _moved(name, [*(issue.marks for issue in out), now])]
        self._out = {name: disclosure.Published() for name in (_SELF, *moved)}
        for issue in out:
            for cell in sorted(issue.members):
                self._take(issue.members[cell], issue.marks)

    def _take(self, members: frozenset[str], marks: Mapping[str, Mapping[str, str]]) -> None:
        for name, out in self._out.items():
            out.add(_marked(members, marks, name))

    def safe_part(self, members: frozenset[str], lot: random.Random) -> frozenset[str]:
        """Return as many of these as every figure allows; each turn takes some away, so it comes to an end."""
        while True:
            before = members
            for name, out in self._out.items():
                whose = {next(iter(_marked(frozenset([one]), self._now, name))): one for one in members}
                members = frozenset(whose[mark] for mark in out.safe_part(frozenset(whose), lot))
            if members == before:
                return members

    def add(self, members: frozenset[str]) -> None:
        """Take in what is published now."""
        self._take(members, self._now)


def _moved(name: str, all_marks: Sequence[Mapping[str, Mapping[str, str]]]) -> bool:
    """Tell whether a member ever stood with two different values for a figure."""
    known: dict[str, str] = {}
    return any(
        known.setdefault(one, found[name]) != found[name]
        for marks in all_marks
        for one, found in marks.items()
        if name in found
    )


def _marked(members: frozenset[str], marks: Mapping[str, Mapping[str, str]], name: str) -> frozenset[str]:
    if name == _SELF:
        return members
    return frozenset(f"{one}:{marks.get(one, {}).get(name, '')}" for one in members)


def draft(
    members: Sequence[Member],
    history: Sequence[Issue],
    *,
    names: Sequence[str],
    model_hash: str,
    today: str,
    seed: str,
    beside: Sequence[Issue] = (),
) -> Draft:
    """Work out the next release from who agrees now and everything published before (oldest first).

    `names` are the dimensions and the total; `seed` is a secret, the lot by which others leave together with one who left.
    `beside` is what else was ever published of the same companies, the changes beside the comparison and other models: a group that is one
    company smaller there tells of that company as well as one in an earlier release does.
    """
    last = history[-1] if history else None
    known = {m.token: m for m in members}
    current: dict[str, set[str]] = defaultdict(set)
    for member in members:
        for cell in member.cells:
            current[cell].add(member.token)
    now = {m.token: marks(m) for m in members}
    audits = _Audits([*beside, *history], now, names)
    lot = random.Random(seed)  # noqa: S311 - the seed is a secret; who rests is not
    waiting = _waiting({m.token: m.cells for m in members}, frozenset(now) - _counted(history), last)
    chosen: dict[str, frozenset[str]] = {}
    cells: dict[str, Cell] = {}
    for cell in sorted(current, key=_depth):
        within = chosen.get(_parent(cell), frozenset(now)) - waiting
        group = audits.safe_part(frozenset(current[cell]) & within, lot)
        if len(group) >= disclosure.MINIMUM:
            audits.add(group)
            chosen[cell] = group
            found = [known[one] for one in sorted(group)]
            cells[cell] = _cell(cell, found, last, model_hash, group, now, today, names)
    issue = Issue(chosen, {one: now[one] for group in chosen.values() for one in group}, cells, model_hash)
    return Draft(issue, last is None or last.cells != cells or last.model_hash != model_hash)


def _counted(history: Sequence[Issue]) -> frozenset[str]:
    return frozenset(one for issue in history for group in issue.members.values() for one in group)


def _waiting(cells: Mapping[str, tuple[str, ...]], new: frozenset[str], last: Issue | None) -> frozenset[str]:
    """Return who of the new ones waits for others: what comes in together can never be told apart in parts of fewer than five.

    The odd ones, with fewer than four others of their own size, wait until twice the threshold of them are there. The others
    come in once they are a fifth of those counted: large groups can later be shown by sector and state, small ones cannot.
    Where nothing is published yet nobody waits.
    """
    if last is None or not last.members:
        return frozenset()
    groups: dict[str, set[str]] = defaultdict(set)
    for one in new:
        groups[cells[one][1] if len(cells[one]) > 1 else cells[one][0]].add(one)
    odd = {one for group in groups.values() if len(group) < disclosure.MINIMUM for one in group}
    if len(odd) >= 2 * disclosure.MINIMUM:
        odd = set()
    counted = max(len(group) for group in last.members.values())
    return new if len(new - odd) * _SHARE < counted else frozenset(odd)


def _parent(cell: str) -> str:
    return cell.rpartition("/")[0] or (ALL if cell != ALL else "")


def _depth(cell: str) -> tuple[bool, int, str]:
    return cell != ALL, cell.count("/"), cell


def _cell(
    cell: str,
    members: Sequence[Member],
    last: Issue | None,
    model_hash: str,
    wanted: frozenset[str],
    now: Mapping[str, Mapping[str, str]],
    today: str,
    names: Sequence[str],
) -> Cell:
    """Return a cell's figures; the last ones with their day where nothing has changed."""
    unchanged = last is not None and last.model_hash == model_hash and last.members.get(cell) == wanted
    if last is not None and unchanged and cell in last.cells and all(last.marks.get(one) == now[one] for one in wanted):
        return last.cells[cell]
    common = [name for name in names if all(name in m.values for m in members)]
    figures = {name: interval([m.values[name] for m in members]) for name in common}
    # Where all have the same value, its mean would be the value of each.
    return Cell(len(members), {name: found for name, found in figures.items() if found[1] < found[2]}, today)
